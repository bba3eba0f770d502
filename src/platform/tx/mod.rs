//! The two doors to the database. [`Database::read`] gives a query a connection; [`Database::write`] runs one
//! transaction that carries the change, its audit events, its mail and its idempotency key together, so that a request
//! is done wholly or not at all. No query runs outside a door and nothing else opens a transaction.

mod trail;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::platform::audit;
use crate::platform::auth::caller::Subject;
use crate::platform::context::Context;
use crate::platform::db::transaction::{begin, commit, rollback, savepoint};
use crate::platform::db::waits::Waits;
use crate::platform::db::{Db, Location, Pool, PooledConnection};
use crate::platform::problem::{Code, Problem};

/// How the database is opened.
#[derive(Clone)]
pub struct Options {
    /// Where it is.
    pub location: Location,
    /// At most so many connections of each kind.
    pub connections: u32,
    /// How long a request waits for one.
    pub wait: Duration,
    /// How long a statement waits for another transaction's lock.
    pub write_limit: Duration,
}

/// The database. Cheap to clone: all clones share the connections.
#[derive(Clone)]
pub struct Database {
    readers: Pool,
    writers: Pool,
    location: Location,
    waits: Waits,
    callers: Arc<AtomicU64>,
}

/// What a read is given: a connection, and who asks.
pub struct Rx<'a> {
    /// The connection.
    pub db: &'a mut Db,
    /// Who asks, when, in which language.
    pub ctx: &'a Context,
}

/// What a write is given: a connection inside the request's one transaction, and who acts. A store's writes take
/// nothing else, so there is no way around the transaction.
pub struct Tx<'a> {
    /// The connection, inside the transaction.
    pub db: &'a mut Db,
    /// Who acts, when, in which language.
    pub ctx: &'a Context,
    /// Written to the audit chains just before the commit, when all other rows are locked.
    pub(crate) events: Vec<audit::Event>,
    /// Who turned out to act, when nobody had logged in (a login, a link).
    pub(crate) actor: Option<Subject>,
    /// Whether somebody is another caller once it is committed.
    changes_callers: bool,
}

/// Tries again at most so often when the database asks for it.
const ATTEMPTS: u32 = 6;

impl Database {
    /// Opens the database; connections are made when they are needed.
    pub fn open(options: Options) -> Self {
        let Options { location, connections, wait, write_limit } = options;
        let lock_timeout = u64::try_from(write_limit.as_millis()).unwrap_or(10_000);
        // SQLite has one writer; a second connection would only wait for the first inside SQLite.
        let writers = if matches!(location, Location::Sqlite(_)) { 1 } else { connections };
        let writer_wait = if writers == 1 { write_limit } else { wait };
        let waits = Waits::default();
        Self {
            readers: Pool::new(location.clone(), connections, wait, lock_timeout, waits.of("read")),
            writers: Pool::new(location.clone(), writers, writer_wait, lock_timeout, waits.of("write")),
            location,
            waits,
            callers: Arc::default(),
        }
    }

    /// Where the database is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// How long requests have waited, for `/metrics`.
    pub fn waits(&self) -> &Waits {
        &self.waits
    }

    /// Requests that wait for a reader and for a writer, for `/metrics`.
    pub fn queues(&self) -> (i64, i64) {
        (self.readers.waiting(), self.writers.waiting())
    }

    /// How often this process has changed who callers are: what was read of them at another count may be old.
    pub fn changes_of_callers(&self) -> u64 {
        self.callers.load(Ordering::SeqCst)
    }

    /// Runs queries on a worker thread.
    pub async fn read<T: Send + 'static>(
        &self,
        ctx: Context,
        query: impl Fn(&mut Rx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let slot = self.readers.slot().await?;
        let database = self.clone();
        let run = move || {
            let _slot = slot;
            database.read_now(&ctx, query)
        };
        actix_web::web::block(run).await.map_err(|_| Problem::internal("a read was cancelled"))?
    }

    /// Runs queries that meet a few rows by their keys. SQLite has them in its cache: reading them here costs less than
    /// a change of threads. PostgreSQL's answer takes its time on the way, so that is waited for on a worker thread.
    pub async fn read_few<T: Send + 'static>(
        &self,
        ctx: Context,
        query: impl Fn(&mut Rx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        match self.location {
            Location::Postgres(_) => self.read(ctx, query).await,
            Location::Sqlite(_) => match self.read_at_once(&ctx, &query) {
                Some(done) => done,
                None => self.read(ctx, query).await,
            },
        }
    }

