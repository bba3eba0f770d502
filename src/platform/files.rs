//! Files and folders that only the program's own user can read. The database file and mail contain personal data.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Read as _, Result, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Creates a folder and its parents. Existing folders keep their permissions.
pub fn private_folder(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Creates a folder, if it is not there, and writes and removes a file in it.
pub fn try_folder(path: &Path) -> Result<()> {
    private_folder(path)?;
    let trial = path.join(format!(".trial-{}", std::process::id()));
    write_private(&trial, b"trial")?;
    std::fs::remove_file(trial)
}

/// Creates an empty file. The content of an existing file stays unchanged.
pub fn private_file(path: &Path) -> Result<()> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(|_| ())
}

/// Takes the rights of all others from a file, if it is there. Returns whether others still have some: it may belong to
/// somebody else, or lie where there are no rights.
pub fn is_open_to_others(path: &Path) -> bool {
    let mode = || std::fs::metadata(path).map_or(0, |found| found.permissions().mode() & 0o777);
    if mode() & OTHERS == 0 {
        return false;
    }
    // What could not be done is seen below.
    let _ = std::fs::set_permissions(path, Permissions::from_mode(mode() & !OTHERS));
    mode() & OTHERS != 0
}

/// The rights of the group and of everybody.
const OTHERS: u32 = 0o077;

/// Writes a file atomically, replacing an existing one: no reader sees half of it.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let unfinished = path.with_extension("part");
    let mut file: File =
        OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(unfinished, path)
}

/// Writes a new file into a folder that is there: one that is made for it would hide a mistyped path. Returns false when there is a
/// file already, also one that another process or thread makes at the same time: that one stays. The file appears with its whole
/// content or not at all.
pub fn write_new_private(path: &Path, bytes: &[u8]) -> Result<bool> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    if path.exists() {
        return Ok(false);
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let unfinished = path.with_extension(format!("{}-{number}.part", std::process::id()));
    let mut file =
        OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&unfinished)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    // A link, unlike a rename, fails when the name is taken.
    let linked = written.and_then(|()| std::fs::hard_link(&unfinished, path));
    std::fs::remove_file(unfinished)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        linked => linked.map(|()| true),
    }
}

/// The text of a file with a secret. The log says so when others can read it.
pub fn read_secret(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path)?;
    if std::fs::metadata(path)?.permissions().mode() & OTHERS != 0 {
        tracing::warn!(file = %path.display(), "others can read this key: chmod 600");
    }
    Ok(text)
}

/// Removes what follows the last line end of a file: a line that was being written when the machine stopped.
pub fn cut_unfinished_line(path: &Path) -> Result<()> {
    let Some(file) = opened(path)? else { return Ok(()) };
    let length = file.metadata()?.len();
    let whole = after_newline(&file, length)?;
    if whole < length {
        OpenOptions::new().write(true).open(path)?.set_len(whole)?;
    }
    Ok(())
}

/// The last line of a text file whose lines all have an end; empty without a file or a line.
pub fn last_line(path: &Path) -> Result<String> {
    let mut line = String::new();
    let Some(mut file) = opened(path)? else { return Ok(line) };
    let length = file.metadata()?.len();
    let begin = after_newline(&file, length.saturating_sub(1))?;
    file.seek(SeekFrom::Start(begin))?;
    file.read_to_string(&mut line)?;
    Ok(line)
}

fn opened(path: &Path) -> Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where the text after the last line end begins that lies before `end`; read from the end, because the file may be long.
fn after_newline(mut file: &File, end: u64) -> Result<u64> {
    let mut end = end;
    while end > 0 {
        let begin = end.saturating_sub(64 * 1024);
        let mut part = Vec::new();
        file.seek(SeekFrom::Start(begin))?;
        file.take(end - begin).read_to_end(&mut part)?;
        if let Some(at) = part.iter().rposition(|byte| *byte == b'\n') {
            return Ok(begin + u64::try_from(at).unwrap_or(u64::MAX) + 1);
        }
        end = begin;
    }
    Ok(0)
}

/// Appends to a file and flushes it. The file is made when there is none.
pub fn append_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_others_can_read_is_tightened() {
        let file = std::env::temp_dir().join(format!("samverkan-open-{}", std::process::id()));
        std::fs::write(&file, b"x").unwrap();
        for (before, after) in
            [(0o644, 0o600), (0o666, 0o600), (0o750, 0o700), (0o600, 0o600), (0o400, 0o400)]
        {
            std::fs::set_permissions(&file, Permissions::from_mode(before)).unwrap();
            assert!(!is_open_to_others(&file));
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, after);
        }
        std::fs::remove_file(&file).unwrap();
        assert!(!is_open_to_others(&file), "there is no file");
        // Nobody changes the rights of this one.
        assert!(cfg!(not(target_os = "linux")) || is_open_to_others(Path::new("/proc/self/status")));
    }

    #[test]
    fn new_files_are_private_and_existing_ones_stay() {
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
        assert!(!write_new_private(&file, b"three").unwrap());
        assert_eq!(std::fs::read(&file).unwrap(), b"two", "it is there already");
        assert_eq!(std::fs::read_dir(&inner).unwrap().count(), 1);
        let log = folder.join("log");
        cut_unfinished_line(&log).unwrap();
        append_private(&log, b"one\ntw").unwrap();
        cut_unfinished_line(&log).unwrap();
        assert_eq!(last_line(&log).unwrap(), "one\n");
        append_private(&log, b"three\n").unwrap();
        assert_eq!(last_line(&log).unwrap(), "three\n");
        assert_eq!((std::fs::read(&log).unwrap().as_slice(), mode(&log)), (&b"one\nthree\n"[..], 0o600));
        // Longer than what is read at a time.
        let long = format!("{}\n", "x".repeat(200_000));
        append_private(&log, format!("{long}half").as_bytes()).unwrap();
        cut_unfinished_line(&log).unwrap();
        assert!(last_line(&log).unwrap() == long && last_line(&folder.join("none")).unwrap().is_empty());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
