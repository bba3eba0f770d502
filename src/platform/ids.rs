//! Identifiers and secrets. The only source of randomness; injected like the clock, so that tests are repeatable.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::moment::Instant;
use super::text::ParseError;

/// The id of a row: a UUIDv7, so that rows created at the same time are close to each other in an index.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = super::db::sql_types::IdSql)]
#[serde(transparent)]
pub struct Id(pub Uuid);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Only the hyphenated form, so that each resource has one URL.
        let id = Some(text).filter(|text| text.len() == 36).and_then(|text| Uuid::parse_str(text).ok());
        id.map(Self).ok_or(ParseError::fixed("inte ett UUID", "not a UUID"))
    }
}

impl utoipa::PartialSchema for Id {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Uuid)))
            .examples(["0175a2e1-7c00-7000-8000-000000000001"])
            .into()
    }
}

impl utoipa::ToSchema for Id {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}

/// A secret that is handed out once (a link, a refresh token): 256 random bits, base64url without padding. Only its
/// SHA-256 is stored.
pub struct Secret(String);

impl Secret {
    /// The text to hand out.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The hash to store and to look up.
    pub fn hash(&self) -> String {
        secret_hash(&self.0)
    }
}

/// The hash of a secret that a caller presents: SHA-256 in hex. A fast hash is enough because the secret has 256 random
/// bits. The time of the lookup reveals nothing, because it compares hashes.
pub fn secret_hash(presented: &str) -> String {
    hex(&Sha256::digest(presented.as_bytes()))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// SHA-256 of a text, as 64 hex digits.
pub fn sha256_hex(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// The first 64 bits of the SHA-256 of a text, for a column that only groups rows.
pub fn sha256_number(text: &str) -> i64 {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(8).fold(0_i64, |number, byte| number << 8 | i64::from(*byte))
}

/// The source of identifiers and secrets.
#[derive(Clone)]
pub struct Ids(Arc<Filler>);

/// Fills a buffer with random bytes.
type Filler = dyn Fn(&mut [u8]) + Send + Sync;

impl Ids {
    /// Randomness of the operating system.
    pub fn system() -> Self {
        Self(Arc::new(fill_from_system))
    }

    /// A repeatable sequence for tests: SHA-256 of the seed and a counter.
    pub fn seeded(seed: u64) -> Self {
        let counter = AtomicU64::new(0);
        Self(Arc::new(move |out| {
            for chunk in out.chunks_mut(32) {
                let count = counter.fetch_add(1, Ordering::SeqCst);
                let block = Sha256::digest([seed.to_be_bytes(), count.to_be_bytes()].concat());
                for (to, from) in chunk.iter_mut().zip(block) {
                    *to = from;
                }
            }
        }))
    }

    /// A new identifier with the time `now`.
    pub fn id(&self, now: Instant) -> Id {
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        Id(uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes::<10>()).into_uuid())
    }

    /// A new secret of 256 bits.
    pub fn secret(&self) -> Secret {
        Secret(URL_SAFE_NO_PAD.encode(self.bytes::<32>()))
    }

    /// `N` random bytes, for salts, seeds and trace ids.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        (self.0)(&mut out);
        out
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids")
    }
}

#[expect(clippy::disallowed_methods, reason = "the only caller: everything else asks the injected source")]
fn fill_from_system(out: &mut [u8]) {
    if getrandom::fill(out).is_err() {
        // Without randomness every secret could be guessed. It is better to stop.
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_and_carry_their_time() {
        let id = Ids::system().id(Instant::from_millis(1_604_000_000_000));
        assert_eq!(id.0.get_version_num(), 7);
        assert_eq!(id.0.get_timestamp().unwrap().to_unix().0, 1_604_000_000);
    }

    #[test]
    fn a_seed_repeats_its_sequence() {
        let (a, b) = (Ids::seeded(1), Ids::seeded(1));
        let now = Instant::from_millis(0);
        assert_eq!(a.id(now), b.id(now));
        assert_ne!(a.id(now), a.id(now));
        assert_ne!(a.secret().reveal(), a.secret().reveal());
    }

    #[test]
    fn only_the_hyphenated_form_is_an_id() {
        assert!("0175a2e17c0070008000000000000001".parse::<Id>().is_err());
        assert!("0175a2e1-7c00-7000-8000-000000000001".parse::<Id>().is_ok());
    }
}