    /// Runs queries on this thread if a connection lies ready and nothing has to be tried again: it is a thread that
    /// serves many requests and must not wait.
    fn read_at_once<T>(
        &self,
        ctx: &Context,
        query: &impl Fn(&mut Rx<'_>) -> Result<T, Problem>,
    ) -> Option<Result<T, Problem>> {
        let (_slot, mut connection) = self.readers.get_at_once()?;
        let done = ctx.with_body_errors(query(&mut Rx { db: &mut connection.db, ctx }));
        let is_final = done.as_ref().err().is_none_or(|problem| !problem.transient);
        is_final.then_some(done)
    }

    /// Runs queries on this thread (commands, jobs).
    pub fn read_now<T>(
        &self,
        ctx: &Context,
        query: impl Fn(&mut Rx<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        retried(&self.readers, |connection| {
            ctx.with_body_errors(query(&mut Rx { db: &mut connection.db, ctx }))
        })
    }

    /// Runs one transaction on a worker thread. `change` may run more than once, so it borrows what it needs.
    pub async fn write<T: Send + 'static>(
        &self,
        ctx: Context,
        change: impl Fn(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let slot = self.writers.slot().await?;
        let database = self.clone();
        let run = move || {
            let _slot = slot;
            database.write_now(&ctx, change)
        };
        actix_web::web::block(run).await.map_err(|_| Problem::internal("a write was cancelled"))?
    }

    /// Runs one transaction on this thread (commands, jobs).
    pub fn write_now<T>(
        &self,
        ctx: &Context,
        change: impl Fn(&mut Tx<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        retried(&self.writers, |connection| transaction(&mut connection.db, ctx, &self.callers, &change))
    }
}

fn retried<T>(
    pool: &Pool,
    mut work: impl FnMut(&mut PooledConnection) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let mut attempt = 1;
    loop {
        let mut connection = pool.get()?;
        let done = work(&mut connection);
        let Err(problem) = &done else { return done };
        if problem.code == Code::DatabaseUnavailable {
            pool.lost(&mut connection);
        }
        if !problem.transient || attempt == ATTEMPTS {
            return done;
        }
        drop(connection);
        // Two that met in a deadlock should not meet again in step.
        std::thread::sleep(Duration::from_millis(u64::from(attempt * attempt) * 3));
        attempt += 1;
    }
}

fn transaction<T>(
    db: &mut Db,
    ctx: &Context,
    callers: &AtomicU64,
    change: &impl Fn(&mut Tx<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    begin(db)?;
    let mut tx = Tx { db, ctx, events: Vec::new(), actor: None, changes_callers: false };
    let done = ctx.with_body_errors(change(&mut tx)).and_then(|value| {
        let events = std::mem::take(&mut tx.events);
        audit::append(tx.db, ctx, tx.subject(), events)?;
        Ok(value)
    });
    let changes_callers = tx.changes_callers;
    match done {
        Ok(value) => {
            let committed = commit(db);
            // Also when the commit's answer is lost: it may have gone through.
            if changes_callers {
                callers.fetch_add(1, Ordering::SeqCst);
            }
            committed.map_err(committed_or_not)?;
            Ok(value)
        }
        Err(problem) => {
            // The problem is the answer, whatever a failing rollback says; r2d2 drops a connection it leaves broken.
            if let Err(error) = rollback(db) {
                tracing::debug!(%error, "rollback failed");
            }
            Err(problem)
        }
    }
}

/// Whether a commit went through is unknown when its answer is lost: the change is never run again, and nobody is told
/// that nothing was saved.
fn committed_or_not(mut problem: Problem) -> Problem {
    if problem.code != Code::DatabaseUnavailable {
        return problem;
    }
    problem.transient = false;
    problem.detail(
        "Om ändringen sparades är okänt: läs igen innan du försöker på nytt, eller upprepa med samma Idempotency-Key.",
        "Whether the change was saved is unknown: read again before you retry, or repeat with the same Idempotency-Key.",
    )
}

impl Tx<'_> {
    /// This transaction as a read, for queries that both doors use.
    pub fn as_read(&mut self) -> Rx<'_> {
        Rx { db: self.db, ctx: self.ctx }
    }

    /// Says that this transaction changes who somebody is, so that what is cached of callers is read again after it. Rows
    /// that are audited say it themselves (`stored!`).
    pub fn callers_change(&mut self) {
        self.changes_callers = true;
    }

    /// Sets a savepoint, so that one item of a batch can fail alone: its rows and its audit events are taken back.
    pub fn attempt<T>(&mut self, item: impl FnOnce(&mut Tx<'_>) -> Result<T, Problem>) -> Result<T, Problem> {
        let events_before = self.events.len();
        savepoint(self.db)?;
        match item(self) {
            Ok(value) => {
                commit(self.db)?;
                Ok(value)
            }
            Err(problem) => {
                rollback(self.db)?;
                self.events.truncate(events_before);
                Err(problem)
            }
        }
    }
}
