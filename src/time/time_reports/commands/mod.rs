//! The changes of time reports: their steps, alone and with a month, and how they are added.

mod locking;
mod making;
mod sheets;
mod signing;
mod stepping;

pub use locking::{lock_month, locked_of_month, unscoped_awaited, unscoped_waiting};
pub use making::{add_for_month, check_begun, is_active, report_for, report_or_new, unscoped_lacking};
pub use stepping::submit_all;
