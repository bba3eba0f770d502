//! Access tokens: short-lived signed statements of who somebody is, so that no request needs a password. They are JWTs
//! (RFC 7519) signed with ES256. Which keys exist is stored; this module makes them, signs with the newest, and refuses
//! every token that is not exactly one of ours.
//!
//! Time is an argument, always [`Clock::wall`](crate::platform::clock::Clock::wall): the demonstration moves the
//! domain's time, and nobody's token may expire from that.

mod key;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub use key::{RETIRED_KEY_MINUTES, SigningKey};

use crate::platform::http::problem::Problem;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// How far ahead of ours the clock of the machine that issued a token may be, in seconds.
const ISSUED_AHEAD_SECONDS: i64 = 60;

/// A role as a token tells it. It tells a frontend what to show; what is allowed is decided by the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleClaim {
    /// Code of the role.
    pub role: String,
    /// For which signature, when the role is to sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer_role: Option<String>,
    /// The programme that the role is limited to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme_id: Option<Id>,
    /// The kommun that the role is limited to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kommunkod: Option<String>,
}

/// What an access token states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it: `PUBLIC_URL`.
    pub iss: String,
    /// Whom it speaks for: the person's or the API client's id.
    pub sub: Id,
    /// For whom it is meant: `PUBLIC_URL/api/v1`.
    pub aud: String,
    /// From when on it is no longer valid, in seconds since 1970.
    pub exp: i64,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// Its own id.
    pub jti: Id,
    /// The session it belongs to; a system's token has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Id>,
    /// The roles held when it was issued; absent when there are none, or more than a token holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleClaim>,
    /// The API client, when a system and not a person is speaking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

/// Why a token is refused. For the log: a client is only told that it needs a valid one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("the token is longer than 8 KiB")]
    TooLong,
    /// Not a JWT with our claims.
    #[error("the token is malformed")]
    Malformed,
    /// Another algorithm than ES256.
    #[error("the token's algorithm is not ES256")]
    WrongAlgorithm,
    /// No key has its `kid`. Another process may have made one since the ring was read.
    #[error("the token's key is unknown")]
    UnknownKey,
    /// Its key was retired more than [`RETIRED_KEY_MINUTES`] ago.
    #[error("the token's key is retired")]
    RetiredKey,
    /// The signature does not fit.
    #[error("the token's signature is wrong")]
    WrongSignature,
    /// Issued by somebody else.
    #[error("the token's issuer is another")]
    WrongIssuer,
    /// Meant for somebody else.
    #[error("the token's audience is another")]
    WrongAudience,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Issued more than 60 s in the future.
    #[error("the token is from the future")]
    NotYetValid,
}

/// A ring remembers so many verified tokens at most; then it starts anew.
const REMEMBERED: usize = 10_000;

/// The keys in force: the newest one that is not retired signs; the others only verify. A ring also remembers which
/// tokens its keys have signed: to verify a signature takes longer than to read a row. It is read again every few
/// seconds, so what it remembers never outlives a change of keys by more.
#[derive(Debug)]
pub struct KeyRing {
    keys: Vec<Entry>,
    validation: Validation,
    verified: RwLock<HashMap<[u8; 32], Verified>>,
}

/// What a token states, and the place of the key that signed it.
#[derive(Clone, Debug)]
struct Verified {
    claims: Arc<Claims>,
    key: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    key: SigningKey,
    /// Made once: every request needs it.
    verifier: DecodingKey,
}

