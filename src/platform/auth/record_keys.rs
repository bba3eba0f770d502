//! The key that signs records: checkpoints of the audit trail, and packages. It is not in the database, so that nobody who can
//! write there can sign what they wrote. A file holds it (`RECORD_KEY_FILE`): first the private key, then the public keys
//! of earlier ones, all as PEM, because records are verified years later. What the file does not hold is not trusted.

use std::fmt;
use std::path::Path;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use pem::Pem;

use super::token::{PublicKey, SigningKey};
use crate::platform::files;
use crate::platform::ids::Ids;
use crate::platform::problem::Problem;

/// The label of a private key: PKCS#8 (RFC 7468 §10).
const PRIVATE: &str = "PRIVATE KEY";

/// The label of a public key: SubjectPublicKeyInfo (RFC 7468 §13).
const PUBLIC: &str = "PUBLIC KEY";

/// How a line of the file begins that tells of a lost key. It stands outside of the PEM blocks, as text that explains them
/// (RFC 7468 §5.2).
const LOST: &str = "Lost-Key: ";

/// A key that was lost. The operator vouches for what it signed: checkpoints are as they were when the file was made, whose newest one
/// has this number and this digest. Each holds the digest of the one before, so that one digest covers all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostKey {
    /// The key.
    pub kid: String,
    /// The number of the newest checkpoint that it signed.
    pub number: i64,
    /// The digest of that checkpoint.
    pub digest: String,
}

impl LostKey {
    fn from_line(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let (kid, number, digest) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
        words.next().is_none().then(|| Self { kid: kid.to_owned(), number, digest: digest.to_owned() })
    }
}

/// The keys for records: the one that signs, and all that verify. `Debug` shows no private key.
pub struct RecordKeys {
    signer: EncodingKey,
    /// The signing key's first.
    verifiers: Vec<(PublicKey, DecodingKey)>,
    lost: Vec<LostKey>,
}

impl fmt::Debug for RecordKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.public().map(|key| &key.kid)).finish()
    }
}

impl RecordKeys {
    /// The keys of a file's text. An error is a sentence for the operator.
    pub fn from_pem(text: &str) -> Result<Self, String> {
        let mut blocks = pem::parse_many(text).map_err(|error| error.to_string())?.into_iter();
        let first = blocks.next().filter(|block| block.tag() == PRIVATE);
        let private = first.ok_or(format!("it does not begin with a {PRIVATE} (PKCS#8, P-256)"))?;
        let own = PublicKey::of_private(private.contents()).ok_or("its private key is not of P-256")?;
        let mut keys = vec![own];
        for block in blocks {
            if block.tag() != PUBLIC {
                return Err(format!("it has a {}; after the first only {PUBLIC} is expected", block.tag()));
            }
            keys.push(PublicKey::from_spki(block.contents()).ok_or("a public key in it is not of P-256")?);
        }
        let verifier = |key: PublicKey| {
            let verifier =
                DecodingKey::from_ec_components(&key.x, &key.y).map_err(|error| error.to_string())?;
            Ok((key, verifier))
        };
        let verifiers = keys.into_iter().map(verifier).collect::<Result<_, String>>()?;
        let lines = text.lines().filter_map(|line| line.strip_prefix(LOST));
        let lost =
            lines.map(|line| LostKey::from_line(line).ok_or(format!("what follows `{LOST}` is not whole")));
        let lost = lost.collect::<Result<_, String>>()?;
        Ok(Self { signer: EncodingKey::from_ec_der(private.contents()), verifiers, lost })
    }

    /// The text of a file with a new private key. The public keys of `earlier` are kept in it, and it vouches for what `lost` signed.
    pub fn new_pem(
        ids: &Ids,
        earlier: impl IntoIterator<Item = PublicKey>,
        lost: &[LostKey],
    ) -> Result<String, Problem> {
        let private = SigningKey::new_pkcs8(ids)?;
        let mut blocks = vec![Pem::new(PRIVATE, private)];
        for key in earlier {
            let spki = key.to_spki().ok_or_else(|| Problem::internal("a public key is not of P-256"))?;
            blocks.push(Pem::new(PUBLIC, spki));
        }
        let lost =
            lost.iter().map(|LostKey { kid, number, digest }| format!("{LOST}{kid} {number} {digest}\n"));
        Ok(lost.collect::<String>() + &pem::encode_many(&blocks))
    }

    /// The keys of a file. An error is a sentence for the operator.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = files::read_secret(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::from_pem(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Writes a file with a new private key, which only the own user can read, into a folder that is there. It replaces nothing: when
    /// another process made the file meanwhile, that one stays. Returns whether it was made.
    pub fn make(
        path: &Path,
        ids: &Ids,
        earlier: impl IntoIterator<Item = PublicKey>,
        lost: &[LostKey],
    ) -> Result<bool, Problem> {
        let text = Self::new_pem(ids, earlier, lost)?;
        let made = files::write_new_private(path, text.as_bytes());
        made.map_err(|error| Problem::internal(format!("{}: {error}", path.display())))
    }

