//! The changes of a time entry: what each requires and what follows from it. Each locks the person's row first, so that
//! concurrent entries of one person are checked against the limits of a day one after the other, even in different programmes.

mod copies;
mod entering;
mod stepping;
mod surroundings;

use self::surroundings::{Surroundings, Wanted, lost};
use super::EntryState;
use super::requests::{EntryPatch, NewEntry};
use super::rules;
use super::store::{self, EntryRow};
use crate::identity::people::PersonRow;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::programmes::programme;
use crate::team::participants::ParticipantRow;
use crate::time::months;
use crate::time::time_reports::{self, TimeReportRow, TimeReportState};

pub use copies::copy;
pub use entering::Entering;

/// Enters time: recorded when the person enters it, else proposed.
pub fn create(tx: &mut Tx<'_>, new: NewEntry) -> Result<EntryRow, Problem> {
    tx.write_one::<Entering, _>(new)
}

/// The report for entries of the month, locked. 409 unless the month accepts time of this participant and the report can be
/// changed.
fn open_report(
    tx: &mut Tx<'_>,
    participant: &ParticipantRow,
    month: Month,
) -> Result<TimeReportRow, Problem> {
    let (report, is_new) = time_reports::report_or_new(tx, participant, month)?;
    if is_new {
        months::check_new_reports(tx, &[(participant, &report)])?;
    }
    months::accepts(tx, participant, month, Some(&report))?;
    check_editable(&report)?;
    Ok(report)
}

/// 409 unless the report can be changed.
fn check_editable(report: &TimeReportRow) -> Result<(), Problem> {
    if report.status.is_editable() {
        return Ok(());
    }
    let (month, status) = (report.month, report.status.as_str());
    let problem = match report.status {
        TimeReportState::Empty => Problem::new(Code::StateConflict).detail(
            format!(
                "Rapporten för {month} säger att det inte finns något att rapportera: öppna den igen först."
            ),
            format!("The report for {month} is declared empty: open it again first."),
        ),
        TimeReportState::Unsigned => Problem::new(Code::StateConflict).detail(
            format!("Rapporten för {month} lämnades utan underskrift och tar inte emot ändringar."),
            format!("The report for {month} was left unsigned and cannot be changed."),
        ),
        _ => Problem::new(Code::ReportSigned).detail(
            format!("Rapporten för {month} är i tillståndet {status} och tar inte emot ändringar."),
            format!("The report for {month} is in the state {status} and cannot be changed."),
        ),
    };
    Err(problem.member("currentStatus", status).member("timeReportId", report.id.to_string()))
}

/// 403 when only the person may change or void the entry.
fn check_author(ctx: &Context, entry: &EntryRow) -> Result<(), Problem> {
    if rules::may_change(entry, ctx.caller.is_person(entry.person_id)) {
        return Ok(());
    }
    Err(Problem::new(Code::NotYours).detail(
        "Andra än personen själv ändrar och makulerar bara förslag som väntar på personens bekräftelse.",
        "Only the person may change and void their entries; others may change and void only proposals that wait for \
         the person's confirmation.",
    ))
}

/// Changes an entry, which stays proposed or recorded. A day in another month moves it to the report of that month.
pub fn change(tx: &mut Tx<'_>, seen: &EntryRow, patch: EntryPatch) -> Result<EntryRow, Problem> {
    tx.lock::<PersonRow>(seen.person_id)?;
    let report = store::unscoped_reports_locked(tx, &[seen.id].into())?.pop().ok_or_else(lost)?;
    let changed = tx.change(seen.id, "changed", |tx, before: &EntryRow| {
        check_author(tx.ctx, before)?;
        let mut after = patch.apply(before.clone());
        let mut wanted = Wanted::default();
        wanted.entry(before);
        wanted.entry(&after);
        let around = Surroundings::load(tx, &wanted)?;
        around.check(tx.ctx, &after)?;
        check_not_voided(before)?;
        let (participant, programme) = around.of(&after)?;
        programme::check_running(programme)?;
        let month = around.month(tx, participant.id, before.month, Some(report))?;
        month.check()?;
        if after == *before {
            return Ok(after);
        }
        month.note_use(tx)?;
        if after.month != before.month {
            after.time_report_id = open_report(tx, participant, after.month)?.id;
        }
        Ok(after)
    })?;
    let left = changed.before.time_report_id;
    if changed.after.time_report_id != left {
        time_reports::entry_moved(tx, left)?;
    }
    Ok(changed.after)
}

/// 409 for a voided entry.
fn check_not_voided(entry: &EntryRow) -> Result<(), Problem> {
    if entry.status == EntryState::Voided {
        let status = entry.status.as_str();
        return Err(Problem::new(Code::StateConflict)
            .detail("En makulerad rad ändras inte.", "A voided entry cannot be changed.")
            .member("currentStatus", status));
    }
    Ok(())
}

/// Voids the entries of a report that still wait for the person's confirmation. Used when the person has left and will not
/// confirm them. The caller has locked the report.
pub fn void_proposed(tx: &mut Tx<'_>, report_id: Id) -> Result<(), Problem> {
    for id in store::unscoped_proposed_of(tx.db, report_id)? {
        let entry = tx.locked::<EntryRow>(id)?;
        tx.automatic(&entry, entry.clone(), EntryState::Voided, None)?;
    }
    Ok(())
}
