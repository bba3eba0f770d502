//! What a programme's settings must know of approved time.

use super::TimeReportState::{Approved, Claimed, Locked};
use super::store;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::programmes::ApprovedTime;

/// The time of reports.
pub(super) struct Reports;

impl ApprovedTime for Reports {
    fn any_since(&self, tx: &mut Tx<'_>, programme_id: Id, month: Month) -> Result<bool, Problem> {
        let reports = store::unscoped_locked_since(tx, programme_id, month)?;
        Ok(reports.iter().any(|report| matches!(report.status, Approved | Locked | Claimed)))
    }
}
