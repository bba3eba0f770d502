//! The same work for many items on several threads, with the results in the items' order.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::watch::{Cancelled, Watch};

/// Passes on whether it is cancelled, and tells nothing.
pub(super) struct Silent<'w>(pub(super) &'w dyn Watch);

impl Watch for Silent<'_> {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn progress(&self, _done: u64, _total: u64) {}
}

/// Does the work for each item. Which thread takes which item does not matter for the results.
pub(super) fn each<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    watch: &dyn Watch,
    work: impl Fn(&T) -> Result<R, Cancelled> + Sync,
) -> Result<Vec<R>, Cancelled> {
    let (next, is_cancelled) = (AtomicUsize::new(0), AtomicBool::new(false));
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
    let take = || {
        while !is_cancelled.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return };
            match work(item) {
                Ok(result) => {
                    let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    done.push((at, result));
                    watch.progress(done.len() as u64, items.len() as u64);
                }
                Err(Cancelled) => is_cancelled.store(true, Ordering::Relaxed),
            }
        }
    };
    watch.progress(0, items.len() as u64);
    std::thread::scope(|scope| {
        (1..threads.clamp(1, items.len().max(1))).for_each(|_| drop(scope.spawn(take)));
        take();
    });
    if is_cancelled.into_inner() {
        return Err(Cancelled);
    }
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}
