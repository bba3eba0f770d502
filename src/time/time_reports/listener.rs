//! What a later-added participant sets off: a report for every month that has begun and is not locked.

use super::making;
use crate::platform::db::Tx;
use crate::platform::http::problem::Problem;
use crate::team::ParticipantListener;
use crate::team::participants::ParticipantRow;
use crate::time::months::{self, MonthState};

/// Makes the reports of a participant who is added, or whose dates are moved, while months are under way.
pub struct ReportMaker;

impl ParticipantListener for ReportMaker {
    fn changed(
        &self,
        tx: &mut Tx<'_>,
        _before: Option<&ParticipantRow>,
        after: &ParticipantRow,
    ) -> Result<(), Problem> {
        for month in months::of_programme(tx.db, after.programme_id)? {
            let has_begun = month.month.first_day() <= tx.ctx.today();
            if has_begun && month.status != MonthState::Locked && making::is_active(after, month.month) {
                making::for_entry(tx, after, month.month)?;
            }
        }
        Ok(())
    }
}
