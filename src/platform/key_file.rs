//! A secret key in a file of its own: 256 bits as 64 hex digits on one line, as `openssl rand -hex 32` writes them. Whoever reads
//! only the database does not have the key.

use std::path::Path;

use super::files;
use super::ids::{Ids, hex};

/// The length of a key in bytes.
pub const LENGTH: usize = 32;

/// The key in the file. Errors name the file, never its content.
pub fn read(path: &Path) -> Result<[u8; LENGTH], String> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = files::read_secret(path).map_err(|error| named(&error))?;
    parsed(text.trim())
        .ok_or_else(|| named(&"holds no key: 64 hex digits, as `openssl rand -hex 32` writes them"))
}

/// Makes a file with a new key, if there is none, in a folder that is there; returns whether it did. Only its owner can read it.
pub fn make(path: &Path, ids: &Ids) -> Result<bool, String> {
    let key = format!("{}\n", hex(&ids.bytes::<LENGTH>()));
    files::write_new_private(path, key.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))
}

/// Says that a key was made, and what to do with it.
pub fn tell_of_made(path: &Path) {
    tracing::info!(file = %path.display(), "a key was made: keep a copy apart from the backup");
}

fn parsed(text: &str) -> Option<[u8; LENGTH]> {
    let is_hex = text.len() == 2 * LENGTH && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !is_hex {
        return None;
    }
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..LENGTH).map(|index| pair(2 * index)).collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_can_read_it() {
        let folder = std::env::temp_dir().join(format!("samverkan-key-{}", std::process::id()));
        let path = folder.join("inner/secrets.key");
        assert!(read(&path).is_err(), "reading makes none");
        assert!(make(&path, &Ids::seeded(1)).is_err(), "no folder is made");
        std::fs::create_dir_all(folder.join("inner")).unwrap();
        let made = std::thread::scope(|scope| {
            let started = |seed| {
                let path = &path;
                scope.spawn(move || (make(path, &Ids::seeded(seed)).unwrap(), read(path).unwrap()))
            };
            let threads: Vec<_> = (0..8).map(started).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(made.iter().all(|(_, key)| *key == made[0].1), "all have the one key");
        assert_eq!(made.iter().filter(|(is_made, _)| *is_made).count(), 1, "one has made it");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.join("inner")).unwrap().count(), 1, "nothing else is left");
        for wrong in ["", "abc", &"g".repeat(64), &"å".repeat(32), &"a".repeat(65)] {
            std::fs::write(&path, wrong).unwrap();
            assert!(read(&path).unwrap_err().contains("64 hex digits"), "{wrong}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
