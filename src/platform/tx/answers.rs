//! Answers the groups of SQLite's writer when their commits are on disk. While this thread waits for the disk, the writer
//! runs the next group; one flush is for all groups that were committed before it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use super::group::Queued;
use crate::platform::db::Db;
use crate::platform::db::checkpoints;
use crate::platform::db::transaction::{begin_sqlite, rollback};
use crate::platform::db::waits::Commits;
use crate::platform::db::wal::Wal;
use crate::platform::problem::{Code, Problem};

/// Requests whose commit is made, but may not be on disk.
pub struct Committed {
    /// The requests.
    pub requests: Vec<Box<dyn Queued>>,
    /// When their commit began.
    pub began: Instant,
}

/// Starts the thread. It ends when the writer is gone and everyone is answered.
pub fn start(flush: impl Fn() -> io::Result<()> + Send + 'static, commits: Commits) -> Sender<Committed> {
    let (sender, committed) = channel();
    std::thread::spawn(move || serve(&flush, &commits, &committed));
    sender
}

fn serve(flush: &impl Fn() -> io::Result<()>, commits: &Commits, committed: &Receiver<Committed>) {
    while let Ok(first) = committed.recv() {
        // A panic must not end the thread: nobody would be answered any more. Those whose answers it drops are told that
        // their outcome is unknown.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let groups: Vec<Committed> = std::iter::once(first).chain(committed.try_iter()).collect();
            let flushed = flush().map_err(|_| unknown_outcome());
            for Committed { requests, began } in groups {
                commits.record(requests.len(), began.elapsed());
                answer_all(requests, &flushed);
            }
        }));
    }
}

/// Begins a transaction of SQLite. 503 when its commit could not be flushed to disk.
pub fn begin_prepared(db: &mut Db, wal: &Wal) -> Result<(), Problem> {
    checkpoints::make_room(db);
    begin_sqlite(db)?;
    let Err(error) = wal.prepare() else { return Ok(()) };
    // A connection that cannot roll back is dropped by the pool.
    let _ = rollback(db);
    Err(Problem::new(Code::DatabaseUnavailable).logged(error))
}

/// Answers requests whose transaction ended so.
pub fn answer_all(requests: Vec<Box<dyn Queued>>, ended: &Result<(), Problem>) {
    for request in requests {
        request.answer(ended.clone());
    }
}

/// The problem of a write that was committed, but may not be on disk.
pub fn unknown_outcome() -> Problem {
    commit_outcome_unknown(Problem::new(Code::DatabaseUnavailable))
}

/// The connection was lost during the commit, so the commit may have succeeded. The transaction must not run again, and
/// the answer must not say that nothing was saved.
pub fn commit_outcome_unknown(mut problem: Problem) -> Problem {
    if problem.code != Code::DatabaseUnavailable {
        return problem;
    }
    problem.transient = false;
    problem.detail(
        "Om ändringen sparades är okänt: läs igen innan du försöker på nytt, eller upprepa med samma Idempotency-Key.",
        "It is unknown whether the change was saved: read again before you retry, or repeat with the same \
         Idempotency-Key.",
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::platform::tx::group::Outcome;

    struct Fake(Sender<Result<(), Problem>>);

    impl Queued for Fake {
        fn take(&self) -> bool {
            true
        }

        fn is_long(&self) -> bool {
            false
        }

        fn run(&mut self, _: &mut Db) -> Outcome {
            Outcome::Done
        }

        fn forget(&mut self) {}

        fn invalidates_callers(&self) -> bool {
            false
        }

        fn problem(&self) -> Option<&Problem> {
            None
        }

        fn answer(self: Box<Self>, committed: Result<(), Problem>) {
            self.0.send(committed).unwrap();
        }
    }

    #[test]
    fn nobody_is_answered_before_the_flush() {
        let (answer, answered) = channel();
        let (flushes, outcome_of_flush) = channel::<io::Result<()>>();
        let (asks, asked) = channel();
        let outcome_of_flush = std::sync::Mutex::new(outcome_of_flush);
        let flush = move || {
            asks.send(()).unwrap();
            outcome_of_flush.lock().unwrap().recv().unwrap()
        };
        let answers = start(flush, Commits::default());
        let group = |count| {
            let requests = (0..count).map(|_| Box::new(Fake(answer.clone())) as Box<dyn Queued>);
            Committed { requests: requests.collect(), began: Instant::now() }
        };
        answers.send(group(1)).unwrap();
        asked.recv().unwrap();
        // These are committed after the first flush began, so they wait for a second one, which they share.
        answers.send(group(2)).unwrap();
        answers.send(group(3)).unwrap();
        assert!(answered.recv_timeout(Duration::from_millis(50)).is_err(), "answered before the flush");
        flushes.send(Ok(())).unwrap();
        assert!(answered.recv().unwrap().is_ok());
        asked.recv().unwrap();
        assert!(answered.recv_timeout(Duration::from_millis(50)).is_err(), "answered before their flush");
        flushes.send(Err(io::Error::other("a test"))).unwrap();
        let unknown: Vec<_> = (0..5).map(|_| answered.recv().unwrap().unwrap_err().code).collect();
        assert_eq!(unknown, [unknown_outcome().code; 5]);
        assert!(asked.try_recv().is_err(), "one flush is enough for both groups");
    }
}
