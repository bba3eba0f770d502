//! Checkpoints outside the database (guide §6): a file that is only appended to, one line of JSON for each. Whoever can change
//! the database but not this file cannot take away events that it covers. Copies that an auditor keeps are read from the
//! same form, or as `GET /audit-events/checkpoints` answered them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::checkpoints::{self, KeptCheckpoint};
use crate::platform::files;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

/// The file in `CHECKPOINT_DIR`.
pub fn file_in(folder: &Path) -> PathBuf {
    folder.join("audit-checkpoints.jsonl")
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
            found.push(serde_json::from_value(item).map_err(|error| format!("not a checkpoint: {error}"))?);
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

/// The checkpoints in `CHECKPOINT_DIR`; none when there is no file yet. An error is a sentence for the operator.
pub fn read_own(folder: &Path) -> Result<Vec<KeptCheckpoint>, String> {
    let path = file_in(folder);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string());
    // A line without its end was being written when the machine stopped.
    let whole = text.and_then(|text| read(text.rsplit_once('\n').map_or("", |(lines, _)| lines)));
    whole.map_err(|error| format!("{}: {error}", path.display()))
}

/// How many checkpoints are appended at a time.
const PAGE: i64 = 100;

/// Appends the checkpoints that the file lacks, also those of other processes. It refuses a file that does not belong to the
/// database or has more than the database: then one of them was replaced or cut back.
pub fn append(rx: &mut Rx<'_>, folder: &Path) -> Result<(), Problem> {
    let path = file_in(folder);
    files::private_folder(folder).map_err(|error| in_path(&path, error))?;
    files::cut_unfinished_line(&path).map_err(|error| in_path(&path, error))?;
    // The last line alone: the file grows for as long as the installation lives. Verification reads all of it.
    let line = files::last_line(&path).map_err(|error| in_path(&path, error))?;
    let known = read(&line).map_err(|error| Problem::internal(format!("{}: {error}", path.display())))?;
    let mut last = 0;
    if let Some(copy) = known.first() {
        let here = checkpoints::after(rx, copy.number - 1, 1)?.into_iter().next().and_then(|row| row.kept());
        if here.is_none_or(|here| here.digest() != copy.digest()) {
            return Err(Problem::internal(format!(
                "{}: checkpoint {} is not in the database; was the database cut back or replaced?",
                path.display(),
                copy.number
            )));
        }
        last = copy.number;
    }
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
