//! The writes: entering, changing and voiding time, each with all that must hold. The person's row is locked first, so
//! that two entries of one day are counted one after the other, in whatever programme they are.

use super::requests::{EntryChangeData, EntryPatch, NewEntry, spoken};
use super::rules::{self, Facts};
use super::{EntryRow, EntrySource, EntryState, store};
use crate::identity::policy::ParticipantRead;
use crate::platform::auth::action::Action as _;
use crate::platform::auth::scoped::Scoped as _;
use crate::platform::db::statements;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::{Code, Problem};
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;
use crate::platform::workflow::Wanted;
use crate::platform::workflow::status_changes::ChangeStatus;
use crate::programmes::programme::{self, ProgrammeRow};
use crate::programmes::settings;
use crate::team::employments;
use crate::team::participants::{self, ParticipantRow};
use crate::time::months;
use crate::time::time_reports::{self, TimeReportRow, TimeReportState};

/// The participant whom a body names, with the person locked: 404 when the caller does not see them, 403 when the caller
/// may not enter their time.
pub fn participant(tx: &mut Tx<'_>, id: Id) -> Result<ParticipantRow, Problem> {
    let visible = ParticipantRead::ROW.scope_of(&tx.ctx.caller);
    let found = ParticipantRow::find(tx.db, &visible, id)?.ok_or_else(Problem::not_found)?;
    if tx.ctx.scope.role_for(&found.keys()).is_none() {
        return Err(Problem::new(Code::NotYours).detail(
            "Tid läggs in av personen själv, av kommunens koordinator eller, för ägarens personal, av projektledaren.",
            "Time is entered by the person, by the kommun's coordinator or, for the owner's staff, by the programme manager.",
        ));
    }
    lock_person(tx, found.person_id)?;
    Ok(found)
}

fn lock_person(tx: &mut Tx<'_>, person_id: Id) -> Result<(), Problem> {
    statements::lock_row(tx.db, "people", person_id)
}

/// Enters time: recorded when the person does it, else proposed.
pub fn enter(tx: &mut Tx<'_>, new: &NewEntry) -> Result<EntryRow, Problem> {
    let participant = participant(tx, new.participant_id)?;
    let programme = programme::by_id(tx.db, participant.programme_id)?;
    let mut row = drafted(tx, &participant, new);
    checked(tx, &programme, &participant, &row)?;
    row.time_report_id = open_report(tx, &programme, &participant, row.month)?.id;
    tx.insert(&row)?;
    Ok(row)
}

/// A row of new time, before its report is known.
pub fn drafted(tx: &Tx<'_>, participant: &ParticipantRow, new: &NewEntry) -> EntryRow {
    let is_person = tx.ctx.caller.is_person(participant.person_id);
    let id = tx.ctx.new_id();
    EntryRow {
        id,
        programme_id: participant.programme_id,
        organisation: participant.organisation,
        kommunkod: participant.kommunkod.clone(),
        participant_id: participant.id,
        person_id: participant.person_id,
        time_report_id: id,
        work_date: new.work_date,
        month: new.work_date.month(),
        minutes: new.minutes,
        kind: new.kind,
        activity_code: new.activity_code.clone(),
        description: spoken(new.description.clone()),
        meeting_id: None,
        source: if is_person { EntrySource::Manual } else { EntrySource::Coordinator },
        source_system: None,
        external_id: None,
        copied_from_id: None,
        status: if is_person { EntryState::Recorded } else { EntryState::Proposed },
        created_at: tx.ctx.now,
        updated_at: tx.ctx.now,
        version: 1,
    }
}

/// Holds an entry against its rules; 422 with all that is wrong. The person's row is locked.
pub fn checked(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    participant: &ParticipantRow,
    row: &EntryRow,
) -> Result<(), Problem> {
    let settings = settings::on_day(tx.db, programme.id, row.work_date)?.content.0;
    let mut employments = employments::of_person(tx.db, programme.id, participant.person_id)?;
    employments.retain(|post| post.is_with(participant.organisation, participant.kommunkod.as_deref()));
    let today = tx.ctx.today();
    let facts = Facts { programme, participant, employments: &employments, settings: &settings, today };
    let is_person = tx.ctx.caller.is_person(row.person_id);
    let others = store::day_minutes(tx.db, row, is_person)?;
    rules::refusal(
        rules::faults(row, &facts),
        rules::day_fault(row.minutes, others, settings.daily_hours_cap, is_person),
    )
}

/// The report that an entry of the month stands in, locked: 409 unless the programme is running, the month takes the
/// person's time, and the report is not signed.
pub fn open_report(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    participant: &ParticipantRow,
    month: Month,
) -> Result<TimeReportRow, Problem> {
    programme::check_running(programme)?;
    let report = time_reports::for_entry(tx, participant, month)?;
    is_open(tx, participant, &report)?;
    Ok(report)
}

