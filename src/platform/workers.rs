//! A few threads of their own for long computations, so that these never take the threads that answer requests. What waits is
//! taken in its order.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

type Work = Box<dyn FnOnce() + Send>;

/// The threads. They end when the last clone is gone.
#[derive(Clone)]
pub struct Workers(Sender<Work>);

impl Workers {
    /// So many threads.
    pub fn start(count: usize) -> Self {
        let (queue, work) = channel::<Work>();
        let work = Arc::new(Mutex::new(work));
        for _ in 0..count.max(1) {
            let work = Arc::clone(&work);
            std::thread::spawn(move || serve(&work));
        }
        Self(queue)
    }

    /// Runs this when a thread is free.
    pub fn run(&self, work: impl FnOnce() + Send + 'static) {
        // The threads live as long as the queue.
        let _ = self.0.send(Box::new(work));
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
}
