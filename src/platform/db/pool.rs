//! Connection pools. A request waits for a slot without blocking a thread. When the configured time has passed, the
//! answer is 503 and the client can try again.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::{InstrumentationEvent, SimpleConnection as _};
use diesel::r2d2::{self, ManageConnection, R2D2Connection as _};
use diesel::sqlite::SqliteConnection;
use diesel::{Connection as _, PgConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::checkpoints::LONGEST_LOG;
use super::connection::Db;
use super::error::unavailable;
use super::waits::Wait;
use crate::platform::problem::{Code, Problem};

/// The location of the database.
#[derive(Clone)]
pub enum Location {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL connection string.
    Postgres(String),
}

/// Its kind and place, without user, password and options.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => {
                let whole = path.canonicalize().or_else(|_| std::path::absolute(path));
                write!(f, "the SQLite database {}", whole.as_ref().unwrap_or(path).display())
            }
            Self::Postgres(url) => {
                write!(f, "the PostgreSQL database {}", place_of(url))
            }
        }
    }
}

/// Host and name of an address of PostgreSQL. As libpq does, user and password end at the first `@` before a `/`.
fn place_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['@', '/']).filter(|at| rest.get(*at..).is_some_and(|from| from.starts_with('@')));
    let rest = end.and_then(|at| rest.get(at + 1..)).unwrap_or(rest);
    let place = rest.split('?').next().unwrap_or_default();
    place.rsplit_once('@').map_or(place, |(_, place)| place)
}

/// A connection and its state in the pool.
pub struct PooledConnection {
    /// The connection.
    pub db: Db,
    /// Whether the connection was lost; the pool then drops it.
    pub is_broken: bool,
    /// The pool's `losses` when the connection was opened.
    losses: u64,
    /// How many prepared statements it caches.
    prepared: Arc<AtomicUsize>,
}

/// diesel caches every prepared statement for the life of the connection. Filters, sorts and limits can be combined in
/// more ways than memory allows, so a connection with this many statements is replaced by a new one.
const MOST_PREPARED: usize = 1_000;

/// Opens connections for r2d2.
pub struct Manager {
    location: Location,
    lock_timeout_ms: u64,
    losses: Arc<AtomicU64>,
}

impl ManageConnection for Manager {
    type Connection = PooledConnection;
    type Error = diesel::ConnectionError;

    fn connect(&self) -> Result<PooledConnection, Self::Error> {
        let losses = self.losses.load(Ordering::Relaxed);
        let mut db = match &self.location {
            Location::Sqlite(path) => Db::Sqlite(open_sqlite(path, self.lock_timeout_ms)?),
            Location::Postgres(url) => Db::Postgres(open_postgres(url, self.lock_timeout_ms)?),
        };
        let prepared = Arc::<AtomicUsize>::default();
        let counter = Arc::clone(&prepared);
        db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::CacheQuery { .. }) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(PooledConnection { db, is_broken: false, losses, prepared })
    }

    fn is_valid(&self, connection: &mut PooledConnection) -> Result<(), Self::Error> {
        connection.db.ping().map_err(diesel::ConnectionError::CouldntSetupConfiguration)
    }

    fn has_broken(&self, connection: &mut PooledConnection) -> bool {
        connection.is_broken
            || connection.prepared.load(Ordering::Relaxed) >= MOST_PREPARED
            || std::thread::panicking()
            || connection.db.is_broken()
    }
}

