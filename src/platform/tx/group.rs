//! Group commit for SQLite, which has one writer. Most of the time of a small write is its commit, which waits for the
//! disk. So requests queue for one thread, which runs whatever waits in one transaction, each request in a savepoint
//! with its own audit events, commits once, and goes on. Another thread answers all of them when the commit is on disk
//! ([`answers`](super::answers)). A request that finds no other waiting is committed at once, without a savepoint.
//!
//! A refused request takes back only what it did itself. If anything goes wrong with the database or the program, the
//! whole group is rolled back and each of its requests runs again alone, so that none suffers for another.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::answers::{self, Committed, answer_all, begin_prepared, commit_outcome_unknown, unknown_outcome};
use super::retries::{ATTEMPTS, back_off};
use super::turns::Turns;
use super::{Tx, inside};
use crate::platform::context::Context;
use crate::platform::db::transaction::{commit, rollback, savepoint};
use crate::platform::db::waits::{Commits, Wait};
use crate::platform::db::wal::Wal;
use crate::platform::db::{Db, Pool};
use crate::platform::problem::{Code, Problem};

/// The most requests of a group.
const MOST: usize = 64;

/// How long a group takes requests: the first one should not wait long for the others.
const LONGEST: Duration = Duration::from_millis(5);

/// A request with a body of so many bytes may take longer than that, so it joins no group, but begins one. That is a rough
/// sign: some hundred steps in a batch are shorter.
const LONG_BODY: usize = 16 * 1024;

const WAITS: u8 = 0;
const TAKEN: u8 = 1;
const GIVEN_UP: u8 = 2;

/// The queue of the only writer.
#[derive(Clone)]
pub struct Writer {
    queue: Sender<Box<dyn Queued>>,
    waiting: Arc<AtomicI64>,
    limit: Duration,
    waits: Wait,
}

/// What the thread of the writer works with.
pub struct Workplace {
    /// The pool of the one write connection.
    pub pool: Pool,
    /// Whose turn it is to write: a group's, or that of a job or a command.
    pub turns: Arc<Turns>,
    /// See [`Database::callers_generation`](super::Database::callers_generation).
    pub callers_generation: Arc<AtomicU64>,
    /// How long a request waits for the writer.
    pub limit: Duration,
    /// Metrics of the waiting times.
    pub waits: Wait,
    /// Metrics of the commits.
    pub commits: Commits,
    /// The log, which is flushed before anyone is answered.
    pub wal: Wal,
}

impl Writer {
    /// Starts the thread. It ends when the last clone of the writer is gone, after everything in the queue is done.
    pub fn start(workplace: Workplace) -> Self {
        let (queue, requests) = channel();
        let (limit, waits) = (workplace.limit, workplace.waits.clone());
        let wal = workplace.wal.clone();
        let answers = answers::start(move || wal.flush(), workplace.commits.clone());
        std::thread::spawn(move || workplace.serve(&requests, &answers));
        Self { queue, waiting: Arc::default(), limit, waits }
    }

    /// How many requests wait.
    pub fn waiting(&self) -> i64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Queues a change and waits for its commit. 503 when its turn does not come in time.
    pub async fn write<T: Send + 'static>(
        &self,
        ctx: Context,
        change: impl Fn(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (answer, mut answered) = oneshot::channel();
        let place = Arc::new(Place {
            state: AtomicU8::new(WAITS),
            since: Instant::now(),
            waiting: Arc::clone(&self.waiting),
            waits: self.waits.clone(),
        });
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let request = Request { ctx, change, outcome: None, answer, place: Arc::clone(&place) };
        let stopped = || Problem::internal("the writer has stopped");
        // Whoever was taken may have been committed.
        let lost = || if place.state.load(Ordering::SeqCst) == TAKEN { unknown_outcome() } else { stopped() };
        self.queue.send(Box::new(request)).map_err(|_| stopped())?;
        match tokio::time::timeout(self.limit, &mut answered).await {
            Ok(done) => done.map_err(|_| lost())?,
            Err(_) if place.leave(GIVEN_UP) => Err(Problem::new(Code::Overloaded).retry_after(1)),
            // It is being written, so its outcome will be known.
            Err(_) => answered.await.map_err(|_| lost())?,
        }
    }
}

/// The place of a request in the queue.
struct Place {
    state: AtomicU8,
    since: Instant,
    waiting: Arc<AtomicI64>,
    waits: Wait,
}

