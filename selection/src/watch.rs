//! How a computation tells how far it is, and learns that nobody wants it any more.

/// Follows a computation; asked and told from several threads.
pub trait Watch: Sync {
    /// Whether the computation should end without an answer. It is asked often, so it should be cheap.
    fn is_cancelled(&self) -> bool;
    /// How many of `total` steps are done. [`crate::solve`] counts levels, [`crate::explain`] what it explains.
    fn progress(&self, done: u64, total: u64);
}

/// Never cancels and tells nobody.
pub struct NoWatch;

impl Watch for NoWatch {
    fn is_cancelled(&self) -> bool {
        false
    }

    fn progress(&self, _done: u64, _total: u64) {}
}

/// The computation was cancelled: there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;
