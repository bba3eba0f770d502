//! Submitting a month: which reports go along, and who is missing.

use super::requests::NewSubmission;
use super::rules;
use super::store::SubmissionRow;
use crate::identity::policy::MonthSubmissionCreate;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::ProgrammeRow;
use crate::programmes::settings;
use crate::team;
use crate::team::participants::{self, Team};
use crate::time::time_reports::{self, TimeReportRow};
use crate::time::{months, time_entries};

/// Submits every report of the team's month that is ready; 409 when none is.
pub fn create(tx: &mut Tx<'_>, new: NewSubmission) -> Result<SubmissionRow, Problem> {
    tx.visible::<ProgrammeRow>(new.programme_id)?;
    let team = team::place(new.programme_id, new.organisation, new.kommunkod.as_deref());
    tx.ctx.check_reach::<MonthSubmissionCreate>(&team)?;
    check_month(tx, &new)?;
    let settings = settings::unscoped_of_month(tx.db, new.programme_id, new.month)?;
    let requires_attest = settings.content.0.requires_attest;
    let reports = team_reports(tx, &new)?;
    let ready: Vec<&TimeReportRow> =
        reports.iter().filter(|report| time_reports::is_ready(report.status, requires_attest)).collect();
    if ready.is_empty() {
        return Err(Problem::new(Code::NothingToSubmit));
    }
    let ids: Vec<Id> = ready.iter().map(|report| report.id).collect();
    let missing = rules::missing(&active(tx, &new)?, &reports, requires_attest);
    let sums = time_entries::unscoped_sums(tx.db, ids.clone())?;
    let total = sums.values().map(|minutes| minutes.total()).sum::<i64>();
    let by = tx.ctx.caller.person_id().ok_or_else(|| Problem::new(Code::Forbidden))?;
    let row = new.into_row(tx.ctx, by, ids, missing, i32::try_from(total).map_err(Problem::internal)?);
    tx.insert(&row)?;
    time_reports::submit_all(tx, &ready, row.id)?;
    Ok(row)
}

/// 422 for a month that the programme does not have yet; 409 for one with days left.
fn check_month(tx: &mut Tx<'_>, new: &NewSubmission) -> Result<(), Problem> {
    if months::unscoped_by_month(tx.db, new.programme_id, new.month)?.is_none() {
        let words =
            Localized::fixed("Månaden finns inte i programmet än.", "The programme has no such month yet.");
        let fault = FieldError::new("/month", "unknownMonth", words);
        return Err(Problem::new(Code::InvalidInput).errors(vec![fault]));
    }
    if rules::is_submittable(new.month, tx.ctx.today()) {
        return Ok(());
    }
    let last = new.month.last_day();
    let words = Localized::new(
        format!("Månaden har dagar kvar; den lämnas in tidigast på sin sista dag, {last}."),
        format!("The month has days left; it can be submitted on its last day, {last}, at the earliest."),
    );
    Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new("/month", "notYet", words)]))
}

/// The newest reports of the team's month. They are locked in the order of their ids, so that two concurrent submissions do
/// not take the same report.
fn team_reports(tx: &mut Tx<'_>, new: &NewSubmission) -> Result<Vec<TimeReportRow>, Problem> {
    let mut reports = time_reports::unscoped_newest_of_month(tx.db, new.programme_id, new.month)?;
    let kommunkod = new.kommunkod.as_deref();
    reports
        .retain(|report| report.organisation == new.organisation && report.kommunkod.as_deref() == kommunkod);
    tx.locked_all::<TimeReportRow>(reports.iter().map(|report| report.id).collect())
}

/// The participants of the team who take part on some day of the month.
fn active(tx: &mut Tx<'_>, new: &NewSubmission) -> Result<Vec<Id>, Problem> {
    let team = Team::of(new.kommunkod.as_deref());
    let active = participants::unscoped_active_in_month(tx.db, new.programme_id, team, new.month)?;
    Ok(active.into_iter().map(|participant| participant.id).collect())
}
