//! The two entry points to the database. [`Database::read`] gives a connection to queries. [`Database::write`] runs one
//! transaction with the change, its audit events, its mail and its idempotency key, so that a request is done
//! completely or not at all. Every query of a request or a job runs inside one of the two, and nothing else opens a
//! transaction.

mod answers;
mod flush;
mod group;
mod retries;
mod snapshot;
mod trail;
mod turns;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use self::answers::{begin_prepared, commit_outcome_unknown, unknown_outcome};
use self::flush::{Flusher, Writing};
use self::group::{Workplace, Writer};
use self::retries::retried;
use self::turns::Turns;
use crate::platform::audit;
use crate::platform::auth::caller::Subject;
use crate::platform::context::Context;
use crate::platform::db::checkpoints;
use crate::platform::db::sets::Write;
use crate::platform::db::statements;
use crate::platform::db::sync;
use crate::platform::db::transaction::{Durable, begin, commit, rollback, savepoint};
use crate::platform::db::waits::{Commits, Waits};
use crate::platform::db::wal::Wal;
use crate::platform::db::{Db, Location, Pool};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// Options for opening the database.
#[derive(Clone)]
pub struct Options {
    /// Its location.
    pub location: Location,
    /// The most connections of each kind (read, write).
    pub connections: u32,
    /// How long a request waits for a connection.
    pub wait: Duration,
    /// How long a statement waits for a lock of another transaction. On SQLite also how long a write waits for the only
    /// write connection.
    pub write_limit: Duration,
}

/// The database. Clones are cheap and share the connections.
#[derive(Clone)]
pub struct Database {
    readers: Pool,
    writers: Pool,
    location: Location,
    waits: Waits,
    commits: Commits,
    callers_generation: Arc<AtomicU64>,
    /// On SQLite, what lets requests share a commit.
    group: Option<Group>,
    /// On PostgreSQL, what lets requests share a flush.
    flusher: Option<Flusher>,
}

/// The writer of SQLite.
#[derive(Clone)]
struct Group {
    writer: Writer,
    turns: Arc<Turns>,
    wal: Wal,
}

/// What a query gets: a connection and the context.
pub struct Rx<'a> {
    /// The connection.
    pub db: &'a mut Db,
    /// The context: who calls, when, in which language.
    pub ctx: &'a Context,
}

/// What a write gets: a connection inside the transaction, and the context. Functions that write take a `Tx`, so that
/// they cannot run outside a transaction.
pub struct Tx<'a> {
    /// The connection, inside the transaction.
    pub db: &'a mut Db,
    /// The context: who calls, when, in which language.
    pub ctx: &'a Context,
    /// The audit events so far. They are appended to their chains just before the commit, after all other rows are
    /// locked.
    pub(crate) events: Vec<audit::Event>,
    /// The audit events whose values are erased after these were appended.
    pub(crate) erasures: Vec<Id>,
    /// What is written last, together with the audit events.
    pub(crate) last_write: Option<Write<'static>>,
    /// Whether the request only tries what would happen (`dryRun`): nothing of it is kept, not even its answer.
    pub(crate) is_trial: bool,
    /// The person or client that an anonymous request identifies (a login, a link).
    pub(crate) actor: Option<Subject>,
    /// Whether the commit invalidates cached callers.
    invalidates_callers: bool,
}

/// The internal text of the problem with which an [`attempt`](Tx::attempt) that must not be kept ends.
pub const TAKEN_BACK: &str = "taken back";

impl Database {
    /// Opens the database. Connections are opened when they are needed.
    pub fn open(options: Options) -> Self {
        let Options { location, connections, wait, write_limit } = options;
        let lock_timeout = u64::try_from(write_limit.as_millis()).unwrap_or(10_000);
        // SQLite has one writer: a second connection would only wait inside SQLite.
        let writers = if matches!(location, Location::Sqlite(_)) { 1 } else { connections };
        let writer_wait = if writers == 1 { write_limit } else { wait };
        let (waits, commits) = (Waits::default(), Commits::default());
        let callers_generation = Arc::default();
        let pool = Pool::new(location.clone(), writers, writer_wait, lock_timeout, waits.of("write"));
        let wal = if let Location::Sqlite(file) = &location { Some(Wal::of(file)) } else { None };
        let group = wal.map(|wal| {
            let turns = Arc::<Turns>::default();
            let workplace = Workplace {
                pool: pool.clone(),
                turns: Arc::clone(&turns),
                callers_generation: Arc::clone(&callers_generation),
                limit: write_limit,
                waits: waits.of("write"),
                commits: commits.clone(),
                wal: wal.clone(),
            };
            Group { writer: Writer::start(workplace), turns, wal }
        });
        let flusher = matches!(location, Location::Postgres(_))
            .then(|| // Nobody queues for its connection, so its waits are no metric.
            Flusher::start(Pool::new(location.clone(), 1, wait, lock_timeout, Waits::default().of("flush")), write_limit));
        Self {
            readers: Pool::new(location.clone(), connections, wait, lock_timeout, waits.of("read")),
            writers: pool,
            location,
            waits,
            commits,
            callers_generation,
            group,
            flusher,
        }
    }

