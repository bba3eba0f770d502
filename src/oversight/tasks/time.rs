//! What waits with time: for the person, the attester, who submits the month, the economist and the manager.

use std::collections::BTreeMap;

use super::TaskCode;
use super::collect::Here;
use super::rules::Waiting;
use super::store;
use crate::identity::policy::Role;
use crate::identity::roles;
use crate::platform::db::Rx;
use crate::platform::http::language::Words;
use crate::platform::http::problem::Problem;
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::programmes::settings;
use crate::time::months::MonthState;
use crate::time::time_reports::TimeReportState;

fn month_words(month: Month) -> Words {
    Words::new(month.to_string(), month.to_string())
}

/// One's own: proposed entries in reports that can still be changed, reports of months in grace, reports that came back.
pub fn own(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let months = store::months_in(rx, here.programme.id, &[MonthState::Open, MonthState::Grace])?;
    let reports = store::open_reports(rx, here.programme.id, here.kommunkod.as_deref(), here.person_id)?;
    let proposed = store::proposed_entries(rx, reports.iter().map(|(id, ..)| *id).collect())?;
    let mut waiting = Vec::new();
    for (id, month, status, editable_until) in reports {
        let state = months.iter().find(|(known, ..)| *known == month);
        let grace = state.filter(|(_, state, _)| *state == MonthState::Grace).map(|(_, _, ends_at)| *ends_at);
        let is_returned = status == TimeReportState::Returned;
        let due_at = if is_returned { editable_until.or(grace) } else { grace };
        let path = format!("/time-reports/{id}");
        if is_returned {
            let task = Waiting::one(TaskCode::ReportReturned, path).about(month_words(month));
            waiting.push(Waiting { due_at, ..task });
        } else if let Some(ends_at) = grace {
            waiting.push(Waiting::one(TaskCode::ReportToSign, path).about(month_words(month)).due(ends_at));
        }
        if state.is_none() && !is_returned {
            continue;
        }
        let count = proposed.iter().find(|(report, _)| *report == id).map_or(0, |(_, count)| *count);
        let list = format!("/time-entries?timeReportId={id}&status=proposed");
        let entries = Waiting::some(TaskCode::EntriesToConfirm, count, list);
        waiting.extend(entries.map(|task| Waiting { due_at, ..task.about(month_words(month)) }));
    }
    Ok(waiting)
}

/// Signed reports of others at the same employer. Nothing waits where the settings ask for no attest.
pub fn to_attest(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let kommunkod = here.kommunkod.as_deref();
    let mut by_month: BTreeMap<Month, i64> = BTreeMap::new();
    for month in store::months_of_signed(rx, here.programme.id, kommunkod, here.person_id)? {
        *by_month.entry(month).or_default() += 1;
    }
    let mut count = 0;
    for (month, signed) in by_month {
        // Whether a report is attested is decided by the settings of its own month.
        let settings = settings::on_day(rx.db, here.programme.id, month.last_day())?;
        count += if settings.content.0.requires_attest { signed } else { 0 };
    }
    let owners = if kommunkod.is_none() { "&organisation=owner" } else { "" };
    let list = here.list("/time-reports", &format!("{owners}&status=signed"));
    Ok(Waiting::some(TaskCode::ReportsToAttest, count, list).into_iter().collect())
}

/// Months with reports that are ready to be submitted: the kommun's, or the owner's.
pub fn to_submit(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let kommunkod = here.kommunkod.as_deref();
    let programme_id = here.programme.id;
    let mut waiting: Vec<Waiting> = Vec::new();
    for (month, state, grace_ends_at) in
        store::months_in(rx, programme_id, &[MonthState::Grace, MonthState::Closed])?
    {
        let requires_attest =
            settings::on_day(rx.db, programme_id, month.last_day())?.content.0.requires_attest;
        let ready = if requires_attest { TimeReportState::Attested } else { TimeReportState::Signed };
        let count = store::reports_of_month(rx, programme_id, kommunkod, month, ready)?;
        let path = format!("/programmes/{programme_id}/months/{month}/overview");
        let due_at: Option<Instant> = (state == MonthState::Grace).then_some(grace_ends_at);
        let task = Waiting::some(TaskCode::MonthToSubmit, count, path);
        waiting.extend(task.map(|task| Waiting { due_at, ..task.about(month_words(month)) }));
    }
    Ok(waiting)
}

/// The owner's own staff: a manager attests and submits for them, and approves an economist's report.
pub fn for_manager(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let mut waiting = to_attest(rx, here)?;
    waiting.extend(to_submit(rx, here)?);
    let economists = roles::holders(rx, Role::Economist, here.programme.id, None)?;
    let people = economists.into_iter().map(|held| held.person_id).collect();
    waiting.extend(to_approve(rx, here, Some(people))?);
    Ok(waiting)
}

/// Submitted reports of others, and closed months.
pub fn for_economist(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let mut waiting: Vec<Waiting> = to_approve(rx, here, None)?.into_iter().collect();
    let closed = store::months_in(rx, here.programme.id, &[MonthState::Closed])?.len();
    let path = format!("/programmes/{}/months?status=closed", here.programme.id);
    waiting.extend(Waiting::some(TaskCode::MonthsToLock, i64::try_from(closed).unwrap_or(i64::MAX), path));
    Ok(waiting)
}

fn to_approve(rx: &mut Rx<'_>, here: &Here, people: Option<Vec<Id>>) -> Result<Option<Waiting>, Problem> {
    let count = store::reports_to_approve(rx, here.programme.id, here.person_id, people)?;
    let list = here.list("/time-reports", "&status=reported");
    Ok(Waiting::some(TaskCode::ReportsToApprove, count, list))
}
