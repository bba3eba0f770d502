//! Signing keys: how they are created, stored and published.

use std::fmt;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::encoding::{AsBigEndian as _, EcPrivateKeyBin};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, ParsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::platform::ids::Ids;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;

/// How long a retired key still verifies, in minutes: longer than the lifetime of an access token (5).
pub const RETIRED_KEY_MINUTES: i64 = 10;

/// A public key on the curve P-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The id of the key: its RFC 7638 thumbprint.
    pub kid: String,
    /// The x coordinate, base64url without padding.
    pub x: String,
    /// The y coordinate, base64url without padding.
    pub y: String,
}

/// What precedes the point in the SubjectPublicKeyInfo of a P-256 key (RFC 5480).
const SPKI: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The first byte of an uncompressed point (SEC 1); x and y of 32 bytes each follow.
const UNCOMPRESSED: u8 = 4;

impl PublicKey {
    /// The key with these coordinates, base64url without padding.
    pub fn new(x: String, y: String) -> Self {
        Self { kid: thumbprint(&x, &y), x, y }
    }

    /// The public key of a private one in PKCS#8; none when that is not a P-256 key.
    pub fn of_private(pkcs8: &[u8]) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).ok()?;
        Self::from_point(pair.public_key().as_ref())
    }

    /// The key from its SubjectPublicKeyInfo; none when that is not a P-256 key.
    pub fn from_spki(der: &[u8]) -> Option<Self> {
        let point = der.strip_prefix(SPKI)?;
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()?;
        Self::from_point(point)
    }

    /// Its SubjectPublicKeyInfo; none when the coordinates are not 32 bytes each.
    pub fn to_spki(&self) -> Option<Vec<u8>> {
        let coordinate = |text: &str| URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 32);
        Some([SPKI, &[UNCOMPRESSED], &coordinate(&self.x)?, &coordinate(&self.y)?].concat())
    }

    /// The key as a JWK (RFC 7517).
    pub fn jwk(&self) -> Value {
        json!({
            "kty": "EC", "crv": "P-256", "x": self.x, "y": self.y,
            "use": "sig", "alg": "ES256", "kid": self.kid,
        })
    }

    fn from_point(point: &[u8]) -> Option<Self> {
        let (x, y) = point.strip_prefix(&[UNCOMPRESSED])?.split_at_checked(32)?;
        Some(Self::new(URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y)))
    }
}

/// A key pair on the curve P-256. `Debug` does not show the private key.
#[derive(Clone)]
pub struct SigningKey {
    /// The public key.
    pub public: PublicKey,
    /// When it was created.
    pub created_at: Instant,
    /// When it was retired: from then on it only verifies.
    pub retired_at: Option<Instant>,
    pub(super) private_pkcs8: Vec<u8>,
}

impl SigningKey {
    /// A new key. Its randomness comes from `ids`, so that tests get the same keys every time.
    pub fn generate(ids: &Ids, now: Instant) -> Result<Self, Problem> {
        Self::from_pkcs8(Self::new_pkcs8(ids)?, now, None)
    }

    /// A new private key in PKCS#8.
    pub fn new_pkcs8(ids: &Ids) -> Result<Vec<u8>, Problem> {
        // 32 random bytes are a valid key unless they are 0 or above the curve's order: one in four thousand million.
        for _ in 0..8 {
            let Ok(private) = PrivateKey::from_private_key(&ECDH_P256, &ids.bytes::<32>()) else {
                continue;
            };
            return as_pkcs8(&private).map_err(|_| Problem::internal("a new signing key was not accepted"));
        }
        Err(Problem::internal("no signing key could be made: the randomness does not look random"))
    }

    /// The key from its stored form. The public key is computed from the private key.
    pub fn from_stored(
        private: &str,
        created_at: Instant,
        retired_at: Option<Instant>,
    ) -> Result<Self, Problem> {
        let der =
            STANDARD.decode(private).map_err(|_| Problem::internal("a stored signing key is not base64"))?;
        Self::from_pkcs8(der, created_at, retired_at)
    }

    /// The private key in its stored form: PKCS#8 (RFC 5208) in base64. A secret.
    pub fn to_stored(&self) -> String {
        STANDARD.encode(&self.private_pkcs8)
    }

    /// Whether tokens that it signed are accepted at `wall`.
    pub fn verifies_at(&self, wall: Instant) -> bool {
        self.retired_at.is_none_or(|at| wall < at.plus_minutes(RETIRED_KEY_MINUTES))
    }

    fn from_pkcs8(der: Vec<u8>, created_at: Instant, retired_at: Option<Instant>) -> Result<Self, Problem> {
        let public = PublicKey::of_private(&der);
        let public = public.ok_or_else(|| Problem::internal("a stored signing key is not a P-256 key"))?;
        Ok(Self { public, created_at, retired_at, private_pkcs8: der })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.public.kid)
            .field("created_at", &self.created_at)
            .field("retired_at", &self.retired_at)
            .finish_non_exhaustive()
    }
}

fn as_pkcs8(private: &PrivateKey) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
    let scalar: EcPrivateKeyBin<'_> = private.as_be_bytes()?;
    let public = private.compute_public_key()?;
    let pair = EcdsaKeyPair::from_private_key_and_public_key(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        scalar.as_ref(),
        public.as_ref(),
    )?;
    Ok(pair.to_pkcs8v1()?.as_ref().to_vec())
}

/// RFC 7638 §3: SHA-256 of the required members in alphabetical order, without spaces.
fn thumbprint(x: &str, y: &str) -> String {
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(members.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_604_000_000_000);

    fn key(seed: u64) -> SigningKey {
        SigningKey::generate(&Ids::seeded(seed), NOW).unwrap()
    }

    #[test]
    fn the_kid_is_the_thumbprint_and_a_seed_repeats_the_key() {
        let made = key(1);
        let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(made.public.jwk()).unwrap();
        assert_eq!(made.public.kid, jwk.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).unwrap());
        assert_eq!(made.public.kid, key(1).public.kid);
        assert_ne!(made.public.kid, key(2).public.kid);
    }

    #[test]
    fn a_stored_key_can_be_read_back() {
        let made = key(1);
        let read = SigningKey::from_stored(&made.to_stored(), NOW, Some(NOW)).unwrap();
        assert_eq!(read.public, made.public);
        assert_eq!(PublicKey::from_spki(&made.public.to_spki().unwrap()), Some(made.public.clone()));
        assert_eq!((read.created_at, read.retired_at), (NOW, Some(NOW)));
        assert_eq!(read.private_pkcs8, made.private_pkcs8);
        assert!(SigningKey::from_stored("?", NOW, None).is_err());
        assert!(SigningKey::from_stored("AAAA", NOW, None).is_err());
    }

    #[test]
    fn constant_bytes_are_no_key() {
        // RFC 5915 needs 1 ≤ d < n; all ones is above n for every draw.
        assert!(PrivateKey::from_private_key(&ECDH_P256, &[0xff; 32]).is_err());
        assert!(PrivateKey::from_private_key(&ECDH_P256, &[0; 32]).is_err());
    }
}
