//! Keeps time reports up to date with the participants. A participant who is added later gets a report for every month that has
//! begun and is not locked. When dates are moved, no report is expected for a month that they no longer cover.

use std::collections::BTreeSet;

use super::store::{self, TimeReportRow};
use super::{TimeReportState, commands};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Month};
use crate::platform::problem::{FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::workflow;
use crate::team::ParticipantListener;
use crate::team::participants::{self, ParticipantRow};
use crate::time::months::{self, MonthState};

/// Adds reports, declares them empty or opens them when a participant is added or the dates are moved.
pub struct Reports;

impl ParticipantListener for Reports {
    /// A participation is not prolonged over a month for which a paper sheet was registered, and no new one of the person covers
    /// it: who is there again signs.
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&ParticipantRow>,
        after: &ParticipantRow,
    ) -> Result<Vec<FieldError>, Problem> {
        let is_covered = |from: Day, month: Month| {
            from <= month.last_day() && after.valid_to.is_none_or(|last| month.first_day() <= last)
        };
        let (from, pointer, participations) = match before {
            None => {
                let all = participants::unscoped_of_person(tx.db, after.person_id, after.programme_id)?;
                let same = all.into_iter().filter(|row| row.kommunkod == after.kommunkod);
                (after.valid_from, "/validFrom", same.map(|row| row.id).collect())
            }
            Some(before) => {
                let Some(left) = before.valid_to else { return Ok(Vec::new()) };
                if after.valid_to.is_some_and(|last| last <= left) {
                    return Ok(Vec::new());
                }
                (left.plus_days(1), "/validTo", vec![after.id])
            }
        };
        let mut reports = Vec::new();
        for participation in participations {
            reports.extend(store::unscoped_on_paper(tx, participation)?);
        }
        let mut faults = Vec::new();
        for report in reports {
            if is_covered(from, report.month) {
                let words = Localized::new(
                    format!("För {} är ett pappersblad registrerat: återsänd rapporten först.", report.month),
                    format!("A paper sheet was registered for {}: return the report first.", report.month),
                );
                faults.push(FieldError::new(pointer, "paperSheet", words));
            }
        }
        Ok(faults)
    }

    fn lock(&self, tx: &mut Tx<'_>, participants: &BTreeSet<Id>) -> Result<(), Problem> {
        let ids = store::unscoped_ids_of_participants(tx.db, participants)?;
        tx.lock_all::<TimeReportRow>(ids)
    }

    fn changed(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&ParticipantRow>,
        after: &ParticipantRow,
    ) -> Result<(), Problem> {
        if before.is_some() {
            // In the order of their ids, which is not the order of the months.
            self.lock(tx, &[after.id].into())?;
        }
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

/// Declares the report empty, because nobody could sign it in a month that the dates do not cover. All its entries are voided:
/// otherwise the dates would have been refused (`time_entries`, `team_listener.rs`).
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

/// Opens a report that became empty because dates were moved; they now cover the month again. A report that the person declared
/// empty stays empty.
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
