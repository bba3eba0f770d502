//! What a change of a participant means for time reports. A participant who is added later gets a report for every month that
//! has begun and is not locked. When dates are moved, a month that the person no longer takes part in waits for no report.

use super::store::{self, TimeReportRow};
use super::{TimeReportState, commands};
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::platform::workflow;
use crate::team::ParticipantListener;
use crate::team::participants::ParticipantRow;
use crate::time::months::{self, MonthState};

/// Adds and settles reports when a participant is added or the dates are moved.
pub struct Reports;

impl ParticipantListener for Reports {
    fn changed(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&ParticipantRow>,
        after: &ParticipantRow,
    ) -> Result<(), Problem> {
        for month in months::unscoped_of_programme(tx.db, after.programme_id)? {
            if tx.ctx.today() < month.month.first_day() || month.status == MonthState::Locked {
                continue;
            }
            let month = month.month;
            let was_active = before.is_some_and(|before| commands::is_active(before, month));
            if commands::is_active(after, month) {
                let report = commands::report_for(tx, after, month)?;
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

/// Nobody can settle the report of a month that the person takes no part in, so it becomes empty. It has no entries that are not
/// voided: otherwise the dates would have been refused (`time_entries`, `team_listener.rs`).
fn leave_empty(tx: &mut Tx<'_>, participant: &ParticipantRow, month: Month) -> Result<(), Problem> {
    let Some(report) = store::unscoped_newest_locked(tx, participant.id, month)? else { return Ok(()) };
    if !report.status.is_editable() {
        return Ok(());
    }
    let mut after = report.clone();
    after.reason = None;
    tx.automatic(&report, after, TimeReportState::Empty, None)?;
    Ok(())
}

/// The person takes part in the month again: a report that became empty by moved dates is opened. A report that the person
/// declared empty stays empty.
fn reopen(tx: &mut Tx<'_>, report: &TimeReportRow) -> Result<(), Problem> {
    if report.status != TimeReportState::Empty {
        return Ok(());
    }
    let by = workflow::last_actor(&mut tx.as_read(), report.id, TimeReportState::Empty.as_str())?;
    if by != Some(report.person_id) {
        tx.automatic(report, report.clone(), TimeReportState::Open, None)?;
    }
    Ok(())
}
