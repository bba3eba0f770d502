//! Seals what the database must hold for a while but not in clear: mail with single-use links. AES-256-GCM with a key that is
//! derived from the key file that the settings name, so that a copy of the database opens nothing.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::ids::{Ids, hex};
use super::key_file;
use super::problem::Problem;

/// Where the key comes from.
#[derive(Debug)]
pub enum KeySource {
    /// This file, which a first start makes.
    Made(PathBuf),
    /// This file, which must be there: several processes share it.
    Given(PathBuf),
    /// No file is named.
    None,
    /// The same key everywhere, for examples.
    Example,
}

/// Seals and opens texts. The key is read when it is first needed.
pub struct Secrets {
    source: KeySource,
    ids: Ids,
    key: OnceLock<Result<Key, String>>,
}

struct Key {
    sealing: LessSafeKey,
    fingerprint: String,
}

impl Secrets {
    /// With a key from there.
    pub fn new(source: KeySource, ids: Ids) -> Self {
        Self { source, ids, key: OnceLock::new() }
    }

    /// The file with the key; none without one.
    pub fn file(&self) -> Option<&Path> {
        match &self.source {
            KeySource::Made(path) | KeySource::Given(path) => Some(path),
            KeySource::None | KeySource::Example => None,
        }
    }

    /// Makes the file, if there is none and it is the program that makes it; returns whether it did.
    pub fn make_missing(&self) -> Result<bool, String> {
        match &self.source {
            KeySource::Made(path) => key_file::make(path, &self.ids),
            _ => Ok(false),
        }
    }

    /// What tells this key from others, and tells nothing of it; the error is for the operator.
    pub fn fingerprint(&self) -> Result<String, String> {
        self.key().map(|key| key.fingerprint.clone())
    }

    fn key(&self) -> Result<&Key, String> {
        self.key.get_or_init(|| self.read()).as_ref().map_err(Clone::clone)
    }

    fn read(&self) -> Result<Key, String> {
        let secret = match &self.source {
            KeySource::Made(path) | KeySource::Given(path) => key_file::read(path)?,
            KeySource::None => {
                return Err("SECRETS_KEY_FILE must name a key: `openssl rand -hex 32` makes one, which all \
                            processes share"
                    .to_owned());
            }
            KeySource::Example => [7; key_file::LENGTH],
        };
        derived(&secret).map_err(|_| "the key cannot be used".to_owned())
    }

    /// Seals a text for one purpose and row; it opens only for the same.
    pub fn seal(&self, of: &str, text: &str) -> Result<String, Problem> {
        let nonce = self.ids.bytes::<NONCE_LEN>();
        let mut sealed = text.as_bytes().to_vec();
        let key = self.key().map_err(Problem::internal)?;
        key.sealing
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(of.as_bytes()),
                &mut sealed,
            )
            .map_err(Problem::internal)?;
        Ok(STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens what was sealed; an error if it was changed, or sealed with another key or for something else.
    pub fn open(&self, of: &str, sealed: &str) -> Result<String, Problem> {
        let broken = || Problem::internal("a sealed text cannot be opened: was the key file exchanged?");
        let bytes = STANDARD_NO_PAD.decode(sealed).map_err(|_| broken())?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut text = sealed.to_vec();
        let key = self.key().map_err(Problem::internal)?;
        let opened =
            key.sealing.open_in_place(nonce, Aad::from(of.as_bytes()), &mut text).map_err(|_| broken())?;
        String::from_utf8(opened.to_vec()).map_err(|_| broken())
    }
}

/// A key for this purpose alone, so that the file can serve others too.
fn derived(secret: &[u8; key_file::LENGTH]) -> Result<Key, Unspecified> {
    let (mut key, mut fingerprint) = ([0; key_file::LENGTH], [0; key_file::LENGTH]);
    let extracted = Salt::new(HKDF_SHA256, b"samverkan").extract(secret);
    extracted.expand(&[b"sealed texts"], HKDF_SHA256)?.fill(&mut key)?;
    extracted.expand(&[b"fingerprint"], HKDF_SHA256)?.fill(&mut fingerprint)?;
    let sealing = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key)?);
    Ok(Key { sealing, fingerprint: hex(&fingerprint) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(secret: [u8; key_file::LENGTH]) -> Secrets {
        let secrets = Secrets::new(KeySource::None, Ids::seeded(1));
        assert!(secrets.key.set(Ok(derived(&secret).unwrap())).is_ok());
        secrets
    }

    #[test]
    fn a_sealed_text_opens_only_with_its_key_and_for_its_row() {
        let (secrets, others) = (with([1; 32]), with([2; 32]));
        let text = "https://app.example.org/#1.token å";
        let sealed = secrets.seal("mail 1", text).unwrap();
        assert!(!sealed.contains("token"));
        assert_ne!(secrets.seal("mail 1", text).unwrap(), sealed, "each time another");
        assert_eq!(secrets.open("mail 1", &sealed).unwrap(), text);
        assert!(secrets.open("mail 2", &sealed).is_err());
        assert!(others.open("mail 1", &sealed).is_err());
        assert_ne!(secrets.fingerprint(), others.fingerprint());
        let changed = format!("A{}", &sealed[1..]);
        for wrong in [changed.as_str(), "", "AAAA", "å", text] {
            assert!(wrong == sealed || secrets.open("mail 1", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn without_a_key_the_operator_reads_what_to_do() {
        let secrets = Secrets::new(KeySource::None, Ids::seeded(1));
        assert!(secrets.fingerprint().unwrap_err().contains("SECRETS_KEY_FILE"));
        assert!(secrets.seal("mail 1", "text").is_err());
    }
}
