//! What a database is, found out before anything in it is changed: empty, of this program with a schema that it knows, or
//! something else, which is refused and stays as it is. An SQLite file is only read for that: not even its log is touched.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};

use super::error::unavailable;
use super::pool::Location;
use super::{Db, migrations};
use crate::platform::problem::Problem;
use crate::platform::text::counted;

/// What a database holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// No database, or one without tables.
    Empty,
    /// A database of this program. `missing` migrations of this version have not run in it.
    Samverkan {
        /// How many of this version's migrations have not run.
        missing: usize,
    },
}

/// The version of the program, for messages.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the database at a place is. Refuses one that is another program's, that a newer version of this program has
/// migrated, or whose schema is not known.
pub fn check(location: &Location) -> Result<Known, Problem> {
    let Some(mut db) = opened(location)? else { return Ok(Known::Empty) };
    let tables: Vec<String> =
        lines(&mut db, TABLES_POSTGRES, TABLES_SQLITE).map_err(|e| refused(location, &e))?;
    let has = |name: &str| tables.iter().any(|table| table == name);
    let run: Vec<String> = if has(MIGRATIONS) {
        let versions = "SELECT version AS line FROM __diesel_schema_migrations";
        lines(&mut db, versions, versions).map_err(|error| refused(location, &error))?
    } else {
        Vec::new()
    };
    if !tables.iter().any(|table| table != MIGRATIONS) && run.is_empty() {
        return Ok(Known::Empty);
    }
    let known = migrations::versions(&db)?;
    // Both tables are there since the first migration. Another program that uses diesel has a table of migrations, too.
    if !(has("audit_chains") && has("installation_facts") && run.iter().any(|it| known.first() == Some(it))) {
        return Err(refused(location, &"it holds the tables of another program"));
    }
    refuse_unknown(location, &run, &known)?;
    Ok(Known::Samverkan { missing: known.iter().filter(|version| !run.contains(version)).count() })
}

/// The same for a command that needs the schema of this version, and does not migrate.
pub fn check_current(location: &Location) -> Result<(), Problem> {
    match check(location)? {
        Known::Empty => Err(Problem::internal(format!("there is no database yet: {location}"))),
        Known::Samverkan { missing: 0 } => Ok(()),
        Known::Samverkan { missing } => Err(Problem::internal(format!(
            "{location} lacks {} of samverkan {VERSION}: run `samverkan migrate` first",
            counted(missing, "migration", "migrations")
        ))),
    }
}

fn refuse_unknown(location: &Location, run: &[String], known: &[String]) -> Result<(), Problem> {
    let newest =
        |versions: &[String]| versions.iter().max().map_or("0", |it| it.trim_start_matches('0')).to_owned();
    let unknown: Vec<&str> =
        run.iter().filter(|version| !known.contains(version)).map(|it| it.trim_start_matches('0')).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let (theirs, ours) = (newest(run), newest(known));
    let why = if run.iter().max() > known.iter().max() {
        "was migrated by a newer version of samverkan"
    } else {
        "was migrated by another version of samverkan"
    };
    Err(Problem::internal(format!(
        "{location} {why} and is left alone: it has schema {theirs} (unknown here: {}), this is samverkan {VERSION} with \
         schema {ours}. Use the version that migrated it, or a backup from before",
        unknown.join(", ")
    )))
}

fn refused(location: &Location, why: &dyn std::fmt::Display) -> Problem {
    Problem::internal(format!("{location} is no database of samverkan and is left alone: {why}"))
}

/// The table in which diesel notes which migrations have run.
const MIGRATIONS: &str = "__diesel_schema_migrations";

/// Extensions may bring tables and views of their own.
const TABLES_POSTGRES: &str = "SELECT c.relname::text AS line FROM pg_class c \
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') \
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')";

const TABLES_SQLITE: &str = "SELECT name AS line FROM sqlite_master WHERE type IN ('table', 'view')";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(db: &mut Db, postgres: &str, sqlite: &str) -> diesel::QueryResult<Vec<String>> {
    let found: Vec<Line> = match db {
        Db::Postgres(db) => sql_query(postgres).load(db)?,
        Db::Sqlite(db) => sql_query(sqlite).load(db)?,
    };
    Ok(found.into_iter().map(|found| found.line).collect())
}

/// A connection that cannot write, or none if there is no SQLite file or nothing in it.
pub(super) fn opened(location: &Location) -> Result<Option<Db>, Problem> {
    match location {
        Location::Postgres(url) => {
            let opened = PgConnection::establish(url);
            Ok(Some(Db::Postgres(opened.map_err(|error| unavailable(format!("{location}: {error}")))?)))
        }
        Location::Sqlite(path) => {
            if !has_content(path).map_err(|error| refused(location, &error))? {
                return Ok(None);
            }
            read_only(path).map(|db| Some(Db::Sqlite(db))).map_err(|error| refused(location, &error))
        }
    }
}

/// Whether an SQLite database is there; an error for any other file.
fn has_content(path: &Path) -> Result<bool, String> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.to_string()),
    };
    let mut begin = Vec::new();
    file.by_ref().take(16).read_to_end(&mut begin).map_err(|error| error.to_string())?;
    match begin.as_slice() {
        [] => Ok(false),
        b"SQLite format 3\0" => Ok(true),
        _ => Err("it is no SQLite database".to_owned()),
    }
}

/// Opens an SQLite file for reading. While nobody has it open and no log is left, it is opened as one that never changes:
/// otherwise SQLite would make a log and its index beside it.
pub(super) fn read_only(path: &Path) -> Result<SqliteConnection, String> {
    let path = path.canonicalize().map_err(|error| error.to_string())?;
    let mut address = "file:".to_owned();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                address.push(char::from(*byte))
            }
            _ => address.push_str(&format!("%{byte:02X}")),
        }
    }
    let mut log = path.into_os_string();
    log.push("-wal");
    let has_log = std::fs::metadata(log).is_ok_and(|log| log.len() > 0);
    let way = if has_log { "mode=ro" } else { "mode=ro&immutable=1" };
    let mut opened =
        SqliteConnection::establish(&format!("{address}?{way}")).map_err(|error| error.to_string())?;
    opened.batch_execute("PRAGMA busy_timeout = 10000").map_err(|error| error.to_string())?;
    Ok(opened)
}
