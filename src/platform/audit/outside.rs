//! Checkpoints outside the database (guide §6): a file that is only appended to, one line of JSON for each. Whoever can change
//! the database but not this file cannot take away events that it covers. Copies that an auditor keeps are read from the
//! same form, or as `GET /audit-events/checkpoints` answered them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::checkpoints::{self, KeptCheckpoint};
use super::restorations;
use crate::platform::files;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

/// How the names of the files begin and end.
const BEGIN: &str = "audit-checkpoints";
const END: &str = ".jsonl";

/// The file in `CHECKPOINT_DIR`.
pub fn file_in(folder: &Path) -> PathBuf {
    folder.join(format!("{BEGIN}{END}"))
}

/// Where a file goes whose last checkpoints were lost by the restoration of a backup.
fn aside(folder: &Path, copy: &KeptCheckpoint) -> PathBuf {
    folder.join(format!("{BEGIN}.until-{}-{}{END}", copy.number, copy.id))
}

/// The checkpoints of a text: JSON lines, or answers of `GET /audit-events/checkpoints`, one after the other. An error is a
/// sentence for the operator.
pub fn read(text: &str) -> Result<Vec<KeptCheckpoint>, String> {
    let mut found = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let value = value.map_err(|error| error.to_string())?;
        let items = match value {
            Value::Array(items) => items,
            Value::Object(mut members) => match members.remove("items") {
                Some(Value::Array(items)) => items,
                _ => vec![Value::Object(members)],
            },
            other => vec![other],
        };
        for item in items {
            let digest = item.get("digest").and_then(Value::as_str).map(str::to_owned);
            let kept: KeptCheckpoint =
                serde_json::from_value(item).map_err(|error| format!("not a checkpoint: {error}"))?;
            // What the API answers has its digest, too: whoever changed one of the two in the file is found.
            if digest.is_some_and(|digest| digest != kept.digest()) {
                return Err(format!("checkpoint {}: its digest is not that of its members", kept.number));
            }
            found.push(kept);
        }
    }
    Ok(found)
}

/// The checkpoints of a file that somebody kept; one without any proves nothing. An error is a sentence for the operator.
pub fn read_file(path: &Path) -> Result<Vec<KeptCheckpoint>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
    let found = text.and_then(|text| read(&text));
    let some = found.and_then(|found| {
        if found.is_empty() { Err("there is no checkpoint in it".to_owned()) } else { Ok(found) }
    });
    some.map_err(|error| format!("{}: {error}", path.display()))
}

/// What `CHECKPOINT_DIR` holds.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// The checkpoints, also those that were lost by the restoration of a backup.
    pub copies: Vec<KeptCheckpoint>,
    /// What cannot be read as a whole.
    pub unreadable: Vec<Unreadable>,
}

/// A file that cannot be read as a whole, or the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Where it is.
    pub path: PathBuf,
    /// Why, for the operator.
    pub why: String,
}

impl Unreadable {
    /// Its name, without the folders that it is in.
    pub fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.why)
    }
}

/// What `CHECKPOINT_DIR` holds; nothing when there is no file yet. A damaged file keeps none of what can be read from being compared.
pub fn read_own(folder: &Path) -> Own {
    let mut own = Own::default();
    if let Err(why) = read_folder(folder, &mut own)
        && why.kind() != std::io::ErrorKind::NotFound
    {
        own.unreadable.push(Unreadable { path: folder.to_owned(), why: why.to_string() });
    }
    own
}

fn read_folder(folder: &Path, own: &mut Own) -> std::io::Result<()> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(BEGIN) && name.ends_with(END) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    for path in paths {
        if let Err(why) = read_lines(&path, &mut own.copies) {
            own.unreadable.push(Unreadable { path, why });
        }
    }
    Ok(())
}

/// Adds what can be read; the error is the first of what cannot.
fn read_lines(path: &Path, copies: &mut Vec<KeptCheckpoint>) -> Result<(), String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&bytes);
    // A line without its end was being written when the machine stopped.
    let lines = text.rsplit_once('\n').map_or("", |(lines, _)| lines);
    let why = match read(lines) {
        Ok(found) => {
            copies.extend(found);
            return Ok(());
        }
        Err(why) => why,
    };
    copies.extend(lines.lines().filter_map(|line| read(line).ok()).flatten());
    Err(why)
}

