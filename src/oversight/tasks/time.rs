//! Tasks with time reports, for the person, the attester, whoever submits the month, the economist and the manager.

use std::collections::BTreeMap;

use super::TaskCode;
use super::collect::Here;
use super::rules::{self, OwnStep, Waiting};
use super::store;
use crate::identity::policy::Role;
use crate::identity::roles;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::tx::Rx;
use crate::programmes::settings;
use crate::team::participants;
use crate::time::months::{self, MonthState, Opening};
use crate::time::time_entries;
use crate::time::time_reports::{self, TimeReportRow, TimeReportState};

fn month_words(month: Month) -> Localized {
    Localized::new(month.to_string(), month.to_string())
}

/// The person's own tasks: returned reports, entries to confirm or describe in reports that can be changed, and reports of ended
/// months that can be signed or declared empty. The due date comes from what keeps the month open after its end (grace, an exception, the settlement
/// period, days after a return).
pub fn own(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let reports =
        store::unscoped_open_reports(rx, here.programme.id, here.kommunkod.as_deref(), here.person_id)?;
    let proposed = store::unscoped_proposed_entries(rx, reports.iter().map(|report| report.id).collect())?;
    let entries = time_entries::unscoped_facts(rx.db, reports.iter().map(|report| report.id).collect())?;
    let participants =
        participants::unscoped_by_ids(rx.db, reports.iter().map(|row| row.participant_id).collect())?;
    let mut waiting = Vec::new();
    for report in reports {
        let Some(participant) = participants.iter().find(|row| row.id == report.participant_id) else {
            continue;
        };
        let opening = months::opening(rx, participant, report.month, Some(&report))?;
        let is_over = report.month.last_day() < rx.ctx.today();
        let until = opening.as_ref().and_then(Opening::until).filter(|_| is_over);
        let is_returned = report.status == TimeReportState::Returned;
        let due_at = if is_returned { report.editable_until.or(until) } else { until };
        let count = proposed.iter().find(|(id, _)| *id == report.id).map_or(0, |(_, count)| *count);
        let of_report = entries.get(&report.id);
        let is_incomplete = of_report.is_some_and(|entries| entries.is_incomplete);
        let step = rules::own_step(count, is_incomplete, of_report.is_some());
        let tasks = own_tasks(&report, step, is_over, opening.is_some());
        let words = month_words(report.month);
        waiting.extend(tasks.into_iter().map(|task| Waiting { due_at, ..task.about(words.clone()) }));
    }
    Ok(waiting)
}

/// The tasks with one report, each of which can be done now. `is_open`: its month takes the person's time.
fn own_tasks(report: &TimeReportRow, step: OwnStep, is_over: bool, is_open: bool) -> Vec<Waiting> {
    let path = format!("/time-reports/{}", report.id);
    let list = |status: &str| format!("/time-entries?timeReportId={}&status={status}", report.id);
    // A report that has been signed before can be signed again unchanged, in any state of the month.
    let is_to_sign = is_over && (is_open || report.sign_round > 1);
    let mut tasks = Vec::new();
    if report.status == TimeReportState::Returned {
        let returned = Waiting::one(TaskCode::ReportReturned, path.clone());
        tasks.push(match step {
            OwnStep::Sign => returned,
            OwnStep::DeclareEmpty => returned.by_step(TimeReportState::Empty.as_str()),
            OwnStep::Confirm(_) | OwnStep::Describe => returned.by_link("timeEntries"),
        });
    }
    let is_returned = !tasks.is_empty();
    tasks.extend(match step {
        OwnStep::Confirm(count) if is_open => {
            Waiting::some(TaskCode::EntriesToConfirm, count, list("proposed"))
        }
        OwnStep::Describe if is_open && is_over => Some(Waiting::one(TaskCode::EntriesToDescribe, path)),
        OwnStep::Sign if is_to_sign && !is_returned => Some(Waiting::one(TaskCode::ReportToSign, path)),
        OwnStep::DeclareEmpty if is_open && is_over && !is_returned => {
            Some(Waiting::one(TaskCode::ReportToDeclareEmpty, path))
        }
        _ => None,
    });
    tasks
}

