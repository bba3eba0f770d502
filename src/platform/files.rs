//! Files and folders that nobody but the program's own user reads: the database file and mail hold personal data.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Result, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Makes a folder with those above it, unless it is there; what is there keeps its rights.
pub fn private_folder(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes an empty file unless it is there; what is there stays as it is.
pub fn private_file(path: &Path) -> Result<()> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(|_| ())
}

/// Writes a file, replacing one of the same name at once: nobody reads half of it.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let unfinished = path.with_extension("part");
    let mut file: File =
        OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(unfinished, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_is_made_is_for_the_own_user_alone_and_what_is_there_stays() {
        let folder = std::env::temp_dir().join(format!("samverkan-files-{}", std::process::id()));
        let (inner, file) = (folder.join("a/b"), folder.join("a/b/c.eml"));
        private_folder(&inner).unwrap();
        private_folder(&inner).unwrap();
        write_private(&file, b"first").unwrap();
        write_private(&file, b"two").unwrap();
        private_file(&file).unwrap();
        private_file(&folder.join("d.db")).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&inner), mode(&file), mode(&folder.join("d.db"))), (0o700, 0o600, 0o600));
        assert_eq!(std::fs::read(&file).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(&inner).unwrap().count(), 1);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