impl KeyRing {
    /// The ring of these keys, in any order.
    pub fn new(mut keys: Vec<SigningKey>) -> Result<Self, Problem> {
        keys.sort_by(|a, b| (b.created_at, &b.kid).cmp(&(a.created_at, &a.kid)));
        let entry = |key: SigningKey| {
            let verifier =
                DecodingKey::from_ec_components(&key.public_x, &key.public_y).map_err(Problem::internal)?;
            Ok(Entry { key, verifier })
        };
        // The library checks algorithm and signature. It would take the time from the machine and let a claim that it
        // is to compare be absent, so issuer, audience and times are compared in `judge`.
        let mut validation = Validation::new(Algorithm::ES256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let keys = keys.into_iter().map(entry).collect::<Result<_, Problem>>()?;
        Ok(Self { keys, validation, verified: RwLock::default() })
    }

    /// The key that signs now; none when all are retired.
    pub fn signing_key(&self) -> Option<&SigningKey> {
        self.keys().find(|key| key.retired_at.is_none())
    }

    /// Every key, the newest first.
    pub fn keys(&self) -> impl Iterator<Item = &SigningKey> {
        self.keys.iter().map(|entry| &entry.key)
    }

    /// A token that states the claims.
    pub fn sign(&self, claims: &Claims) -> Result<String, Problem> {
        let key = self.signing_key().ok_or_else(|| Problem::internal("no signing key is in force"))?;
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(key.kid.clone());
        let private = EncodingKey::from_ec_der(&key.private_pkcs8);
        jsonwebtoken::encode(&header, claims, &private).map_err(Problem::internal)
    }

    /// Signs a text: the key's name and the signature, base64url.
    pub fn sign_text(&self, text: &str) -> Result<(String, String), Problem> {
        let key = self.signing_key().ok_or_else(|| Problem::internal("no signing key is in force"))?;
        let private = EncodingKey::from_ec_der(&key.private_pkcs8);
        let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &private, Algorithm::ES256);
        Ok((key.kid.clone(), signature.map_err(Problem::internal)?))
    }

    /// Whether the key of this name, in force or retired, has signed the text.
    pub fn has_signed(&self, kid: &str, signature: &str, text: &str) -> bool {
        let verifies = |verifier: &DecodingKey| {
            jsonwebtoken::crypto::verify(signature, text.as_bytes(), verifier, Algorithm::ES256)
        };
        let entry = self.keys.iter().find(|entry| entry.key.kid == kid);
        entry.is_some_and(|entry| verifies(&entry.verifier).unwrap_or(false))
    }

    /// The claims of a token that is ours, meant for this audience, and valid at `wall`.
    pub fn verify(
        &self,
        token: &str,
        issuer: &str,
        audience: &str,
        wall: Instant,
    ) -> Result<Arc<Claims>, TokenFault> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::TooLong);
        }
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let known = self.verified.read().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        let Verified { claims, key } = match known {
            Some(known) => known,
            None => self.signed_by_us(token, digest)?,
        };
        if !self.keys.get(key).is_some_and(|entry| entry.key.verifies_at(wall)) {
            return Err(TokenFault::RetiredKey);
        }
        judge(&claims, issuer, audience, wall)?;
        Ok(claims)
    }

    /// Verifies the signature and remembers that it holds.
    fn signed_by_us(&self, token: &str, digest: [u8; 32]) -> Result<Verified, TokenFault> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenFault::Malformed)?;
        if header.alg != Algorithm::ES256 {
            return Err(TokenFault::WrongAlgorithm);
        }
        let kid = header.kid.as_deref();
        let found = self.keys.iter().enumerate().find(|(_, entry)| Some(entry.key.kid.as_str()) == kid);
        let (key, entry) = found.ok_or(TokenFault::UnknownKey)?;
        let decoded = jsonwebtoken::decode::<Claims>(token, &entry.verifier, &self.validation);
        let claims = Arc::new(decoded.map_err(|error| as_fault(error.kind()))?.claims);
        let verified = Verified { claims, key };
        let mut remembered = self.verified.write().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(digest, verified.clone());
        Ok(verified)
    }
}

fn as_fault(kind: &ErrorKind) -> TokenFault {
    match kind {
        ErrorKind::InvalidSignature => TokenFault::WrongSignature,
        ErrorKind::InvalidAlgorithm => TokenFault::WrongAlgorithm,
        _ => TokenFault::Malformed,
    }
}

fn judge(claims: &Claims, issuer: &str, audience: &str, wall: Instant) -> Result<(), TokenFault> {
    if claims.iss != issuer {
        return Err(TokenFault::WrongIssuer);
    }
    if claims.aud != audience {
        return Err(TokenFault::WrongAudience);
    }
    if claims.exp <= wall.seconds() {
        return Err(TokenFault::Expired);
    }
    if claims.iat > wall.seconds().saturating_add(ISSUED_AHEAD_SECONDS) {
        return Err(TokenFault::NotYetValid);
    }
    Ok(())
}

