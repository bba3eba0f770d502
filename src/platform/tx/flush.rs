//! Shared flushes on PostgreSQL. A transaction keeps its locks until its commit is on disk, so the writes of one kommun,
//! which all append to one audit chain, would wait for the disk one after the other. When several requests write at the
//! same time, their transactions commit without waiting for the disk (`synchronous_commit = off`), which frees the locks
//! at once, and one thread then flushes the log for all of them together. A request is answered only after the flush that
//! follows its commit, so every answered write is on disk.
//!
//! A server that crashes between a commit and its flush may lose the write. The flusher's connection is then lost, too:
//! a request is sure of its write only if the flush ran on the connection that was open when the request began.
//! Otherwise it is told that the outcome is unknown. So that a connection that was lost while nobody wrote spoils no
//! healthy write, it is tried every few seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use diesel::RunQueryDsl as _;
use diesel::r2d2::PooledConnection as Held;
use tokio::sync::oneshot;

use super::answers::unknown_outcome;
use crate::platform::db::kept::Sql;
use crate::platform::db::{Manager, Pool};
use crate::platform::problem::Problem;

/// Writes a message into the log, which nobody reads. When its commit is on disk, so is everything before it.
const FLUSH: &str = "SELECT pg_logical_emit_message(true, 'samverkan', '')";

/// The number of a flusher's connection when there is none.
const NONE: u64 = 0;

/// The queue of the flusher.
#[derive(Clone)]
pub struct Flusher {
    queue: Sender<Message>,
    /// How many requests are writing or wait for their flush.
    writing: Arc<AtomicI64>,
    /// The number of the flusher's connection, from 1.
    connection: Arc<AtomicU64>,
    /// Whether a [`Message::Connect`] is in the queue.
    is_asked: Arc<AtomicBool>,
    /// How long a request waits for its flush.
    limit: Duration,
}

enum Message {
    /// Somebody found no connection.
    Connect,
    /// A request has committed: the number of the connection when it began, and where it waits.
    Flush(u64, oneshot::Sender<Result<(), Problem>>),
}

/// A request that writes, from its beginning to its flush.
pub struct Writing {
    flusher: Flusher,
    /// The number of the flusher's connection when others write at the same time, so that a flush is worth sharing.
    shares: Option<u64>,
}

impl Flusher {
    /// Starts the thread. It ends when the last clone of the flusher is gone. `pool` is its own, of one connection.
    pub fn start(pool: Pool, limit: Duration) -> Self {
        let (queue, messages) = channel();
        let (connection, is_asked) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let (number, asked) = (Arc::clone(&connection), Arc::clone(&is_asked));
        let flushing = Flushing { pool, number, is_asked: asked, held: None, opened: 0 };
        std::thread::spawn(move || flushing.serve(&messages));
        Self { queue, writing: Arc::default(), connection, is_asked, limit }
    }

    /// A request begins to write.
    pub fn begin(&self) -> Writing {
        let others = self.writing.fetch_add(1, Ordering::SeqCst);
        let number = self.connection.load(Ordering::SeqCst);
        if others > 0 && number == NONE && !self.is_asked.swap(true, Ordering::SeqCst) {
            // The queue is open as long as `self` lives.
            let _ = self.queue.send(Message::Connect);
        }
        Writing { flusher: self.clone(), shares: (others > 0 && number != NONE).then_some(number) }
    }
}

impl Writing {
    /// Whether its commit need not wait for the disk.
    pub fn shares_flush(&self) -> bool {
        self.shares.is_some()
    }

    /// Waits until everything that was committed before is on disk.
    pub async fn flushed(self) -> Result<(), Problem> {
        let Some(number) = self.shares else { return Ok(()) };
        let (answer, answered) = oneshot::channel();
        if self.flusher.queue.send(Message::Flush(number, answer)).is_err() {
            return Err(unknown_outcome());
        }
        match tokio::time::timeout(self.flusher.limit, answered).await {
            Ok(Ok(flushed)) => flushed,
            Ok(Err(_)) => Err(unknown_outcome()),
            Err(_) => {
                // The connection hangs: the next requests must not wait for it.
                self.flusher.connection.store(NONE, Ordering::SeqCst);
                Err(unknown_outcome())
            }
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.flusher.writing.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How often a connection that has nothing to do is tried.
const IDLE: Duration = Duration::from_secs(5);

/// What the thread works with.
struct Flushing {
    pool: Pool,
    number: Arc<AtomicU64>,
    is_asked: Arc<AtomicBool>,
    /// The connection. It is never given back while it works, because the pool could replace it.
    held: Option<Held<Manager>>,
    opened: u64,
}

impl Flushing {
    fn serve(mut self, messages: &Receiver<Message>) {
        loop {
            let first = match messages.recv_timeout(IDLE) {
                Ok(first) => first,
                Err(RecvTimeoutError::Timeout) => {
                    self.run("SELECT 1");
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let (mut waiting, mut is_asked) = (Vec::new(), false);
            for message in std::iter::once(first).chain(messages.try_iter()) {
                match message {
                    Message::Connect => is_asked = true,
                    Message::Flush(number, answer) => waiting.push((number, answer)),
                }
            }
            if !waiting.is_empty() {
                let is_flushed = self.run(FLUSH);
                for (number, answer) in waiting {
                    let is_sure = is_flushed && number == self.opened;
                    // Nobody waits when the client has gone.
                    let _ = answer.send(if is_sure { Ok(()) } else { Err(unknown_outcome()) });
                }
            }
            if is_asked {
                self.connect();
                self.is_asked.store(false, Ordering::SeqCst);
            }
        }
    }

    /// Opens the connection, and tries it: a server that does not take messages gets no shared flushes. A connection that
    /// was given up because it hung is replaced, too.
    fn connect(&mut self) {
        if self.held.is_some() && self.number.load(Ordering::SeqCst) != NONE {
            return;
        }
        if let Some(mut hung) = self.held.take() {
            self.pool.mark_lost(&mut hung);
        }
        self.held = self.pool.get().ok();
        if self.run(FLUSH) {
            self.opened += 1;
            self.number.store(self.opened, Ordering::SeqCst);
        }
    }

    /// Runs a statement, and gives up the connection if that fails.
    fn run(&mut self, statement: &'static str) -> bool {
        let Some(connection) = &mut self.held else { return false };
        if Sql::<()>::new(statement).execute(&mut connection.db).is_ok() {
            return true;
        }
        self.number.store(NONE, Ordering::SeqCst);
        self.pool.mark_lost(connection);
        self.held = None;
        false
    }
}

impl Drop for Flushing {
    fn drop(&mut self) {
        // Without the thread nobody may count on a shared flush.
        self.number.store(NONE, Ordering::SeqCst);
    }
}