impl Place {
    /// Leaves the queue, if nobody else has ended the waiting.
    fn leave(&self, to: u8) -> bool {
        let is_left = self.state.compare_exchange(WAITS, to, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        if is_left {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.waits.record(self.since.elapsed());
        }
        is_left
    }
}

/// How a request ended inside the transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Its change is made.
    Done,
    /// It is refused, and the answer says why.
    Refused,
    /// The database or the program failed.
    Failed,
    /// It panicked: the state of the connection is unknown.
    Panicked,
}

/// A request in the queue, whatever it returns.
pub(super) trait Queued: Send {
    /// Takes the request out of the queue. False when nobody waits for it any more.
    fn take(&self) -> bool;

    /// Whether those who were taken before should not wait for it.
    fn is_long(&self) -> bool;

    /// Runs its change in the open transaction and keeps the outcome.
    fn run(&mut self, db: &mut Db) -> Outcome;

    /// Forgets an outcome that was rolled back.
    fn forget(&mut self);

    /// Whether the change invalidates cached callers.
    fn invalidates_callers(&self) -> bool;

    /// The problem it ended with.
    fn problem(&self) -> Option<&Problem>;

    /// Sends the answer: its own, or the problem of the transaction.
    fn answer(self: Box<Self>, committed: Result<(), Problem>);
}

struct Request<T, F> {
    ctx: Context,
    change: F,
    outcome: Option<Result<(T, bool), Problem>>,
    answer: oneshot::Sender<Result<T, Problem>>,
    place: Arc<Place>,
}