/// How many checkpoints are appended at a time.
const PAGE: i64 = 100;

/// The last checkpoint of the file, and whether the database has it too.
fn last(rx: &mut Rx<'_>, path: &Path) -> Result<Option<(KeptCheckpoint, bool)>, Problem> {
    // The last line alone: the file grows for as long as the installation lives. Verification reads all of it.
    let line = files::last_line(path).map_err(|error| in_path(path, error))?;
    let known = read(&line).map_err(|error| Problem::internal(format!("{}: {error}", path.display())))?;
    let Some(copy) = known.into_iter().next() else { return Ok(None) };
    let here = checkpoints::numbered(rx, copy.number)?;
    let is_here = here.is_some_and(|here| here.digest() == copy.digest());
    Ok(Some((copy, is_here)))
}

/// The newest checkpoint that was kept in `CHECKPOINT_DIR` and that the database does not have: it was cut back, or it is a copy from
/// before. None when it has it, or when there is no such file.
pub fn missing(rx: &mut Rx<'_>, folder: &Path) -> Result<Option<KeptCheckpoint>, Problem> {
    Ok(last(rx, &file_in(folder))?.filter(|(_, is_here)| !is_here).map(|(copy, _)| copy))
}

/// The same, unless the restoration of a backup is known that explains it.
pub fn unexplained(rx: &mut Rx<'_>, folder: &Path) -> Result<Option<KeptCheckpoint>, Problem> {
    let Some(copy) = missing(rx, folder)? else { return Ok(None) };
    let is_explained = restorations::all(rx)?.iter().any(|restoration| restoration.explains(&copy));
    Ok(Some(copy).filter(|_| !is_explained))
}

/// Whether the database has checkpoints, and the folder not one of any database: another folder may have the copies.
pub fn lacks_all(rx: &mut Rx<'_>, folder: &Path) -> Result<bool, Problem> {
    if checkpoints::after(rx, 0, 1)?.is_empty() || last(rx, &file_in(folder))?.is_some() {
        return Ok(false);
    }
    let own = read_own(folder);
    Ok(own.copies.is_empty() && own.unreadable.is_empty())
}

/// Appends the checkpoints that the file lacks, also those of other processes. It refuses a file that does not belong to the
/// database or has more than the database: then one of them was replaced or cut back. After the restoration of a backup the
/// file is kept under another name, and a new one begins.
pub fn append(rx: &mut Rx<'_>, folder: &Path) -> Result<(), Problem> {
    let path = file_in(folder);
    files::private_folder(folder).map_err(|error| in_path(&path, error))?;
    files::cut_unfinished_line(&path).map_err(|error| in_path(&path, error))?;
    if let Some(copy) = unexplained(rx, folder)? {
        return Err(Problem::internal(format!(
            "{}: checkpoint {} is not in the database: it is a copy from before, or was cut back or replaced. After restoring a \
             backup by hand stop the program and run `samverkan restore --in-place`",
            path.display(),
            copy.number
        )));
    }
    let mut last = match self::last(rx, &path)? {
        None => 0,
        Some((copy, true)) => copy.number,
        Some((copy, false)) => {
            std::fs::rename(&path, aside(folder, &copy)).map_err(|error| in_path(&path, error))?;
            0
        }
    };
    loop {
        let page = checkpoints::after(rx, last, PAGE)?;
        let Some(newest) = page.last().and_then(|row| row.number) else { return Ok(()) };
        last = newest;
        let mut lines = String::new();
        for kept in page.iter().filter_map(checkpoints::CheckpointRow::kept) {
            lines.push_str(&serde_json::to_string(&kept).map_err(Problem::internal)?);
            lines.push('\n');
        }
        files::append_private(&path, lines.as_bytes()).map_err(|error| in_path(&path, error))?;
    }
}

fn in_path(path: &Path, error: std::io::Error) -> Problem {
    Problem::internal(format!("{}: {error}", path.display()))
}
