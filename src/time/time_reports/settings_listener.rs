//! What a programme's settings must know of approved time.

use std::collections::BTreeSet;

use super::TimeReportState::{Approved, Claimed, Locked};
use super::store;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::programmes::ApprovedTime;

/// The time of reports.
pub(super) struct Reports;

impl ApprovedTime for Reports {
    fn lock_since(&self, tx: &mut Tx<'_>, programme_id: Id, month: Month) -> Result<(), Problem> {
        store::unscoped_locked_since(tx, programme_id, month).map(|_| ())
    }

    fn newest(&self, rx: &mut Rx<'_>, programmes: &BTreeSet<Id>) -> Result<Vec<(Id, Month)>, Problem> {
        store::unscoped_newest_months(rx.db, programmes, &[Approved, Locked, Claimed])
    }
}
