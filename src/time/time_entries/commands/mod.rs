//! The changes of a time entry: what each requires and what follows from it. Each locks the person's row first, so that
//! concurrent entries of one person are checked against the limits of a day one after the other, even in different programmes.

mod copies;
mod entering;
mod stepping;
mod surroundings;

use self::surroundings::{Surroundings, lost};
use super::EntryState;
use super::requests::{EntryPatch, NewEntry};
use super::rules;
use super::store::{self, EntryRow};
use crate::identity::people::PersonRow;
use crate::platform::context::Context;
use crate::platform::http::body::NoData;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::platform::workflow::status_changes::ChangeStatus;
use crate::platform::workflow::{StepItem, Wanted};
use crate::programmes::programme::{self, ProgrammeRow};
use crate::team::participants::{self, ParticipantRow};
use crate::time::months;
use crate::time::time_reports::{self, TimeReportRow, TimeReportState};

pub use copies::copy;
pub use entering::Entering;
pub use stepping::Stepping;

/// Enters time: recorded when the person enters it, else proposed.
pub fn create(tx: &mut Tx<'_>, new: NewEntry) -> Result<EntryRow, Problem> {
    tx.write_one::<Entering, _>(new)
}

/// The report for an entry of the month, locked. 409 unless the programme is running, the month accepts time of this
/// participant, and the report can be changed.
fn open_report(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    participant: &ParticipantRow,
    month: Month,
) -> Result<TimeReportRow, Problem> {
    programme::check_running(programme)?;
    let report = time_reports::report_for(tx, participant, month)?;
    check_open(tx, participant, &report)?;
    Ok(report)
}

/// 409 unless the month accepts time of this participant and the report can be changed.
fn check_open(tx: &mut Tx<'_>, participant: &ParticipantRow, report: &TimeReportRow) -> Result<(), Problem> {
    months::accepts(tx, participant, report.month, Some(report))?;
    check_editable(report)
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

/// The rows that the change of an entry depends on. The person and the report are locked, in this order; the entry is locked
/// after them.
struct Held {
    programme: ProgrammeRow,
    participant: ParticipantRow,
    report: TimeReportRow,
}

fn held(tx: &mut Tx<'_>, seen: &EntryRow) -> Result<Held, Problem> {
    tx.lock::<PersonRow>(seen.person_id)?;
    let reports = store::unscoped_reports_of(tx.db, &[seen.id])?;
    let report = tx.locked_all::<TimeReportRow>(reports)?.pop().ok_or_else(lost)?;
    let programme = programme::unscoped_by_id(tx.db, seen.programme_id)?;
    let participant = participants::unscoped_by_id(tx.db, seen.participant_id)?;
    Ok(Held { programme, participant, report })
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
    let Held { programme, participant, report } = held(tx, seen)?;
    let changed = tx.change(seen.id, "changed", |tx, before: &EntryRow| {
        check_author(tx.ctx, before)?;
        let mut after = patch.apply(before.clone());
        let around = Surroundings::load(tx, vec![participant.clone()], &[after.work_date].into())?;
        around.check(tx.ctx, &after)?;
        check_not_voided(before)?;
        programme::check_running(&programme)?;
        check_open(tx, &participant, &report)?;
        if after.month != before.month {
            after.time_report_id = open_report(tx, &programme, &participant, after.month)?.id;
        }
        Ok(after)
    })?;
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

impl ChangeStatus for EntryRow {
    type Data = NoData;

    /// Confirms or voids an entry.
    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<EntryState, NoData>,
    ) -> Result<Self, Problem> {
        tx.write_one::<Stepping, _>(StepItem { id: seen.id, wanted: wanted.clone() })
    }
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