    /// At the end of the program: moves SQLite's log into the database, so that the file is whole without the log.
    pub fn settle(&self) {
        let Some(group) = self.group.as_ref().filter(|group| !group.wal.is_spoiled()) else { return };
        let _turn = group.turns.take();
        if let Ok(mut connection) = self.writers.get() {
            checkpoints::move_all(&mut connection.db);
        }
    }

    /// The location of the database.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// How many transactions were begun again after a deadlock or a lost connection.
    pub fn retries(&self) -> u64 {
        self.writers.waits().retries()
    }

    /// How long requests have waited for a connection, for `/metrics`.
    pub fn waits(&self) -> &Waits {
        &self.waits
    }

    /// How many requests shared each commit and how long commits took, for `/metrics`.
    pub fn commits(&self) -> &Commits {
        &self.commits
    }

    /// How many requests are waiting to read and to write, for `/metrics`.
    pub fn queues(&self) -> (i64, i64) {
        let writing =
            self.group.as_ref().map_or_else(|| self.writers.waiting(), |group| group.writer.waiting());
        (self.readers.waiting(), writing)
    }

    /// Counts the commits of this process that changed callers (their roles, whether they may log in). A caller that
    /// was cached at another count may be out of date.
    pub fn callers_generation(&self) -> u64 {
        self.callers_generation.load(Ordering::SeqCst)
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
            database.read_blocking(&ctx, query)
        };
        actix_web::web::block(run).await.map_err(|_| Problem::internal("a read was cancelled"))?
    }

    /// Runs queries that read a few rows by key. SQLite has such rows in its cache, so they are read on this thread:
    /// that is faster than a thread switch. PostgreSQL needs a round trip, so a worker thread waits for it.
    pub async fn read_few<T: Send + 'static>(
        &self,
        ctx: Context,
        query: impl Fn(&mut Rx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        match self.location {
            Location::Postgres(_) => self.read(ctx, query).await,
            Location::Sqlite(_) => match self.try_read(&ctx, &query) {
                Some(done) => done,
                None => self.read(ctx, query).await,
            },
        }
    }

    /// Runs queries on this thread. None when no connection is idle or a retry is needed: this thread serves many
    /// requests and must not wait.
    fn try_read<T>(
        &self,
        ctx: &Context,
        query: &impl Fn(&mut Rx<'_>) -> Result<T, Problem>,
    ) -> Option<Result<T, Problem>> {
        let (_slot, mut connection) = self.readers.try_get()?;
        let done = ctx.with_body_errors(query(&mut Rx { db: &mut connection.db, ctx }));
        let is_final = done.as_ref().err().is_none_or(|problem| !problem.transient);
        is_final.then_some(done)
    }

    /// Runs queries on this thread, for command-line commands and jobs.
    pub fn read_blocking<T>(
        &self,
        ctx: &Context,
        query: impl Fn(&mut Rx<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        retried(&self.readers, |connection| {
            ctx.with_body_errors(query(&mut Rx { db: &mut connection.db, ctx }))
        })
    }

    /// Runs one transaction: on SQLite on the thread of the writer, together with others that wait, on PostgreSQL on a
    /// worker thread. `change` runs again after a deadlock or a failure, so it must clone what it consumes.
    pub async fn write<T: Send + 'static>(
        &self,
        ctx: Context,
        change: impl Fn(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        if let Some(group) = &self.group {
            return group.writer.write(ctx, change).await;
        }
        let writing = self.flusher.as_ref().map(Flusher::begin);
        let shares_flush = writing.as_ref().is_some_and(Writing::shares_flush);
        let durable = if shares_flush { Durable::AtFlush } else { Durable::AtCommit };
        let slot = self.writers.slot().await?;
        let database = self.clone();
        let run = move || {
            let _slot = slot;
            database.write_until(&ctx, durable, change)
        };
        let done =
            actix_web::web::block(run).await.map_err(|_| Problem::internal("a write was cancelled"))??;
        if let Some(writing) = writing {
            writing.flushed().await?;
        }
        Ok(done)
    }

    /// Runs one transaction on this thread, for command-line commands and jobs.
    pub fn write_blocking<T>(
        &self,
        ctx: &Context,
        change: impl Fn(&mut Tx<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let Some(Group { turns, wal, .. }) = &self.group else {
            return self.write_until(ctx, Durable::AtCommit, change);
        };
        let turn = turns.take();
        let done = self.write_until(ctx, Durable::AtCommit, change)?;
        drop(turn);
        wal.flush().map_err(|_| unknown_outcome())?;
        Ok(done)
    }

    fn write_until<T>(
        &self,
        ctx: &Context,
        durable: Durable,
        change: impl Fn(&mut Tx<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        retried(&self.writers, |connection| {
            match &self.group {
                Some(group) => begin_prepared(&mut connection.db, &group.wal)?,
                None => begin(&mut connection.db, durable, ctx.clock.now())?,
            }
            transaction(&mut connection.db, ctx, &self.callers_generation, &change)
        })
    }
}

/// Runs a change and appends its audit events, inside a transaction. Returns also whether cached callers are invalid now.
fn inside<T>(
    db: &mut Db,
    ctx: &Context,
    change: &impl Fn(&mut Tx<'_>) -> Result<T, Problem>,
) -> Result<(T, bool), Problem> {
    // Taken here, where the write is registered or has the write lock, and again when it runs again.
    let ctx = &ctx.writing_at(sync::time_of_write(db, &ctx.clock)?);
    let mut tx = Tx {
        db,
        ctx,
        events: Vec::new(),
        erasures: Vec::new(),
        last_write: None,
        is_trial: false,
        actor: None,
        invalidates_callers: false,
    };
    let value = ctx.with_body_errors(change(&mut tx))?;
    let (events, last_write) = (std::mem::take(&mut tx.events), tx.last_write.take());
    audit::append(tx.db, ctx, tx.subject(), events, last_write)?;
    audit::erasure::run(tx.db, &tx.erasures)?;
    Ok((value, tx.invalidates_callers))
}

/// Runs a change in the transaction that has begun, and ends it.
fn transaction<T>(
    db: &mut Db,
    ctx: &Context,
    callers_generation: &AtomicU64,
    change: &impl Fn(&mut Tx<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    match inside(db, ctx, change) {
        Ok((value, invalidates_callers)) => {
            let committed = commit(db);
            // This happens even if the commit fails: it may have succeeded, and only its answer was lost.
            if invalidates_callers {
                callers_generation.fetch_add(1, Ordering::SeqCst);
            }
            committed.map_err(commit_outcome_unknown)?;
            Ok(value)
        }
        Err(problem) => {
            // A failed rollback does not change the answer. r2d2 drops the broken connection.
            if let Err(error) = rollback(db) {
                tracing::debug!(%error, "rollback failed");
            }
            Err(problem)
        }
    }
}

impl Tx<'_> {
    /// Access for queries that take an `Rx`; they run inside this transaction.
    pub fn as_read(&mut self) -> Rx<'_> {
        Rx { db: self.db, ctx: self.ctx }
    }

    /// Takes a lock by name until the transaction ends, for things that have no row to lock (a kommun in a programme).
    pub fn lock_name(&mut self, name: &str) -> Result<(), Problem> {
        statements::lock_name(self.db, name)
    }

    /// Makes the commit invalidate cached callers and keys. Audited rows do this through `stored!(… callers …)`.
    pub fn invalidate_callers(&mut self) {
        self.invalidates_callers = true;
    }

    /// Runs one item of a batch inside a savepoint. If it fails, only its own rows and audit events are rolled back.
    pub fn attempt<T>(&mut self, item: impl FnOnce(&mut Tx<'_>) -> Result<T, Problem>) -> Result<T, Problem> {
        let events_before = self.events.len();
        savepoint(self.db)?;
        match item(self) {
            Ok(value) => {
                commit(self.db)?;
                Ok(value)
            }
            Err(problem) => {
                let rolled_back = rollback(self.db);
                self.events.truncate(events_before);
                // A full disk has ended the transaction already, and is the better answer.
                if problem.code.status() < 500 || problem.internal.as_deref() == Some(TAKEN_BACK) {
                    rolled_back?;
                }
                Err(problem)
            }
        }
    }
}