/// Signed reports of other people at the same employer. Months whose settings require no attest are left out.
pub fn to_attest(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let kommunkod = here.kommunkod.as_deref();
    let mut by_month: BTreeMap<Month, i64> = BTreeMap::new();
    for month in store::unscoped_months_of_signed(rx, here.programme.id, kommunkod, here.person_id)? {
        *by_month.entry(month).or_default() += 1;
    }
    let mut count = 0;
    for (month, signed) in by_month {
        // The settings of the report's own month decide whether it needs an attest.
        let settings = settings::unscoped_of_month(rx.db, here.programme.id, month)?;
        count += if settings.content.0.requires_attest { signed } else { 0 };
    }
    let owners = if kommunkod.is_none() { "&organisation=owner" } else { "" };
    let list = here.list("/time-reports", &format!("{owners}&status=signed"));
    Ok(Waiting::some(TaskCode::ReportsToAttest, count, list).into_iter().collect())
}

/// Ended months with reports that are ready to be submitted, of the kommun or of the owner. A locked month can have such
/// reports too: those that were late under an exception.
pub fn to_submit(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let kommunkod = here.kommunkod.as_deref();
    let programme_id = here.programme.id;
    let over = [MonthState::Grace, MonthState::Closed, MonthState::Locked];
    let months = store::unscoped_months_in(rx, programme_id, &over)?;
    let settings = settings::unscoped_all(rx.db, programme_id)?;
    let team = kommunkod.map_or("organisation=owner".to_owned(), |kommun| format!("kommunkod={kommun}"));
    let mut waiting: Vec<Waiting> = Vec::new();
    for (month, status, count) in store::unscoped_reports_before_submission(rx, programme_id, kommunkod)? {
        let Some((_, state, grace_ends_at)) = months.iter().find(|(known, ..)| *known == month) else {
            continue;
        };
        let held = settings::holding_in(&settings, month);
        if !time_reports::is_ready(status, held.is_none_or(|row| row.content.0.requires_attest)) {
            continue;
        }
        let path = format!("/programmes/{programme_id}/months/{month}/overview?{team}");
        let due_at = (*state == MonthState::Grace).then_some(*grace_ends_at);
        let task = Waiting::some(TaskCode::MonthToSubmit, count, path);
        waiting.extend(task.map(|task| Waiting { due_at, ..task.about(month_words(month)) }));
    }
    Ok(waiting)
}

/// The manager attests and submits for the owner's own staff, and approves the reports of economists.
pub fn for_manager(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let mut waiting = to_attest(rx, here)?;
    waiting.extend(to_submit(rx, here)?);
    let economists = roles::unscoped_holders(rx, Role::Economist, here.programme.id, None)?;
    let people = economists.into_iter().map(|held| held.person_id).collect();
    waiting.extend(to_approve(rx, here, Some(people))?);
    Ok(waiting)
}

/// Submitted reports of other people, and closed months.
pub fn for_economist(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let mut waiting: Vec<Waiting> = to_approve(rx, here, None)?.into_iter().collect();
    let closed = store::unscoped_months_in(rx, here.programme.id, &[MonthState::Closed])?.len();
    let path = format!("/programmes/{}/months?status=closed", here.programme.id);
    waiting.extend(Waiting::some(TaskCode::MonthsToLock, i64::try_from(closed).unwrap_or(i64::MAX), path));
    Ok(waiting)
}

fn to_approve(rx: &mut Rx<'_>, here: &Here, people: Option<Vec<Id>>) -> Result<Option<Waiting>, Problem> {
    let count = store::unscoped_reports_to_approve(rx, here.programme.id, here.person_id, people)?;
    let list = here.list("/time-reports", "&status=reported");
    Ok(Waiting::some(TaskCode::ReportsToApprove, count, list))
}