/// WAL lets readers work beside the one writer. With NORMAL a commit does not wait for the disk: see [`super::wal`].
pub(super) fn open_sqlite(path: &Path, wait_ms: u64) -> Result<SqliteConnection, diesel::ConnectionError> {
    let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
    connection
        .batch_execute(&format!(
            "PRAGMA busy_timeout = {wait_ms}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
             PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096; \
             PRAGMA wal_autocheckpoint = {LONGEST_LOG};"
        ))
        .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// `client_min_messages` keeps notices out of standard error. The timeouts limit how long one request can block others.
fn open_postgres(url: &str, wait_ms: u64) -> Result<PgConnection, diesel::ConnectionError> {
    let mut connection = PgConnection::establish(url)?;
    connection
        .batch_execute(&format!(
            "SET client_min_messages = warning; SET TIME ZONE 'UTC'; SET lock_timeout = {wait_ms}; \
             SET statement_timeout = 60000; SET idle_in_transaction_session_timeout = 60000;"
        ))
        .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// The connections of one kind (readers, writers) and the queue for them.
#[derive(Clone)]
pub struct Pool {
    pool: r2d2::Pool<Manager>,
    /// How often the connection to the server was lost. Connections that were opened at a lower count are dead.
    losses: Arc<AtomicU64>,
    slots: Arc<Semaphore>,
    wait: Duration,
    waiting: Arc<AtomicI64>,
    waits: Wait,
}

/// The right to take one connection from the pool. Dropping it frees the slot.
pub struct Slot(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

impl Pool {
    /// A pool of at most `size` connections, which are opened when they are needed.
    pub fn new(location: Location, size: u32, wait: Duration, lock_timeout_ms: u64, waits: Wait) -> Self {
        let losses = Arc::<AtomicU64>::default();
        let manager = Manager { location, lock_timeout_ms, losses: Arc::clone(&losses) };
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            // On PostgreSQL, a ping at each checkout would cost one round trip per request. Instead, the first query on
            // a dead connection fails; the pool then drops the connection and the request runs again on another.
            .test_on_check_out(false)
            .connection_timeout(wait)
            .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
            .build_unchecked(manager);
        let slots = Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(1)));
        Self { pool, losses, slots, wait, waiting: Arc::default(), waits }
    }

    /// Waits for a slot without blocking a thread; 503 when the configured time has passed.
    pub async fn slot(&self) -> Result<Slot, Problem> {
        if let Ok(permit) = Arc::clone(&self.slots).try_acquire_owned() {
            self.waits.record(Duration::ZERO);
            return Ok(Slot(permit));
        }
        // This measures a duration, so it does not use `Clock`.
        let began = Instant::now();
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let permit = tokio::time::timeout(self.wait, Arc::clone(&self.slots).acquire_owned()).await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.waits.record(began.elapsed());
        match permit {
            Ok(Ok(permit)) => Ok(Slot(permit)),
            _ => Err(Problem::new(Code::Overloaded).retry_after(1)),
        }
    }

    /// Its metrics.
    pub fn waits(&self) -> &Wait {
        &self.waits
    }

    /// How many requests are waiting for a slot.
    pub fn waiting(&self) -> i64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Takes a connection.
    pub fn get(&self) -> Result<r2d2::PooledConnection<Manager>, Problem> {
        loop {
            let connection = self.pool.get().map_err(unavailable)?;
            if let Some(connection) = self.alive(connection) {
                return Ok(connection);
            }
        }
    }

    /// Takes a slot and an idle connection if both are available; never waits.
    pub fn try_get(&self) -> Option<(Slot, r2d2::PooledConnection<Manager>)> {
        let slot = Arc::clone(&self.slots).try_acquire_owned().ok()?;
        let connection = self.alive(self.pool.try_get()?)?;
        self.waits.record(Duration::ZERO);
        Some((Slot(slot), connection))
    }

    /// Marks this connection as lost. All connections that were opened before the loss are dead too and are not used
    /// again.
    pub fn mark_lost(&self, connection: &mut PooledConnection) {
        connection.is_broken = true;
        let before = connection.losses;
        // Fails when another request has already counted this loss.
        let _ = self.losses.compare_exchange(before, before + 1, Ordering::Relaxed, Ordering::Relaxed);
    }

    fn alive(
        &self,
        mut connection: r2d2::PooledConnection<Manager>,
    ) -> Option<r2d2::PooledConnection<Manager>> {
        connection.is_broken |= connection.losses != self.losses.load(Ordering::Relaxed);
        (!connection.is_broken).then_some(connection)
    }
}

#[cfg(test)]
mod tests {
    use diesel::dsl::count_star;
    use diesel::prelude::*;

    use super::*;
    use crate::platform::db::Page;
    use crate::platform::db::schema::job_leases;
    use crate::platform::db::waits::Waits;

    /// Prepares `count` statements with different texts.
    fn prepare(connection: &mut PooledConnection, count: usize) {
        for limit in 1..=count {
            let query = job_leases::table.into_boxed().select(count_star());
            Page::of(query, i64::try_from(limit).unwrap(), 0).load::<i64>(&mut connection.db).unwrap();
        }
    }

    #[test]
    fn the_place_of_a_database_shows_no_password() {
        for (url, place) in [
            (
                "postgres://samverkan:secret@db.example.org/samverkan?sslmode=verify-full",
                "db.example.org/samverkan",
            ),
            ("postgres://u:se?cr@et@h1:5432,h2/name", "h1:5432,h2/name"),
            ("postgresql://host/name?password=secret", "host/name"),
            ("postgresql://host/name?password=sec@ret", "host/name"),
            ("postgres:///name?host=/run/postgresql&user=u&password=secret", "/name"),
        ] {
            assert_eq!(place_of(url), place, "{url}");
            assert!(!Location::Postgres(url.to_owned()).to_string().contains("secret"));
        }
    }

    #[test]
    fn a_connection_with_too_many_prepared_statements_is_replaced() {
        let memory = Location::Sqlite(PathBuf::from(":memory:"));
        let pool = Pool::new(memory, 1, Duration::from_secs(5), 1_000, Waits::default().of("read"));
        // A database in memory disappears with its connection.
        let is_same = |connection: &mut PooledConnection| {
            connection.db.batch_execute("SELECT * FROM job_leases").is_ok()
        };

        let mut connection = pool.get().unwrap();
        connection.db.batch_execute("CREATE TABLE job_leases (name TEXT)").unwrap();
        prepare(&mut connection, MOST_PREPARED - 1);
        prepare(&mut connection, MOST_PREPARED - 1);
        drop(connection);
        let mut connection = pool.get().unwrap();
        assert!(is_same(&mut connection), "cached statements are not counted again");

        prepare(&mut connection, MOST_PREPARED);
        drop(connection);
        assert!(!is_same(&mut pool.get().unwrap()));
    }
}