/// The public halves that verify at `wall`, as `/.well-known/jwks.json` shows them.
pub fn jwks(ring: &KeyRing, wall: Instant) -> Value {
    json!({ "keys": ring.keys().filter(|key| key.verifies_at(wall)).map(SigningKey::jwk).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::platform::ids::Ids;

    const ISSUER: &str = "https://api.example.org";
    const AUDIENCE: &str = "https://api.example.org/api/v1";
    const NOW: Instant = Instant::from_millis(1_604_000_000_000);

    fn key(seed: u64) -> SigningKey {
        SigningKey::generate(&Ids::seeded(seed), NOW).unwrap()
    }

    fn ring() -> KeyRing {
        KeyRing::new(vec![key(1)]).unwrap()
    }

    fn claims() -> Claims {
        let ids = Ids::seeded(7);
        Claims {
            iss: ISSUER.to_owned(),
            sub: ids.id(NOW),
            aud: AUDIENCE.to_owned(),
            exp: NOW.seconds() + 300,
            iat: NOW.seconds(),
            jti: ids.id(NOW),
            sid: Some(ids.id(NOW)),
            roles: vec![RoleClaim {
                role: "signer".to_owned(),
                signer_role: Some("kommunchef".to_owned()),
                programme_id: None,
                kommunkod: Some("2582".to_owned()),
            }],
            client_id: None,
        }
    }

    fn verify(token: &str, wall: Instant) -> Result<Claims, TokenFault> {
        ring().verify(token, ISSUER, AUDIENCE, wall).map(Arc::unwrap_or_clone)
    }

    /// A token with any header and payload, signed with the ring's key.
    fn crafted(header: &Value, payload: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(payload));
        let private = EncodingKey::from_ec_der(&key(1).private_pkcs8);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &private, Algorithm::ES256).unwrap();
        format!("{message}.{signature}")
    }

    fn header() -> Value {
        json!({"alg": "ES256", "typ": "JWT", "kid": key(1).kid})
    }

    fn changed(name: &str, value: Value) -> String {
        let mut payload = serde_json::to_value(claims()).unwrap();
        payload[name] = value;
        crafted(&header(), &payload)
    }

    #[test]
    fn what_is_signed_is_read_again() {
        let token = ring().sign(&claims()).unwrap();
        assert_eq!(verify(&token, NOW), Ok(claims()));
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(
            payload["roles"],
            json!([{"role": "signer", "signerRole": "kommunchef", "kommunkod": "2582"}])
        );
        assert!(payload.get("client_id").is_none());
    }

    #[test]
    fn a_system_has_a_client_id_and_no_session() {
        let system = Claims { sid: None, client_id: Some("payroll".to_owned()), roles: vec![], ..claims() };
        let token = ring().sign(&system).unwrap();
        assert_eq!(verify(&token, NOW), Ok(system));
    }

    #[test]
    fn it_expires_to_the_second() {
        let token = ring().sign(&claims()).unwrap();
        assert!(verify(&token, NOW.plus_millis(299_999)).is_ok());
        assert_eq!(verify(&token, NOW.plus_millis(300_000)), Err(TokenFault::Expired));
    }

    #[test]
    fn a_clock_may_be_a_minute_ahead_and_no_more() {
        let token = ring().sign(&claims()).unwrap();
        assert!(verify(&token, NOW.plus_millis(-60_000)).is_ok());
        assert_eq!(verify(&token, NOW.plus_millis(-61_000)), Err(TokenFault::NotYetValid));
    }

    #[test]
    fn extreme_times_do_not_overflow() {
        assert_eq!(verify(&changed("exp", json!(i64::MIN)), NOW), Err(TokenFault::Expired));
        assert_eq!(verify(&changed("iat", json!(i64::MAX)), NOW), Err(TokenFault::NotYetValid));
        assert!(verify(&changed("exp", json!(i64::MAX)), NOW).is_ok());
        let end = Instant::from_millis(i64::MAX);
        assert_eq!(verify(&changed("exp", json!(0)), end), Err(TokenFault::Expired));
    }

    #[test]
    fn another_issuer_or_audience_is_refused() {
        assert_eq!(verify(&changed("iss", json!("https://evil.example")), NOW), Err(TokenFault::WrongIssuer));
        assert_eq!(verify(&changed("aud", json!(ISSUER)), NOW), Err(TokenFault::WrongAudience));
    }

    #[test]
    fn absent_and_ill_typed_claims_are_refused() {
        for name in ["iss", "sub", "aud", "exp", "iat", "jti"] {
            let mut payload = serde_json::to_value(claims()).unwrap();
            payload.as_object_mut().unwrap().remove(name);
            assert_eq!(verify(&crafted(&header(), &payload), NOW), Err(TokenFault::Malformed), "{name}");
            assert_eq!(verify(&changed(name, Value::Null), NOW), Err(TokenFault::Malformed), "{name}");
        }
        // A list that contains our audience is more than we ever issue.
        for (name, value) in [("aud", json!([AUDIENCE])), ("exp", json!("9999999999")), ("exp", json!(9e18))]
        {
            assert_eq!(verify(&changed(name, value), NOW), Err(TokenFault::Malformed), "{name}");
        }
    }

    #[test]
    fn alg_none_is_refused() {
        let payload = serde_json::to_value(claims()).unwrap();
        for alg in ["none", "None", "NONE", "nOnE", ""] {
            let forged = crafted(&json!({"alg": alg, "typ": "JWT", "kid": key(1).kid}), &payload);
            assert!(verify(&forged, NOW).is_err(), "{alg}");
            let unsigned = &forged[..=forged.rfind('.').unwrap()];
            assert!(verify(unsigned, NOW).is_err(), "{alg} without signature");
            assert!(verify(unsigned.trim_end_matches('.'), NOW).is_err(), "{alg} in two parts");
        }
    }

    #[test]
    fn hs256_with_the_public_key_as_secret_is_refused() {
        let public = key(1);
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(public.kid.clone());
        let mut point = vec![4];
        point.extend(URL_SAFE_NO_PAD.decode(&public.public_x).unwrap());
        point.extend(URL_SAFE_NO_PAD.decode(&public.public_y).unwrap());
        let as_text = public.jwk().to_string().into_bytes();
        for secret in [point, as_text, public.public_x.into_bytes()] {
            let forged =
                jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&secret)).unwrap();
            assert_eq!(verify(&forged, NOW), Err(TokenFault::WrongAlgorithm));
        }
        // The same signature under a header that claims ES256.
        header.alg = Algorithm::ES256;
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&super::tests::header()), part(&json!(claims())));
        let secret = EncodingKey::from_secret(b"anything");
        let mac = jsonwebtoken::crypto::sign(message.as_bytes(), &secret, Algorithm::HS256).unwrap();
        assert_eq!(verify(&format!("{message}.{mac}"), NOW), Err(TokenFault::WrongSignature));
    }

    #[test]
    fn every_other_algorithm_is_refused() {
        let payload = serde_json::to_value(claims()).unwrap();
        for alg in ["HS256", "HS384", "HS512", "ES384", "RS256", "PS256", "EdDSA"] {
            let forged = crafted(&json!({"alg": alg, "kid": key(1).kid}), &payload);
            assert_eq!(verify(&forged, NOW), Err(TokenFault::WrongAlgorithm), "{alg}");
        }
        for alg in ["ES512", "ES256K", "es256"] {
            let forged = crafted(&json!({"alg": alg, "kid": key(1).kid}), &payload);
            assert_eq!(verify(&forged, NOW), Err(TokenFault::Malformed), "{alg}");
        }
    }

    #[test]
    fn a_key_is_taken_from_the_ring_and_from_nowhere_else() {
        let payload = serde_json::to_value(claims()).unwrap();
        let stranger = KeyRing::new(vec![key(2)]).unwrap();
        assert_eq!(verify(&stranger.sign(&claims()).unwrap(), NOW), Err(TokenFault::UnknownKey));
        assert_eq!(verify(&crafted(&json!({"alg": "ES256"}), &payload), NOW), Err(TokenFault::UnknownKey));
        // Somebody else's key under our kid, and offered in the token's own header.
        let mut posing = key(2);
        posing.kid = key(1).kid;
        let forged = KeyRing::new(vec![posing]).unwrap().sign(&claims()).unwrap();
        assert_eq!(verify(&forged, NOW), Err(TokenFault::WrongSignature));
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(key(1).kid);
        header.jwk = serde_json::from_value(key(2).jwk()).ok();
        assert!(header.jwk.is_some());
        let private = EncodingKey::from_ec_der(&key(2).private_pkcs8);
        let forged = jsonwebtoken::encode(&header, &claims(), &private).unwrap();
        assert_eq!(verify(&forged, NOW), Err(TokenFault::WrongSignature));
    }

    #[test]
    fn what_is_changed_after_signing_is_refused() {
        let token = ring().sign(&claims()).unwrap();
        let parts: Vec<_> = token.split('.').collect();
        let payload = URL_SAFE_NO_PAD.encode(json!(Claims { exp: i64::MAX, ..claims() }).to_string());
        let longer = format!("{}.{payload}.{}", parts[0], parts[2]);
        assert_eq!(verify(&longer, NOW), Err(TokenFault::WrongSignature));
        let zeroes = format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode([0; 64]));
        assert_eq!(verify(&zeroes, NOW), Err(TokenFault::WrongSignature));
        let cut = format!("{}.{}.", parts[0], parts[1]);
        assert_eq!(verify(&cut, NOW), Err(TokenFault::WrongSignature));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let token = ring().sign(&claims()).unwrap();
        for text in
            ["", ".", "..", "...", "a.b.c", "åäö.åäö.åäö", "{}.{}.{}", &token[1..], &format!("{token}.")]
        {
            assert_eq!(verify(text, NOW), Err(TokenFault::Malformed), "{text}");
        }
        for text in [format!(" {token}"), format!("{token} "), format!("{token}=")] {
            assert!(verify(&text, NOW).is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_above_8_kib_is_not_looked_at() {
        let role =
            RoleClaim { role: "x".repeat(9000), signer_role: None, programme_id: None, kommunkod: None };
        let token = ring().sign(&Claims { roles: vec![role], ..claims() }).unwrap();
        assert_eq!(verify(&token, NOW), Err(TokenFault::TooLong));
    }

    #[test]
    fn the_newest_key_signs_and_a_retired_one_verifies_for_ten_minutes_more() {
        let old_token = ring().sign(&Claims { exp: i64::MAX, ..claims() }).unwrap();
        let retired = SigningKey { retired_at: Some(NOW), ..key(1) };
        let newer = SigningKey::generate(&Ids::seeded(2), NOW.plus_minutes(1)).unwrap();
        let ring = KeyRing::new(vec![retired, newer.clone()]).unwrap();
        assert_eq!(ring.signing_key().unwrap().kid, newer.kid);

        let last = NOW.plus_minutes(10).plus_millis(-1);
        assert!(ring.verify(&old_token, ISSUER, AUDIENCE, last).is_ok());
        assert_eq!(jwks(&ring, last)["keys"].as_array().unwrap().len(), 2);
        let over = NOW.plus_minutes(10);
        assert_eq!(ring.verify(&old_token, ISSUER, AUDIENCE, over), Err(TokenFault::RetiredKey));
        assert_eq!(jwks(&ring, over), json!({"keys": [newer.jwk()]}));
    }

    #[test]
    fn a_signed_text_is_known_again_and_a_changed_one_is_not() {
        let (kid, signature) = ring().sign_text("heads").unwrap();
        assert!(ring().has_signed(&kid, &signature, "heads"));
        assert!(!ring().has_signed(&kid, &signature, "head"));
        assert!(!ring().has_signed("another", &signature, "heads"));
        assert!(!ring().has_signed(&kid, "?", "heads"));
    }

    #[test]
    fn without_a_key_in_force_nothing_is_signed() {
        assert!(KeyRing::new(vec![]).unwrap().sign(&claims()).is_err());
        let retired = SigningKey { retired_at: Some(NOW), ..key(1) };
        assert!(KeyRing::new(vec![retired]).unwrap().sign(&claims()).is_err());
    }

    #[test]
    fn the_private_half_is_in_neither_the_jwks_nor_the_debug_text() {
        let ring = ring();
        let private = key(1).to_stored();
        let shown = format!("{} {ring:?} {:?}", jwks(&ring, NOW), key(1));
        assert!(!shown.contains(&private) && !shown.contains("private"));
        assert!(jwks(&ring, NOW)["keys"][0].get("d").is_none());
    }
}
