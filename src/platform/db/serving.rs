//! Who serves a database. `serve` holds a lock for as long as it runs, and a restoration needs it alone: it would end sessions and
//! hold mail under a process that goes on writing. On SQLite the lock is on a file beside the database, on PostgreSQL it is an
//! advisory lock of a session of its own. The system gives both back when a process is killed.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use diesel::sql_types::Bool;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query};

use super::Location;
use super::error::unavailable;
use crate::platform::files;
use crate::platform::problem::Problem;

/// The advisory lock of PostgreSQL. The number itself has no meaning.
const KEY: i64 = 0x5341_4d57_5345_5256;

/// How often a process looks whether it still has PostgreSQL's lock: the server may have been restarted.
const LOOKS_EVERY: Duration = Duration::from_secs(10);

/// The right to serve, or to be alone; given back when it is dropped.
pub struct Held {
    /// Whether nobody else served the database when this began.
    pub is_alone: bool,
    _lock: Lock,
}

enum Lock {
    File(#[expect(dead_code, reason = "held for its drop")] File),
    Session(#[expect(dead_code, reason = "held for its drop")] Box<PgConnection>),
    /// The thread that keeps the session ends when this is dropped.
    Kept(#[expect(dead_code, reason = "held for its drop")] Sender<()>),
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

/// Begins to serve. Refused while a command has the database for itself, see [`alone`].
pub fn serve(location: &Location) -> Result<Held, Problem> {
    let taken = || {
        Problem::internal(format!(
            "a command that nobody may serve meanwhile (such as `restore`) has {location}: wait for its end"
        ))
    };
    match location {
        Location::Sqlite(path) => {
            let file = lock_file(path)?;
            let is_alone = locked(path, file.try_lock())?;
            if is_alone {
                file.unlock().map_err(|error| in_file(path, &error))?;
            }
            if !locked(path, file.try_lock_shared())? {
                return Err(taken());
            }
            Ok(Held { is_alone, _lock: Lock::File(file) })
        }
        Location::Postgres(url) => {
            let mut session = PgConnection::establish(url).map_err(unavailable)?;
            if !has_lock(&mut session, "pg_try_advisory_lock_shared")? {
                return Err(taken());
            }
            // Not by the lock that is for one alone: processes that start at the same time would refuse each other.
            let is_alone = !have_others(&mut session)?;
            let (keeper, dropped) = channel();
            let url = url.clone();
            std::thread::spawn(move || keep(&url, session, &dropped));
            Ok(Held { is_alone, _lock: Lock::Kept(keeper) })
        }
    }
}

/// The database for one alone, which nobody serves meanwhile. An error when somebody does.
pub fn alone(location: &Location) -> Result<Held, Problem> {
    let served = || Problem::internal(format!("another process serves {location}: stop the program first"));
    let lock = match location {
        Location::Sqlite(path) => {
            let file = lock_file(path)?;
            if locked(path, file.try_lock())? { Lock::File(file) } else { return Err(served()) }
        }
        Location::Postgres(url) => {
            let mut session = PgConnection::establish(url).map_err(unavailable)?;
            if !has_lock(&mut session, "pg_try_advisory_lock")? {
                return Err(served());
            }
            Lock::Session(Box::new(session))
        }
    };
    Ok(Held { is_alone: true, _lock: lock })
}

/// The file stays: who removed it could let two in.
fn lock_file(database: &Path) -> Result<File, Problem> {
    // Beside the file itself, not beside a link to it.
    let database = database.canonicalize().unwrap_or_else(|_| database.to_owned());
    let mut name = database.clone().into_os_string();
    name.push(".lock");
    let path = PathBuf::from(name);
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        files::private_folder(folder).map_err(|error| in_file(folder, &error))?;
    }
    files::private_file(&path).map_err(|error| in_file(&path, &error))?;
    File::open(&path).map_err(|error| in_file(&path, &error))
}

fn locked(path: &Path, tried: Result<(), TryLockError>) -> Result<bool, Problem> {
    match tried {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(in_file(path, &error)),
    }
}

fn in_file(path: &Path, error: &std::io::Error) -> Problem {
    Problem::internal(format!("{}: {error}", path.display()))
}

fn has_lock(session: &mut PgConnection, function: &str) -> Result<bool, Problem> {
    asked(session, &format!("SELECT {function}({KEY}) AS locked"))
}

/// Whether other sessions hold the lock. `pg_locks` shows the two halves of its number, and `objsubid` 1 for a lock of one number.
fn have_others(session: &mut PgConnection) -> Result<bool, Problem> {
    let others = format!(
        "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted \
         AND ((classid::bigint << 32) | objid::bigint) = {KEY} AND pid <> pg_backend_pid() \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS locked"
    );
    asked(session, &others)
}

fn asked(session: &mut PgConnection, question: &str) -> Result<bool, Problem> {
    Ok(sql_query(question).get_result::<Locked>(session)?.locked)
}

/// Keeps the lock until the other end of the channel is dropped.
fn keep(url: &str, session: PgConnection, dropped: &Receiver<()>) {
    let mut session = Some(session);
    while dropped.recv_timeout(LOOKS_EVERY) == Err(RecvTimeoutError::Timeout) {
        let alive = session
            .take()
            .and_then(|mut held| sql_query("SELECT 1").execute(&mut held).is_ok().then_some(held));
        session = alive.or_else(|| again(url));
    }
}

/// A new session with the lock, if there can be one now.
fn again(url: &str) -> Option<PgConnection> {
    let mut session = PgConnection::establish(url).ok()?;
    let is_locked = has_lock(&mut session, "pg_try_advisory_lock_shared").ok()?;
    if !is_locked {
        tracing::error!(
            "a command such as `restore` has the database that this process serves: stop this process"
        );
    }
    is_locked.then_some(session)
}
