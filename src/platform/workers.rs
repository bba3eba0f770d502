//! A few threads of their own for long computations, so that these never take the threads that answer requests. What waits is
//! taken in its order. Work that a request waits for is limited: one at a time for each caller, few in all, and it is not begun
//! when a thread does not become free soon, or when nobody waits for it any more.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

type Work = Box<dyn FnOnce() + Send>;

/// Work that ends its caller's turn before it hands over its result: whoever has that may ask again.
type WorkInTurn = Box<dyn FnOnce(Turn) + Send>;

/// How much that a request waits for may wait for a thread.
const MOST_WAITING: usize = 8;

/// How long it waits.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The threads. They end when the last clone is gone.
#[derive(Clone)]
pub struct Workers {
    queue: Sender<Work>,
    /// For whom something runs or waits that one may have only one of.
    busy: Arc<Mutex<BTreeSet<String>>>,
    /// How much of that waits.
    waiting: Arc<AtomicUsize>,
    longest_wait: Duration,
}

/// Why work is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Something of the same caller runs or waits.
    Running,
    /// Too much waits, or no thread became free.
    Busy,
    /// It panicked.
    Failed,
}

/// Whether somebody still waits for a work's result.
#[derive(Clone, Debug, Default)]
pub struct Waiting(Arc<AtomicBool>);

impl Waiting {
    /// Whether nobody waits any more.
    pub fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Ends the waiting with whoever waited: the future of a request is dropped when its connection is.
struct Interest {
    waiting: Waiting,
    place: Arc<Place>,
}

impl Drop for Interest {
    fn drop(&mut self) {
        self.waiting.0.store(true, Ordering::Relaxed);
        // What was not begun does not wait for its thread: the caller may ask again at once.
        self.place.take();
    }
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

/// Work in the queue, until a thread begins it or nobody waits for it.
struct Place {
    work: Mutex<Option<(WorkInTurn, Turn)>>,
    waiting: Arc<AtomicUsize>,
}

impl Place {
    fn take(&self) -> Option<(WorkInTurn, Turn)> {
        let taken = self.work.lock().unwrap_or_else(PoisonError::into_inner).take();
        if taken.is_some() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        taken
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
        Self { queue, busy: Arc::default(), waiting: Arc::default(), longest_wait: LONGEST_WAIT }
    }

    /// Runs this when a thread is free.
    pub fn run(&self, work: impl FnOnce() + Send + 'static) {
        // The threads live as long as the queue.
        let _ = self.queue.send(Box::new(work));
    }

    /// Runs this when a thread is free, and gives its result, unless something of the same `whose` runs or waits, or the threads
    /// have too much to do. The work is told when nobody waits for it any more; if that is so before it began, it never does.
    pub async fn run_alone<T: Send + 'static>(
        &self,
        whose: String,
        work: impl FnOnce(&Waiting) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = self.turn(whose).ok_or(Refusal::Running)?;
        let waiting = Waiting::default();
        let (begin, begun) = oneshot::channel();
        let (done, result) = oneshot::channel();
        let told = waiting.clone();
        let work: WorkInTurn = Box::new(move |turn| {
            let _ = begin.send(());
            let found = work(&told);
            drop(turn);
            // Nobody waits when the client has gone.
            let _ = done.send(found);
        });
        let place = self.place(work, turn).ok_or(Refusal::Busy)?;
        let queued = Arc::clone(&place);
        self.run(move || {
            if let Some((work, turn)) = queued.take() {
                work(turn);
            }
        });
        let interest = Interest { waiting, place };
        // A sender that is gone has begun and panicked, which the result tells.
        if tokio::time::timeout(self.longest_wait, begun).await.is_err() && interest.place.take().is_some() {
            return Err(Refusal::Busy);
        }
        result.await.map_err(|_| Refusal::Failed)
    }

    fn turn(&self, whose: String) -> Option<Turn> {
        let is_new = self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(whose.clone());
        is_new.then(|| Turn { whose, busy: Arc::clone(&self.busy) })
    }

