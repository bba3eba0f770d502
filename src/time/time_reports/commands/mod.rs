//! The changes of a time report: the steps of its workflow, with what each requires, and the submission with the month. The
//! other files of this folder add, sign and lock reports.

mod locking;
mod making;
mod signing;

use super::requests::TimeReportChangeData;
use super::store::TimeReportRow;
use super::view::{Related, comes_late};
use super::{TimeReportState, content, rules};
use crate::identity::signatures::{self, Subject};
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::workflow::Wanted;
use crate::platform::workflow::status_changes::ChangeStatus;
use crate::time::months::{self, MonthState};
use crate::time::time_entries;

pub use locking::{lock_month, locked_of_month};
pub use making::{add_for_month, check_begun, is_active, report_for, unscoped_lacking};
use signing::Signer;

impl ChangeStatus for TimeReportRow {
    type Data = TimeReportChangeData;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<TimeReportState, TimeReportChangeData>,
    ) -> Result<Self, Problem> {
        let changed = tx.step_by(seen.id, wanted, |tx, before: &Self| {
            let related = Related::of(&mut tx.as_read(), std::slice::from_ref(before))?;
            let facts = related.facts(tx.ctx, before)?;
            let held = tx.ctx.scope.roles_for(before);
            let comment = wanted.comment.as_deref();
            let (transition, role) = rules::requested(before.status, wanted.to, &held, comment, facts)?;
            rules::check_possible(before.status, wanted.to, facts)?;
            Ok((transition.to, role, prepared(tx, before, wanted, &related)?))
        })?;
        locked_at_once(tx, changed.after)
    }
}

/// The row as the step changes it; 409 or 422 with everything that prevents the step.
fn prepared(
    tx: &mut Tx<'_>,
    before: &TimeReportRow,
    wanted: &Wanted<TimeReportState, TimeReportChangeData>,
    related: &Related,
) -> Result<TimeReportRow, Problem> {
    use TimeReportState::{Attested, Empty, Open, Returned, Signed, Unsigned};
    let none = TimeReportChangeData::default();
    let data = wanted.data.as_ref().unwrap_or(&none);
    let mut after = before.clone();
    let signer = signer(tx, before, wanted.to, data)?;
    if rules::depends_on_month(before.status, wanted.to, before.sign_round > 1) {
        check_month(tx, before, related)?;
    }
    match (before.status, wanted.to) {
        (_, Signed) => after = signing::signed(tx, before, data, related, signer)?,
        (_, Attested) => after = signing::attested(tx, before, data, related, wanted.comment.as_deref())?,
        (Signed, Open) => {
            after = rules::without_signatures(after);
            signatures::void_all(tx, &Subject::of(before))?;
        }
        (_, Returned) => {
            let days = related.settings(before)?.returned_working_days;
            after = rules::without_signatures(after);
            after.editable_until = Some(months::working_day_limit(tx.ctx.today(), days));
            after.reason.clone_from(&wanted.comment);
            signatures::void_all(tx, &Subject::of(before))?;
        }
        (_, Empty) => {
            check_no_entries(tx, before)?;
            after.reason = None;
        }
        (Unsigned, Open) => after.reason = None,
        (_, Unsigned) => {
            // Nobody is left to confirm proposed entries, and a paper sheet that comes later is signed for what was recorded.
            time_entries::void_proposed(tx, before.id)?;
            after.editable_until = None;
            after.reason.clone_from(&wanted.comment);
        }
        _ => {}
    }
    Ok(after)
}

/// How the person signs: with their account, or, for a report that was left unsigned, on a paper sheet on the day that was
/// sent.
fn signer(
    tx: &mut Tx<'_>,
    before: &TimeReportRow,
    to: TimeReportState,
    data: &TimeReportChangeData,
) -> Result<Signer, Problem> {
    if (before.status, to) != (TimeReportState::Unsigned, TimeReportState::Signed) {
        return Ok(Signer::WithAccount);
    }
    let last_worked = content::last_worked(&time_entries::unscoped_of_report(tx.db, before.id)?);
    Ok(Signer::OnPaper(data.day_signed(last_worked, tx.ctx.today())?))
}

/// 409 unless the month accepts time of this participant, or the report may come late (see [`comes_late`]).
fn check_month(tx: &mut Tx<'_>, report: &TimeReportRow, related: &Related) -> Result<(), Problem> {
    if comes_late(&mut tx.as_read(), report)? {
        return Ok(());
    }
    months::accepts(tx, related.participant(report)?, report.month, Some(report))
}

/// 409 with every entry that is not voided.
fn check_no_entries(tx: &mut Tx<'_>, report: &TimeReportRow) -> Result<(), Problem> {
    let lines = content::lines(&time_entries::unscoped_of_report(tx.db, report.id)?);
    let fault = |line: &rules::Line| {
        let words = Localized::new(
            format!("Raden {} finns kvar: makulera den först.", line.work_date),
            format!("The entry of {} is still there: void it first.", line.work_date),
        );
        FieldError::new(format!("/timeEntries/{}", line.id), "hasTime", words)
    };
    Code::StateConflict.refuse_any(lines.iter().map(fault).collect())
}

/// Locks a report that was approved in a month that is locked already.
fn locked_at_once(tx: &mut Tx<'_>, report: TimeReportRow) -> Result<TimeReportRow, Problem> {
    if report.status != TimeReportState::Approved {
        return Ok(report);
    }
    let month = months::unscoped_by_month(tx.db, report.programme_id, report.month)?;
    if month.is_some_and(|month| month.status == MonthState::Locked) {
        return tx.automatic(&report, report.clone(), TimeReportState::Locked, None);
    }
    Ok(report)
}

/// Submits one report with the month of its team. The caller has locked the row and checked that it is ready.
pub fn submit(tx: &mut Tx<'_>, before: &TimeReportRow, submission_id: Id) -> Result<TimeReportRow, Problem> {
    let mut after = before.clone();
    after.submission_id = Some(submission_id);
    tx.automatic(before, after, TimeReportState::Reported, None)
}
