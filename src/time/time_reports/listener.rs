//! What a later-added participant sets off: a report for every month that has begun and is not locked. And what dates that
//! are moved set off: a month that the person no longer takes part in waits for nothing.

use super::{TimeReportRow, TimeReportState, making, store};
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::platform::workflow;
use crate::team::ParticipantListener;
use crate::team::participants::ParticipantRow;
use crate::time::months::{self, MonthState};

/// Makes the reports of a participant who is added, or whose dates are moved, while months are under way.
pub struct ReportMaker;

impl ParticipantListener for ReportMaker {
    fn changed(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&ParticipantRow>,
        after: &ParticipantRow,
    ) -> Result<(), Problem> {
        for month in months::of_programme(tx.db, after.programme_id)? {
            if tx.ctx.today() < month.month.first_day() || month.status == MonthState::Locked {
                continue;
            }
            let month = month.month;
            let was_active = before.is_some_and(|before| making::is_active(before, month));
            if making::is_active(after, month) {
                let report = making::for_entry(tx, after, month)?;
                if before.is_some() && !was_active {
                    reopen(tx, &report)?;
                }
            } else if was_active {
                leave_empty(tx, after, month)?;
            }
        }
        Ok(())
    }
}

/// Nobody can settle the report of a month that the person takes no part in: it is empty by itself. It has no time that
/// stands, or the dates would have been refused (`time_entries::Guard`).
fn leave_empty(tx: &mut Tx<'_>, participant: &ParticipantRow, month: Month) -> Result<(), Problem> {
    let Some(report) = store::newest_locked(tx, participant.id, month)? else { return Ok(()) };
    if !report.status.is_editable() {
        return Ok(());
    }
    let mut after = report.clone();
    after.reason = None;
    tx.automatic(&report, after, TimeReportState::Empty, None)?;
    Ok(())
}

/// The month is the person's again: what moved dates had emptied takes time again. What the person declared stays.
fn reopen(tx: &mut Tx<'_>, report: &TimeReportRow) -> Result<(), Problem> {
    if report.status != TimeReportState::Empty {
        return Ok(());
    }
    let by = workflow::last_led_by(&mut tx.as_read(), report.id, TimeReportState::Empty.as_str())?;
    if by != Some(report.person_id) {
        tx.automatic(report, report.clone(), TimeReportState::Open, None)?;
    }
    Ok(())
}
