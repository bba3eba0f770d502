//! Migrates a database to the schema of this program. Migrations only go forward. Several processes may start at once.

use std::path::{Path, PathBuf};

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use diesel::migration::{MigrationName, MigrationSource};
use diesel::sql_types::Text;
use diesel::{PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::error::unavailable;
use super::pool::Location;
use super::{Db, known, rights};
use crate::platform::files;
use crate::platform::problem::Problem;
use crate::platform::text::counted;

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// The key of the advisory lock that every migrating process takes. The number itself has no meaning.
const MIGRATION_LOCK: i64 = 0x5341_4d56;

/// Runs the missing migrations and returns their names. Refuses a database that is not this program's, or that a newer version
/// has migrated, before anything in it is changed.
pub fn run(location: &Location) -> Result<Vec<String>, Problem> {
    known::check(location)?;
    match location {
        Location::Postgres(url) => {
            let mut connection = PgConnection::establish(url).map_err(unavailable)?;
            connection.batch_execute("SET client_min_messages = warning")?;
            refuse_other_language(&mut connection)?;
            if !rights::owns(&mut connection)? {
                refuse_pending(&mut connection)?;
                return Ok(Vec::new());
            }
            sql_query(format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).execute(&mut connection)?;
            let done = connection.run_pending_migrations(POSTGRES).map_err(Problem::internal)?;
            // Closing the connection releases the lock.
            Ok(done.into_iter().map(|version| version.to_string()).collect())
        }
        Location::Sqlite(path) => {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                files::private_folder(folder).map_err(|error| in_file(folder, &error))?;
            }
            // SQLite would create a file that everyone can read. It gives `-wal` and `-shm` the rights of this file, unless
            // they are there.
            files::private_file(path).map_err(|error| in_file(path, &error))?;
            open_to_others(location);
            let opened = SqliteConnection::establish(&path.to_string_lossy());
            let mut connection = opened.map_err(|error| in_file(path, &error))?;
            connection.batch_execute(
                "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;",
            )?;
            sqlite(&mut connection)
        }
    }
}

fn in_file(path: &Path, error: &dyn std::fmt::Display) -> Problem {
    unavailable(format!("{}: {error}", path.display()))
}

/// The versions of this program's migrations, in their order.
pub(super) fn versions(db: &Db) -> Result<Vec<String>, Problem> {
    let version = |name: &dyn MigrationName| name.version().to_string();
    match db {
        Db::Postgres(_) => {
            let known =
                MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES).map_err(Problem::internal)?;
            Ok(known.iter().map(|migration| version(migration.name())).collect())
        }
        Db::Sqlite(_) => {
            let known =
                MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE).map_err(Problem::internal)?;
            Ok(known.iter().map(|migration| version(migration.name())).collect())
        }
    }
}

/// A new database in memory, as the migrations make it: what another one should be.
pub fn in_memory() -> Result<SqliteConnection, Problem> {
    let mut connection = SqliteConnection::establish(":memory:").map_err(unavailable)?;
    sqlite(&mut connection)?;
    Ok(connection)
}

/// Refuses a database that lacks migrations, when the user may not run them.
fn refuse_pending(connection: &mut PgConnection) -> Result<(), Problem> {
    let known = MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES).map_err(Problem::internal)?;
    let run: Vec<Setting> =
        sql_query("SELECT version AS value FROM __diesel_schema_migrations").load(connection)?;
    let is_missing = |version: &String| !run.iter().any(|done| done.value == *version);
    let versions = known.iter().map(|migration| migration.name().version().to_string());
    match versions.filter(is_missing).count() {
        0 => Ok(()),
        count => Err(Problem::internal(format!(
            "the database lacks {}, which this user may not run: run `samverkan migrate` as its owner, with \
             --serving-role for this user",
            counted(count, "migration", "migrations")
        ))),
    }
}

/// The files of an SQLite database that others can read, although their rights were taken from them.
pub fn open_to_others(location: &Location) -> Vec<PathBuf> {
    let Location::Sqlite(path) = location else { return Vec::new() };
    // The log lies beside the file itself, not beside a link to it.
    let file = path.canonicalize().unwrap_or_else(|_| path.clone());
    let files = ["", "-wal", "-shm"].map(|end| {
        let mut name = file.clone().into_os_string();
        name.push(end);
        PathBuf::from(name)
    });
    files.into_iter().filter(|file| files::is_open_to_others(file)).collect()
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

/// Refuses a server whose messages are not in English: `db::error` recognises deadlocks and timeouts by their text. The
/// program cannot set the language itself, because that needs a superuser.
fn refuse_other_language(connection: &mut PgConnection) -> Result<(), Problem> {
    let setting: Setting =
        sql_query("SELECT current_setting('lc_messages') AS value").get_result(connection)?;
    if is_english(&setting.value) {
        return Ok(());
    }
    let role = "ALTER ROLE … SET lc_messages = 'C'";
    Err(Problem::internal(format!(
        "PostgreSQL's lc_messages is {}; it must be C or English. As a superuser: {role}",
        setting.value
    )))
}

/// An empty setting means the language of the server's environment; on managed servers that is English.
fn is_english(lc_messages: &str) -> bool {
    let name = lc_messages.to_ascii_lowercase();
    name.is_empty() || name == "posix" || name == "c" || name.starts_with("c.") || name.starts_with("en")
}

fn sqlite(connection: &mut SqliteConnection) -> Result<Vec<String>, Problem> {
    if !connection.has_pending_migration(SQLITE).map_err(Problem::internal)? {
        return Ok(Vec::new());
    }
    // The write lock makes a second process wait until the first has migrated.
    connection.immediate_transaction(|connection| {
        let done = connection.run_pending_migrations(SQLITE).map_err(Problem::internal)?;
        Ok(done.into_iter().map(|version| version.to_string()).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_must_speak_english() {
        for name in ["C", "C.UTF-8", "POSIX", "en_US.utf8", "en_GB.UTF-8", "English_Sweden.1252", ""] {
            assert!(is_english(name), "{name}");
        }
        for name in ["sv_SE.UTF-8", "de_DE", "Swedish_Sweden.1252", "cs_CZ.UTF-8"] {
            assert!(!is_english(name), "{name}");
        }
    }
}