    /// A place in the queue; none when that is full.
    fn place(&self, work: WorkInTurn, turn: Turn) -> Option<Arc<Place>> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= MOST_WAITING {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let waiting = Arc::clone(&self.waiting);
        Some(Arc::new(Place { work: Mutex::new(Some((work, turn))), waiting }))
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
    use std::time::Instant;

    use super::*;

    /// One thread that is busy until the sender is dropped.
    fn busy(longest_wait: Duration) -> (Workers, Sender<()>) {
        let workers = Workers { longest_wait, ..Workers::start(1) };
        let (go, wait) = channel::<()>();
        workers.run(move || {
            let _ = wait.recv();
        });
        (workers, go)
    }

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

    #[tokio::test]
    async fn nobody_has_two_turns_at_once() {
        let (workers, go) = busy(LONGEST_WAIT);
        let first = workers.run_alone("one".into(), |_| 1);
        let second = async {
            assert_eq!(workers.run_alone("one".into(), |_| 2).await, Err(Refusal::Running));
            drop(go);
            workers.run_alone("other".into(), |_| 7).await
        };
        assert_eq!(tokio::join!(first, second), (Ok(1), Ok(7)));
        let failed: Result<i32, Refusal> = workers.run_alone("one".into(), |_| panic!("of the work")).await;
        assert_eq!(failed, Err(Refusal::Failed));
        assert_eq!(workers.run_alone("one".into(), |_| 3).await, Ok(3));
    }

    #[tokio::test]
    async fn nobody_waits_long_for_a_thread() {
        let (workers, go) = busy(Duration::from_millis(50));
        assert_eq!(workers.run_alone("one".into(), |_| 1).await, Err(Refusal::Busy));
        // It does not wait any more, so the same one may ask again.
        assert_eq!(workers.run_alone("one".into(), |_| 1).await, Err(Refusal::Busy));
        drop(go);
        assert_eq!(workers.run_alone("one".into(), |_| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn only_so_many_wait() {
        let (workers, go) = busy(LONGEST_WAIT);
        let waiting = (0..MOST_WAITING).map(|number| {
            let workers = workers.clone();
            tokio::spawn(async move { workers.run_alone(number.to_string(), move |_| number).await })
        });
        let waiting: Vec<_> = waiting.collect();
        while workers.waiting.load(Ordering::Relaxed) < MOST_WAITING {
            tokio::task::yield_now().await;
        }
        assert_eq!(workers.run_alone("one too many".into(), |_| 0).await, Err(Refusal::Busy));
        drop(go);
        for (number, one) in waiting.into_iter().enumerate() {
            assert_eq!(one.await.unwrap(), Ok(number));
        }
        assert_eq!(workers.run_alone("one too many".into(), |_| 0).await, Ok(0));
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_not_begun_or_told() {
        let (workers, go) = busy(LONGEST_WAIT);
        let was_begun = Arc::new(AtomicBool::new(false));
        let begun = Arc::clone(&was_begun);
        let never = workers.run_alone("one".into(), move |_| begun.store(true, Ordering::SeqCst));
        assert!(tokio::time::timeout(Duration::from_millis(20), never).await.is_err());
        drop(go);
        let (begin, has_begun) = oneshot::channel();
        let (told, was_told) = channel();
        let left = workers.run_alone("one".into(), move |waiting| {
            let _ = begin.send(());
            let since = Instant::now();
            while !waiting.is_over() && since.elapsed() < LONGEST_WAIT {
                std::thread::sleep(Duration::from_millis(1));
            }
            told.send(waiting.is_over()).unwrap();
        });
        tokio::select! {
            _ = left => panic!("it waits until it is told"),
            _ = has_begun => (),
        }
        assert!(was_told.recv().unwrap());
        assert!(!was_begun.load(Ordering::SeqCst), "somebody had gone before it began");
    }
}