fn is_open(tx: &mut Tx<'_>, participant: &ParticipantRow, report: &TimeReportRow) -> Result<(), Problem> {
    months::accepts(tx, participant, report.month, Some(report))?;
    if report.status.is_editable() {
        return Ok(());
    }
    let (month, status) = (report.month, report.status.as_str());
    let problem = match report.status {
        TimeReportState::Empty => Problem::new(Code::StateConflict).detail(
            format!(
                "Rapporten för {month} säger att det inte finns något att rapportera: öppna den igen först."
            ),
            format!("The report for {month} says that there is nothing to report: open it again first."),
        ),
        TimeReportState::Unsigned => Problem::new(Code::StateConflict).detail(
            format!("Rapporten för {month} lämnades utan underskrift och tar inte emot ändringar."),
            format!("The report for {month} was left unsigned and takes no changes."),
        ),
        _ => Problem::new(Code::ReportSigned).detail(
            format!("Rapporten för {month} är i tillståndet {status} och tar inte emot ändringar."),
            format!("The report for {month} is in the state {status} and takes no changes."),
        ),
    };
    Err(problem.member("currentStatus", status).member("timeReportId", report.id.to_string()))
}

/// What an entry that somebody is about to change depends on: the person and the report are locked, in this order, and
/// the entry after them.
struct Held {
    programme: ProgrammeRow,
    participant: ParticipantRow,
    report: TimeReportRow,
}

fn held(tx: &mut Tx<'_>, seen: &EntryRow) -> Result<Held, Problem> {
    lock_person(tx, seen.person_id)?;
    let report_id = store::report_of(tx.db, seen.id)?;
    let report = TimeReportRow::locked(tx, report_id)?;
    let programme = programme::by_id(tx.db, seen.programme_id)?;
    let participant = participants::by_id(tx.db, seen.participant_id)?;
    Ok(Held { programme, participant, report })
}

/// 403 for an entry that is the person's own affair.
fn is_callers(tx: &Tx<'_>, entry: &EntryRow) -> Result<(), Problem> {
    if rules::may_change(entry, tx.ctx.caller.is_person(entry.person_id)) {
        return Ok(());
    }
    Err(Problem::new(Code::NotYours).detail(
        "Andra än personen själv ändrar och makulerar bara förslag som väntar på personens bekräftelse.",
        "Others than the person change and void only proposals that wait for the person's confirmation.",
    ))
}

/// Changes an entry. It stays proposed or recorded as it was; a day in another month moves it to that month's report.
pub fn change(tx: &mut Tx<'_>, seen: &EntryRow, patch: EntryPatch) -> Result<EntryRow, Problem> {
    let Held { programme, participant, report } = held(tx, seen)?;
    let changed = tx.change(seen.id, "changed", |tx, before: &EntryRow| {
        is_callers(tx, before)?;
        let mut after = patch.apply(before.clone());
        checked(tx, &programme, &participant, &after)?;
        is_alive(before)?;
        programme::check_running(&programme)?;
        is_open(tx, &participant, &report)?;
        if after.month != before.month {
            after.time_report_id = open_report(tx, &programme, &participant, after.month)?.id;
        }
        Ok(after)
    })?;
    Ok(changed.after)
}

fn is_alive(entry: &EntryRow) -> Result<(), Problem> {
    if entry.status == EntryState::Voided {
        let status = entry.status.as_str();
        return Err(Problem::new(Code::StateConflict)
            .detail("En makulerad rad ändras inte.", "A voided entry is not changed.")
            .member("currentStatus", status));
    }
    Ok(())
}

impl ChangeStatus for EntryRow {
    type Data = EntryChangeData;

    /// Confirms or voids an entry.
    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<EntryState, EntryChangeData>,
    ) -> Result<Self, Problem> {
        let Held { programme, participant, report } = held(tx, seen)?;
        // A batch comes here without the permit's look at the single entry.
        if tx.ctx.scope.role_for(&seen.keys()).is_none() {
            return Err(Problem::new(Code::NotYours));
        }
        let changed = tx.step(seen.id, wanted, |tx, before: &Self, step| {
            is_callers(tx, before)?;
            if step.to == EntryState::Recorded {
                // Other time may have been recorded on the day since it was proposed; other proposals do not count.
                let recorded = EntryRow { status: EntryState::Recorded, ..before.clone() };
                checked(tx, &programme, &participant, &recorded)?;
            }
            programme::check_running(&programme)?;
            is_open(tx, &participant, &report)?;
            Ok(before.clone())
        })?;
        Ok(changed.after)
    }
}

/// Voids what still waits for the person's confirmation in a report, locked, that goes on without the person.
pub fn void_proposed(tx: &mut Tx<'_>, report_id: Id) -> Result<(), Problem> {
    for id in store::proposed_of(tx.db, report_id)? {
        let entry = EntryRow::locked(tx, id)?;
        tx.automatic(&entry, entry.clone(), EntryState::Voided, None)?;
    }
    Ok(())
}
