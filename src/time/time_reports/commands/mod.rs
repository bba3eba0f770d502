//! The changes of time reports: their steps, alone and with a month, and how they are added.

mod locking;
mod making;
mod sheets;
mod signing;
mod stepping;

pub use locking::{lock_month, locked_of_month, unscoped_awaited, unscoped_waiting};
pub use making::{add_for_month, check_begun, is_active, report_for, report_or_new, unscoped_lacking};
pub use stepping::submit_all;

use super::store::TimeReportRow;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

/// An entry has moved from the report to that of another month. It is a change of the report that it left, because nothing
/// else leads from the entry to that one: whoever follows changes would keep its old total.
pub fn entry_moved(tx: &mut Tx<'_>, left: Id) -> Result<(), Problem> {
    let report = tx.locked::<TimeReportRow>(left)?;
    tx.update("entryMoved", &report, report.clone())?;
    Ok(())
}
