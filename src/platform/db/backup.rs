//! A copy of an SQLite database, as of one moment, while the program goes on writing; and the way back. PostgreSQL has its own
//! tools (`pg_dump`, `pg_restore`).

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};

use super::known::{self, Known};
use super::pool::Location;
use crate::platform::files;

/// Gets how many bytes are written, and of about how many.
pub type Tell<'a> = &'a dyn Fn(u64, u64);

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Mode {
    #[diesel(sql_type = Text)]
    journal_mode: String,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

fn in_file(path: &Path, error: impl std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn opened(path: &Path) -> Result<SqliteConnection, String> {
    let name = path.to_str().ok_or_else(|| in_file(path, "the name is not UTF-8"))?;
    let mut connection = SqliteConnection::establish(name).map_err(|error| in_file(path, error))?;
    connection.batch_execute("PRAGMA busy_timeout = 10000").map_err(|error| in_file(path, error))?;
    Ok(connection)
}

/// Writes a backup of the database to a new file that only its owner can read. It holds everything that was committed when it
/// began. An error is a sentence for the operator.
pub fn write(database: &Path, file: &Path, tell: Tell<'_>) -> Result<(), String> {
    if file.exists() {
        return Err(in_file(file, "is there already, and nothing is overwritten"));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(in_file(folder, "there is no such folder"));
    }
    let mut connection = opened(database)?;
    let pages = "SELECT page_count * page_size AS number FROM pragma_page_count(), pragma_page_size()";
    let size: Number =
        sql_query(pages).get_result(&mut connection).map_err(|error| in_file(database, error))?;
    let part = with_end(file, ".part");
    let _ = std::fs::remove_file(&part);
    // SQLite takes an empty file, so that nobody else can read it for a moment either.
    files::private_file(&part).map_err(|error| in_file(file, error))?;
    let name = part.to_str().ok_or_else(|| in_file(&part, "the name is not UTF-8"))?;
    let copy = format!("VACUUM INTO '{}'", name.replace('\'', "''"));
    let is_done = AtomicBool::new(false);
    let copied = std::thread::scope(|scope| {
        let copying = scope.spawn(|| {
            let copied = connection.batch_execute(&copy);
            is_done.store(true, Ordering::SeqCst);
            copied
        });
        while !is_done.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(50));
            tell(std::fs::metadata(&part).map_or(0, |part| part.len()), size.number.unsigned_abs());
        }
        copying.join()
    });
    let finished = match copied {
        Ok(copied) => copied.map_err(|error| in_file(file, error)),
        Err(_) => Err(in_file(file, "it could not be written")),
    };
    let finished = finished.and_then(|()| check(&part)).and_then(|_| kept(&part, file));
    if finished.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    finished
}

/// Flushes a file and gives it its name.
fn kept(part: &Path, file: &Path) -> Result<(), String> {
    File::open(part).and_then(|part| part.sync_all()).map_err(|error| in_file(part, error))?;
    std::fs::rename(part, file).map_err(|error| in_file(file, error))?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| in_file(folder, error))
}

/// Refuses a file that is no intact database of this program with a schema that it knows.
pub fn check(file: &Path) -> Result<(), String> {
    let location = Location::Sqlite(file.to_owned());
    match known::check(&location).map_err(|problem| problem.internal.unwrap_or_default())? {
        Known::Empty => return Err(in_file(file, "there is no backup in it")),
        Known::Samverkan { .. } => {}
    }
    let mut connection = known::read_only(file).map_err(|error| in_file(file, error))?;
    let found =
        sql_query("SELECT integrity_check AS word FROM pragma_integrity_check()").load(&mut connection);
    let found: Vec<Word> = found.map_err(|error| in_file(file, error))?;
    match found.first() {
        Some(first) if first.word == "ok" => Ok(()),
        first => Err(in_file(file, format!("is damaged: {}", first.map_or("", |first| &first.word)))),
    }
}

/// Puts a backup in the place of the database. With `aside`, an end of a name, a database that is there is kept under that
/// name; without it, it is refused. Nobody may have it open. Returns where the old one is.
pub fn put(file: &Path, database: &Path, aside: Option<&str>) -> Result<Option<PathBuf>, String> {
    check(file)?;
    let there = known::check(&Location::Sqlite(database.to_owned()));
    let old = match there.map_err(|problem| problem.internal.unwrap_or_default())? {
        Known::Empty => None,
        Known::Samverkan { .. } => match aside {
            Some(end) => Some(with_end(database, end)),
            None => return Err(in_file(database, "is there already; --replace keeps it under another name")),
        },
    };
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        files::private_folder(folder).map_err(|error| in_file(folder, error))?;
    }
    let part = with_end(database, ".part");
    let _ = std::fs::remove_file(&part);
    files::private_file(&part).map_err(|error| in_file(&part, error))?;
    let mut copy = File::options().write(true).open(&part).map_err(|error| in_file(&part, error))?;
    let mut from = File::open(file).map_err(|error| in_file(file, error))?;
    std::io::copy(&mut from, &mut copy).map_err(|error| in_file(&part, error))?;
    if let Some(old) = &old {
        close(database)?;
        std::fs::rename(database, old).map_err(|error| in_file(old, error))?;
    }
    kept(&part, database)?;
    Ok(old)
}

/// Moves the log into the database and removes it. An error while another process has the database open.
fn close(database: &Path) -> Result<(), String> {
    let mut connection = opened(database)?;
    connection.batch_execute("PRAGMA busy_timeout = 1000").map_err(|error| in_file(database, error))?;
    // The answer is the mode that holds afterwards.
    let mode: Result<Vec<Mode>, _> = sql_query("PRAGMA journal_mode = DELETE").load(&mut connection);
    match mode.ok().and_then(|mode| mode.into_iter().next()) {
        Some(mode) if mode.journal_mode == "delete" => Ok(()),
        _ => Err(in_file(database, "another process has it open: stop the program first")),
    }
}
