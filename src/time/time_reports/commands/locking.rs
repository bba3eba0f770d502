//! What a month's lock requires of its reports, and what it does to them (guide §4).

use super::stepping::move_to_locked;
use crate::identity::people;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};
use crate::team::participants::{self, Team};
use crate::time::months::MissingReport;
use crate::time::time_reports::store::{self, TimeReportRow};
use crate::time::time_reports::{TimeReportState, rules};

/// Locks the approved reports of a month that is being locked; `reports` are all reports of the month, locked in the
/// database. 422 for a participant in `missing` whom the month does not wait for, or who is listed twice, and with `lacking` if
/// there is no list although the month waits for somebody; 409 `stateConflict` if the list is not complete. Both name every
/// participant that the month waits for and that is not listed.
pub fn lock_month(
    tx: &mut Tx<'_>,
    programme_id: Id,
    month: Month,
    reports: &[TimeReportRow],
    missing: &[MissingReport],
    lacking: Vec<FieldError>,
) -> Result<(), Problem> {
    let unsettled = unsettled(&mut tx.as_read(), programme_id, month, reports)?;
    let awaited: Vec<Id> = unsettled.iter().map(|(participant, _)| *participant).collect();
    Code::InvalidInput.refuse_any(rules::missing_faults(missing, &awaited))?;
    let is_waited_for =
        |participant: &Id| !missing.iter().any(|listed| listed.participant_id == *participant);
    let waited_for: Vec<_> =
        unsettled.into_iter().filter(|(participant, _)| is_waited_for(participant)).collect();
    let waited_for = named(tx, waited_for)?;
    if !waited_for.is_empty() && !lacking.is_empty() {
        Code::InvalidInput.refuse_any(lacking.into_iter().chain(waited_for).collect())?;
    } else {
        Code::StateConflict.refuse_any(waited_for)?;
    }
    let approved = reports.iter().filter(|report| report.status == TimeReportState::Approved);
    move_to_locked(tx, &approved.cloned().collect::<Vec<_>>())?;
    Ok(())
}

/// The participants whom the lock of a month waits for, with the state of their report: it is neither approved, empty nor
/// unsigned, or there is none.
pub fn unscoped_awaited(
    rx: &mut Rx<'_>,
    programme_id: Id,
    month: Month,
) -> Result<Vec<(Id, Option<TimeReportState>)>, Problem> {
    let reports = store::unscoped_of_month(rx.db, programme_id, month)?;
    unsettled(rx, programme_id, month, &reports)
}

/// Every version of the month's reports, by participant, oldest version first. They are locked in the order of their ids.
pub fn locked_of_month(
    tx: &mut Tx<'_>,
    programme_id: Id,
    month: Month,
) -> Result<Vec<TimeReportRow>, Problem> {
    let seen = store::unscoped_of_month(tx.db, programme_id, month)?;
    let mut reports = tx.locked_all::<TimeReportRow>(seen.iter().map(|report| report.id).collect())?;
    reports.sort_by_key(|report| (report.participant_id, report.report_version));
    Ok(reports)
}

/// Of these months of a programme, those whose lock waits for somebody.
pub fn unscoped_waiting(
    rx: &mut Rx<'_>,
    programme_id: Id,
    mut months: Vec<Month>,
) -> Result<Vec<Month>, Problem> {
    let (Some(first), Some(last)) = (months.iter().min().copied(), months.iter().max().copied()) else {
        return Ok(months);
    };
    let reports = store::unscoped_of_months(rx.db, programme_id, &months)?;
    let days = (first.first_day(), last.last_day());
    let active = participants::unscoped_active_between(rx.db, programme_id, Team::Everyone, days)?;
    months.retain(|month| {
        let reports: Vec<_> = reports.iter().filter(|report| report.month == *month).cloned().collect();
        let mut active = active.iter().filter(|who| who.holds_in(*month));
        !unsettled_reports(&reports).is_empty() || active.any(|who| has_none(who.id, &reports))
    });
    Ok(months)
}

/// The participants that the month waits for, with the state of their report.
fn unsettled(
    rx: &mut Rx<'_>,
    programme_id: Id,
    month: Month,
    reports: &[TimeReportRow],
) -> Result<Vec<(Id, Option<TimeReportState>)>, Problem> {
    let mut unsettled = unsettled_reports(reports);
    let active = participants::unscoped_active_in_month(rx.db, programme_id, Team::Everyone, month)?;
    unsettled.extend(active.iter().filter(|who| has_none(who.id, reports)).map(|who| (who.id, None)));
    Ok(unsettled)
}

/// The participants whose report of the month is not settled.
fn unsettled_reports(reports: &[TimeReportRow]) -> Vec<(Id, Option<TimeReportState>)> {
    let versions = reports.chunk_by(|a, b| a.participant_id == b.participant_id);
    let unsettled = versions.filter_map(rules::counting).filter(|report| !rules::is_settled(report.status));
    unsettled.map(|report| (report.participant_id, Some(report.status))).collect()
}

fn has_none(participant: Id, reports: &[TimeReportRow]) -> bool {
    !reports.iter().any(|report| report.participant_id == participant)
}

/// An error for each participant that the month waits for, with the person's name.
fn named(
    tx: &mut Tx<'_>,
    waited_for: Vec<(Id, Option<TimeReportState>)>,
) -> Result<Vec<FieldError>, Problem> {
    let ids = waited_for.iter().map(|(participant, _)| *participant).collect();
    let rows = participants::unscoped_by_ids(tx.db, ids)?;
    let people = people::unscoped_by_ids(tx.db, rows.iter().map(|row| row.person_id).collect())?;
    let name = |id: Id| {
        let person = rows.iter().find(|row| row.id == id).map(|row| row.person_id);
        people.iter().find(|row| Some(row.id) == person).map_or(String::new(), |person| person.name.clone())
    };
    let fault = |(participant, state): (Id, Option<TimeReportState>)| {
        let (code, words) = match state {
            Some(state) => (state.as_str(), state.label()),
            None => ("noReport", Localized::fixed("ingen rapport", "no report")),
        };
        let name = name(participant);
        let words = Localized::new(format!("{name}: {}.", words.sv), format!("{name}: {}.", words.en));
        FieldError::new(format!("/participants/{participant}"), code, words)
    };
    Ok(waited_for.into_iter().map(fault).collect())
}
