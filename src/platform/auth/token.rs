//! Access tokens: short-lived JWTs (RFC 7519), signed with ES256, that say who the caller is. The keys are stored in
//! the database. This module creates keys, signs with the newest one, and refuses every token that is not exactly one
//! of ours.
//!
//! Time is an argument and always [`Clock::wall`](crate::platform::clock::Clock::wall): the demonstration moves the
//! time of the domain, and that must not expire tokens.

mod key;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub use key::{PublicKey, RETIRED_KEY_MINUTES, SigningKey};

use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;

/// The longest token that is parsed, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// How far the clock of the issuing machine may be ahead of ours, in seconds.
const ISSUED_AHEAD_SECONDS: i64 = 60;

/// A role in a token. It only tells a frontend what to show; the roles in the database decide what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleClaim {
    /// The code of the role.
    pub role: String,
    /// For a signatory: the capacity in which they sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer_role: Option<String>,
    /// The programme that the role is limited to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme_id: Option<Id>,
    /// The kommun that the role is limited to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kommunkod: Option<String>,
}

/// The claims of an access token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer: `PUBLIC_URL`.
    pub iss: String,
    /// The subject: the id of the person or API client.
    pub sub: Id,
    /// The audience: `PUBLIC_URL/api/v1`.
    pub aud: String,
    /// When it expires, in seconds since 1970.
    pub exp: i64,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// The id of the token.
    pub jti: Id,
    /// The session that it belongs to; none for an API client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Id>,
    /// The roles at the time of issue; absent when there are none, or too many for a token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleClaim>,
    /// The client id of an API client; absent for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

/// Why a token is refused. The client is told only that it needs a valid token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Longer than [`MAX_TOKEN_BYTES`].
    #[error("the token is longer than 8 KiB")]
    TooLong,
    /// Not a JWT with our claims.
    #[error("the token is malformed")]
    Malformed,
    /// Not signed with ES256.
    #[error("the token's algorithm is not ES256")]
    WrongAlgorithm,
    /// No key has its `kid`. Another process may have created that key after the ring was read.
    #[error("the token's key is unknown")]
    UnknownKey,
    /// Its key was retired more than [`RETIRED_KEY_MINUTES`] ago.
    #[error("the token's key is retired")]
    RetiredKey,
    /// The signature is not valid.
    #[error("the token's signature is wrong")]
    WrongSignature,
    /// Another issuer.
    #[error("the token's issuer is wrong")]
    WrongIssuer,
    /// Another audience.
    #[error("the token's audience is wrong")]
    WrongAudience,
    /// Expired.
    #[error("the token has expired")]
    Expired,
    /// Issued more than 60 s in the future.
    #[error("the token is from the future")]
    NotYetValid,
}

/// The most verified tokens that a ring remembers. When there are more, it forgets all of them.
const REMEMBERED: usize = 10_000;

/// The keys. The newest one that is not retired signs; the others only verify. A ring remembers the tokens that it has
/// verified, because verifying a signature takes longer than reading a row. The ring is read again every few seconds,
/// so it does not remember them for long after a change of keys.
#[derive(Debug)]
pub struct KeyRing {
    keys: Vec<Entry>,
    validation: Validation,
    verified: RwLock<HashMap<[u8; 32], Verified>>,
}

/// The claims of a token, and the index of the key that signed it.
#[derive(Clone, Debug)]
struct Verified {
    claims: Arc<Claims>,
    key: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    key: SigningKey,
    /// Created once, because every request needs it.
    verifier: DecodingKey,
}

impl KeyRing {
    /// A ring of these keys, given in any order.
    pub fn new(mut keys: Vec<SigningKey>) -> Result<Self, Problem> {
        keys.sort_by(|a, b| (b.created_at, &b.public.kid).cmp(&(a.created_at, &a.public.kid)));
        let entry = |key: SigningKey| {
            let verifier =
                DecodingKey::from_ec_components(&key.public.x, &key.public.y).map_err(Problem::internal)?;
            Ok(Entry { key, verifier })
        };
        // The library checks only algorithm and signature; `check_claims` does the rest. The library would use the
        // system clock, and would accept tokens that lack a claim.
        let mut validation = Validation::new(Algorithm::ES256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let keys = keys.into_iter().map(entry).collect::<Result<_, Problem>>()?;
        Ok(Self { keys, validation, verified: RwLock::default() })
    }

    /// The key that signs; none when all are retired.
    pub fn signing_key(&self) -> Option<&SigningKey> {
        self.keys().find(|key| key.retired_at.is_none())
    }

    /// All keys, newest first.
    pub fn keys(&self) -> impl Iterator<Item = &SigningKey> {
        self.keys.iter().map(|entry| &entry.key)
    }

    /// A signed token with these claims.
    pub fn sign(&self, claims: &Claims) -> Result<String, Problem> {
        let key = self.signing_key().ok_or_else(|| Problem::internal("no signing key is in force"))?;
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(key.public.kid.clone());
        let private = EncodingKey::from_ec_der(&key.private_pkcs8);
        jsonwebtoken::encode(&header, claims, &private).map_err(Problem::internal)
    }

    /// The claims of a token, if we signed it for this audience and it is valid at `wall`.
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
        check_claims(&claims, issuer, audience, wall)?;
        Ok(claims)
    }

    /// Verifies the signature and remembers the token.
    fn signed_by_us(&self, token: &str, digest: [u8; 32]) -> Result<Verified, TokenFault> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenFault::Malformed)?;
        if header.alg != Algorithm::ES256 {
            return Err(TokenFault::WrongAlgorithm);
        }
        let kid = header.kid.as_deref();
        let found =
            self.keys.iter().enumerate().find(|(_, entry)| Some(entry.key.public.kid.as_str()) == kid);
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

fn check_claims(claims: &Claims, issuer: &str, audience: &str, wall: Instant) -> Result<(), TokenFault> {
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

/// The public keys that verify at `wall`, as in `/.well-known/jwks.json`.
pub fn jwks(ring: &KeyRing, wall: Instant) -> Value {
    json!({ "keys": ring.keys().filter(|key| key.verifies_at(wall)).map(|key| key.public.jwk()).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests;