impl<T, F> Queued for Request<T, F>
where
    T: Send,
    F: Fn(&mut Tx<'_>) -> Result<T, Problem> + Send,
{
    fn take(&self) -> bool {
        let is_taken = self.place.leave(TAKEN);
        is_taken && !self.answer.is_closed()
    }

    fn is_long(&self) -> bool {
        self.ctx.request.body_length >= LONG_BODY
    }

    fn run(&mut self, db: &mut Db) -> Outcome {
        let run = AssertUnwindSafe(|| inside(db, &self.ctx, &self.change));
        let Ok(done) = catch_unwind(run) else {
            self.outcome = Some(Err(Problem::internal("a write panicked")));
            return Outcome::Panicked;
        };
        let outcome = match &done {
            Ok(_) => Outcome::Done,
            Err(problem) if problem.code.status() >= 500 || problem.transient => Outcome::Failed,
            Err(_) => Outcome::Refused,
        };
        self.outcome = Some(done);
        outcome
    }

    fn forget(&mut self) {
        self.outcome = None;
    }

    fn invalidates_callers(&self) -> bool {
        matches!(self.outcome, Some(Ok((_, true))))
    }

    fn problem(&self) -> Option<&Problem> {
        self.outcome.as_ref()?.as_ref().err()
    }

    fn answer(self: Box<Self>, committed: Result<(), Problem>) {
        let answer = match (self.outcome, committed) {
            (Some(Err(own)), _) => Err(own),
            (_, Err(of_transaction)) => Err(of_transaction),
            (Some(Ok((value, _))), Ok(())) => Ok(value),
            (None, Ok(())) => Err(Problem::internal("a write without an outcome")),
        };
        // Nobody waits when the client has gone.
        let _ = self.answer.send(answer);
    }
}

impl Workplace {
    fn serve(&self, requests: &Receiver<Box<dyn Queued>>, answers: &Sender<Committed>) {
        let mut later = None;
        while let Some(first) = later.take().or_else(|| requests.recv().ok()) {
            let _turn = self.turns.take();
            if first.take() {
                // A panic outside of a request's change must not end the only writer. Those whose answers it drops are told
                // that the writer has stopped.
                let group = AssertUnwindSafe(|| self.commit_together(first, requests, &mut later, answers));
                let _ = catch_unwind(group);
            }
        }
    }

    /// Runs the first request and those that wait behind it, and commits them together. `later` becomes the one that must
    /// begin the next group.
    fn commit_together(
        &self,
        first: Box<dyn Queued>,
        requests: &Receiver<Box<dyn Queued>>,
        later: &mut Option<Box<dyn Queued>>,
        answers: &Sender<Committed>,
    ) {
        let mut connection = match self.pool.get() {
            Ok(connection) => connection,
            Err(problem) => return first.answer(Err(problem)),
        };
        let db = &mut connection.db;
        if let Err(problem) = begin_prepared(db, &self.wal) {
            return first.answer(Err(problem));
        }
        let mut group = vec![first];
        let mut outcome = run_last(&mut group, db);
        let began = Instant::now();
        let is_over = |group: &[Box<dyn Queued>]| group.len() == MOST || began.elapsed() > LONGEST;
        while matches!(outcome, Outcome::Done | Outcome::Refused) && !is_over(&group) {
            if outcome == Outcome::Refused && group.len() == 1 {
                break;
            }
            let Some(next) = requests.try_iter().find(|request| request.is_long() || request.take()) else {
                break;
            };
            if next.is_long() {
                *later = Some(next);
                break;
            }
            group.push(next);
            outcome = run_in_savepoint(&mut group, db);
        }
        match outcome {
            Outcome::Refused if group.len() == 1 => {
                connection.is_broken |= rollback(db).is_err();
                answer_all(group, &Ok(()));
            }
            Outcome::Done | Outcome::Refused => {
                connection.is_broken |= self.commit(db, group, answers).is_err();
            }
            Outcome::Failed | Outcome::Panicked => {
                // A connection whose state is unknown is closed, which rolls back what it had begun.
                let is_lost = outcome == Outcome::Panicked || rollback(db).is_err();
                connection.is_broken |= is_lost;
                drop(connection);
                let was_alone = group.len() == 1;
                for request in group {
                    let is_final = request.problem().is_some_and(|problem| !problem.transient);
                    if was_alone && is_final {
                        request.answer(Ok(()));
                    } else {
                        self.run_alone(request, answers);
                    }
                }
            }
        }
    }

    /// Commits what the group has done, and lets it be answered.
    fn commit(
        &self,
        db: &mut Db,
        group: Vec<Box<dyn Queued>>,
        answers: &Sender<Committed>,
    ) -> Result<(), Problem> {
        let began = Instant::now();
        let committed = commit(db).map_err(commit_outcome_unknown);
        // This happens even if the commit fails: it may have succeeded, and only its answer was lost.
        if group.iter().any(|request| request.invalidates_callers()) {
            self.callers_generation.fetch_add(1, Ordering::SeqCst);
        }
        if committed.is_err() {
            self.commits.record(group.len(), began.elapsed());
            answer_all(group, &committed);
        } else if let Err(lost) = answers.send(Committed { requests: group, began }) {
            answer_all(lost.0.requests, &Err(unknown_outcome()));
        }
        committed
    }

    /// Runs one request in a transaction of its own; again if the database asks for it.
    fn run_alone(&self, request: Box<dyn Queued>, answers: &Sender<Committed>) {
        let mut request = Some(request);
        for attempt in 1..=ATTEMPTS {
            let Some(mut waiting) = request.take() else { return };
            waiting.forget();
            let (left, ended) = self.attempt(waiting, answers);
            let Some(left) = left else { return };
            let is_final =
                attempt == ATTEMPTS || ended.as_ref().err().is_none_or(|problem| !problem.transient);
            if is_final {
                return left.answer(ended);
            }
            request = Some(left);
            self.waits.count_retry();
            back_off(attempt);
        }
    }

    /// Gives the request back unless it was committed, and how its transaction ended.
    fn attempt(
        &self,
        request: Box<dyn Queued>,
        answers: &Sender<Committed>,
    ) -> (Option<Box<dyn Queued>>, Result<(), Problem>) {
        let mut connection = match self.pool.get() {
            Ok(connection) => connection,
            Err(problem) => return (Some(request), Err(problem)),
        };
        let db = &mut connection.db;
        if let Err(problem) = begin_prepared(db, &self.wal) {
            return (Some(request), Err(problem));
        }
        let mut group = vec![request];
        let outcome = run_last(&mut group, db);
        if outcome == Outcome::Done {
            connection.is_broken |= self.commit(db, group, answers).is_err();
            return (None, Ok(()));
        }
        let is_lost = outcome == Outcome::Panicked || rollback(db).is_err();
        connection.is_broken |= is_lost;
        let problem = group.last().and_then(|request| request.problem().cloned());
        let problem = problem.unwrap_or_else(|| Problem::internal("a write without an outcome"));
        (group.pop(), Err(problem))
    }
}

/// Runs the last request of the group.
fn run_last(group: &mut [Box<dyn Queued>], db: &mut Db) -> Outcome {
    group.last_mut().map_or(Outcome::Failed, |request| request.run(db))
}

/// Runs the last request of the group so that its refusal takes back only what it did.
fn run_in_savepoint(group: &mut [Box<dyn Queued>], db: &mut Db) -> Outcome {
    if savepoint(db).is_err() {
        return Outcome::Failed;
    }
    let outcome = run_last(group, db);
    let ended = match outcome {
        Outcome::Done => commit(db).is_ok(),
        // After a failure, the whole transaction is rolled back next.
        Outcome::Refused | Outcome::Failed => rollback(db).is_ok(),
        Outcome::Panicked => false,
    };
    match outcome {
        Outcome::Panicked => Outcome::Panicked,
        _ if !ended => Outcome::Failed,
        _ => outcome,
    }
}
