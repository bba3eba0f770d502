//! A few threads of their own for long computations, so that these never take the threads that answer requests. What waits is
//! taken in its order.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

type Work = Box<dyn FnOnce() + Send>;

/// The threads. They end when the last clone is gone.
#[derive(Clone)]
pub struct Workers {
    queue: Sender<Work>,
    /// For whom something runs or waits that one may have only one of.
    busy: Arc<Mutex<BTreeSet<String>>>,
}

/// Somebody's turn, from when it was asked for until the work has ended or panicked.
struct Turn {
    whose: String,
    busy: Arc<Mutex<BTreeSet<String>>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.whose);
    }
}

impl Workers {
    /// So many threads.
    pub fn start(count: usize) -> Self {
        let (queue, work) = channel::<Work>();
        let work = Arc::new(Mutex::new(work));
        for _ in 0..count.max(1) {
            let work = Arc::clone(&work);
            std::thread::spawn(move || serve(&work));
        }
        Self { queue, busy: Arc::default() }
    }

    /// Runs this when a thread is free.
    pub fn run(&self, work: impl FnOnce() + Send + 'static) {
        // The threads live as long as the queue.
        let _ = self.queue.send(Box::new(work));
    }

    /// Like [`run`](Self::run), and gives its result; none while something of the same `whose` runs or waits.
    pub fn run_alone<T: Send + 'static>(
        &self,
        whose: String,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<oneshot::Receiver<T>> {
        if !self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(whose.clone()) {
            return None;
        }
        let turn = Turn { whose, busy: Arc::clone(&self.busy) };
        let (done, result) = oneshot::channel();
        self.run(move || {
            let found = work();
            drop(turn);
            // Nobody waits when the client has gone.
            let _ = done.send(found);
        });
        Some(result)
    }
}

fn serve(work: &Mutex<Receiver<Work>>) {
    loop {
        // Only the waiting thread holds the lock: another takes it as soon as this one has its work.
        let next = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(next) = next else { return };
        // A panic must not end the thread. It is logged by the panic hook.
        let _ = catch_unwind(AssertUnwindSafe(next));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_in_its_order_and_outlives_a_panic() {
        let workers = Workers::start(1);
        let (done, seen) = channel();
        for number in 0..3 {
            let done = done.clone();
            workers.run(move || {
                done.send(number).unwrap();
                assert_ne!(number, 1, "a panic of the work");
            });
        }
        drop(done);
        assert_eq!(seen.iter().collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn nobody_has_two_turns_at_once() {
        let workers = Workers::start(1);
        let (go, wait) = channel::<()>();
        let first = workers.run_alone("one".into(), move || wait.recv().is_ok()).unwrap();
        assert!(workers.run_alone("one".into(), || ()).is_none());
        let other = workers.run_alone("other".into(), || 7).unwrap();
        go.send(()).unwrap();
        assert!(first.blocking_recv().unwrap());
        assert_eq!(other.blocking_recv().unwrap(), 7);
        assert!(workers.run_alone("one".into(), || ()).is_some());
    }
}
