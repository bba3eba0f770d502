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

/// The checkpoints in `CHECKPOINT_DIR`, also those that were lost by the restoration of a backup; none when there is no file yet.
/// An error is a sentence for the operator.
pub fn read_own(folder: &Path) -> Result<Vec<KeptCheckpoint>, String> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        entries => entries.map_err(|error| format!("{}: {error}", folder.display()))?,
    };
    for entry in entries {
        let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with(BEGIN) && name.ends_with(END) {
            found.extend(read_lines(&path)?);
        }
    }
    Ok(found)
}

fn read_lines(path: &Path) -> Result<Vec<KeptCheckpoint>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
    // A line without its end was being written when the machine stopped.
    let whole = text.and_then(|text| read(text.rsplit_once('\n').map_or("", |(lines, _)| lines)));
    whole.map_err(|error| format!("{}: {error}", path.display()))
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
    Ok(read_own(folder).map_err(Problem::internal)?.is_empty())
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