    /// The public keys, the signing one first.
    pub fn public(&self) -> impl Iterator<Item = &PublicKey> {
        self.verifiers.iter().map(|(key, _)| key)
    }

    /// The keys that were lost.
    pub fn lost(&self) -> &[LostKey] {
        &self.lost
    }

    /// Whether the file has this key, or vouches for what it signed.
    pub fn knows(&self, kid: &str) -> bool {
        self.public().any(|key| key.kid == kid) || self.lost.iter().any(|lost| lost.kid == kid)
    }

    /// Whether the file vouches for this checkpoint of a lost key.
    pub fn vouches_for(&self, kid: &str, number: i64, digest: &str) -> bool {
        let vouches =
            |lost: &LostKey| number < lost.number || (number == lost.number && digest == lost.digest);
        self.lost.iter().filter(|lost| lost.kid == kid).any(vouches)
    }

    /// Signs a text. Returns the `kid` of the key and the signature in base64url.
    pub fn sign(&self, text: &str) -> Result<(String, String), Problem> {
        let own = self.public().next().ok_or_else(|| Problem::internal("no record key"))?;
        let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &self.signer, Algorithm::ES256);
        Ok((own.kid.clone(), signature.map_err(Problem::internal)?))
    }

    /// Whether one of the keys, the one with this `kid`, has signed the text.
    pub fn has_signed(&self, kid: &str, signature: &str, text: &str) -> bool {
        let key = self.verifiers.iter().find(|(key, _)| key.kid == kid);
        key.is_some_and(|(_, verifier)| {
            jsonwebtoken::crypto::verify(signature, text.as_bytes(), verifier, Algorithm::ES256)
                .unwrap_or(false)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(seed: u64, earlier: Vec<PublicKey>) -> RecordKeys {
        RecordKeys::from_pem(&RecordKeys::new_pem(&Ids::seeded(seed), earlier, &[]).unwrap()).unwrap()
    }

    #[test]
    fn a_new_key_verifies_what_the_earlier_ones_signed() {
        let old = keys(1, Vec::new());
        let (kid, signature) = old.sign("text").unwrap();
        let new = keys(2, old.public().cloned().collect());
        assert!(new.has_signed(&kid, &signature, "text") && !new.has_signed(&kid, &signature, "texT"));
        assert_ne!(new.sign("text").unwrap().0, kid);
        assert!(!keys(3, Vec::new()).has_signed(&kid, &signature, "text"), "a key that is not in the file");
        assert_eq!(new.public().count(), 2);
    }

    #[test]
    fn a_file_vouches_for_what_a_lost_key_signed() {
        let lost = LostKey { kid: "abc".to_owned(), number: 7, digest: "d7".to_owned() };
        let text = RecordKeys::new_pem(&Ids::seeded(1), Vec::new(), std::slice::from_ref(&lost)).unwrap();
        let keys = RecordKeys::from_pem(&text).unwrap();
        assert_eq!(keys.lost(), [lost]);
        assert!(keys.knows("abc") && !keys.knows("abd"));
        assert!(keys.vouches_for("abc", 7, "d7") && keys.vouches_for("abc", 6, "any"));
        for (kid, number, digest) in [("abc", 7, "d8"), ("abc", 8, "d7"), ("abd", 6, "any")] {
            assert!(!keys.vouches_for(kid, number, digest));
        }
    }

    #[test]
    fn what_is_no_key_file_is_refused_in_words() {
        let public =
            pem::encode(&Pem::new(PUBLIC, keys(1, Vec::new()).public().next().unwrap().to_spki().unwrap()));
        let own = RecordKeys::new_pem(&Ids::seeded(1), Vec::new(), &[]).unwrap();
        for (text, said) in [
            ("", "begin with a PRIVATE KEY"),
            ("hello", "begin with a PRIVATE KEY"),
            (public.as_str(), "begin with a PRIVATE KEY"),
            (&pem::encode(&Pem::new(PRIVATE, [1, 2, 3])), "not of P-256"),
            (&format!("{own}{own}"), "only PUBLIC KEY"),
            (&format!("Lost-Key: abc 1\n{own}"), "is not whole"),
            (&format!("{own}{}", pem::encode(&Pem::new(PUBLIC, [1; 91]))), "not of P-256"),
        ] {
            let error = RecordKeys::from_pem(text).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_made_file_is_private_and_is_not_replaced() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = std::env::temp_dir().join(format!("samverkan-record-key-{}", std::process::id()));
        let path = folder.join("a/record-key.pem");
        assert!(RecordKeys::make(&path, &Ids::seeded(1), Vec::new(), &[]).is_err(), "no folder is made");
        std::fs::create_dir_all(folder.join("a")).unwrap();
        assert!(RecordKeys::make(&path, &Ids::seeded(1), Vec::new(), &[]).unwrap());
        let first = std::fs::read_to_string(&path).unwrap();
        assert!(!RecordKeys::make(&path, &Ids::seeded(2), Vec::new(), &[]).unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        RecordKeys::read(&path).unwrap();
        std::fs::remove_dir_all(folder).unwrap();
    }
}
