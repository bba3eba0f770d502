//! The steps of applications: every change of state goes through here, so that mail, the areas above and the next
//! automatic step follow in the same transaction.

use std::sync::Arc;

use super::requests::{ApplicationChangeData, respond_by_faults};
use super::rules::{self, Facts};
use super::store::{self, ApplicationRow};
use super::{ApplicationListener, ApplicationState, EndReason, LetterFacts, mails};
use crate::identity::links;
use crate::identity::policy::Role;
use crate::identity::{people, roles};
use crate::platform::change::Changed;
use crate::platform::codes::Codes as _;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::stored::Stored as _;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::workflow::status_changes::ChangeStatus;
use crate::platform::workflow::{self, Wanted};
use crate::programmes::programme::{self, ProgrammeRow, ProgrammeState};
use crate::programmes::settings::{self, SelectionStage};

impl ChangeStatus for ApplicationRow {
    type Data = ApplicationChangeData;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<ApplicationState, ApplicationChangeData>,
    ) -> Result<Self, Problem> {
        let programme = lock_places(tx, seen.id, wanted.to)?;
        let Changed { before, after } = tx.step(seen.id, wanted, |tx, before: &Self, step| {
            not_ones_own(tx, before, step.role)?;
            let mut after = without_code(before);
            if let Some(respond_by) = step.data.and_then(|data| data.respond_by) {
                after.respond_by = Some(respond_by_for(tx, step.to, &programme, respond_by.0)?);
            }
            rules::allow(&after, &programme, stage(tx, &programme)?, step.to, tx.ctx.now)?;
            if step.to == ApplicationState::Selected {
                has_a_place(tx, before, &programme)?;
            }
            if step.to == ApplicationState::Terminated {
                after.reason = step.comment.map(str::to_owned);
            }
            Ok(after)
        })?;
        tell(tx, &programme, &before, &after, wanted.comment.as_deref())?;
        follow(tx, &programme, after)
    }
}

/// The programme, locked when the step takes one of its places or ends the work of a team: two managers must not give
/// the last place twice, and nobody joins a team that ends.
fn lock_places(tx: &mut Tx<'_>, id: Id, to: ApplicationState) -> Result<ProgrammeRow, Problem> {
    let programme_id = store::by_id(tx.db, id)?.programme_id;
    match to {
        ApplicationState::Selected | ApplicationState::Qualified | ApplicationState::Terminated => {
            ProgrammeRow::locked(tx, programme_id)
        }
        _ => programme::by_id(tx.db, programme_id),
    }
}

/// Nobody decides on an application whose contact they are (guide §1).
fn not_ones_own(tx: &Tx<'_>, application: &ApplicationRow, role: &str) -> Result<(), Problem> {
    let is_own = application.contact_person_id.is_some_and(|person| tx.ctx.caller.is_person(person));
    if is_own && role == Role::ProgrammeManager.as_str() {
        return Err(Problem::new(Code::OwnWork));
    }
    Ok(())
}

fn respond_by_for(
    tx: &Tx<'_>,
    to: ApplicationState,
    programme: &ProgrammeRow,
    respond_by: Instant,
) -> Result<Instant, Problem> {
    if to != ApplicationState::Invited {
        let words =
            Localized::fixed("respondBy anges bara vid invited.", "respondBy is given with invited only.");
        return Err(Problem::new(Code::InvalidInput).errors(vec![FieldError::new(
            "/data/respondBy",
            "notHere",
            words,
        )]));
    }
    let faults = respond_by_faults("/data/respondBy", respond_by, programme, tx.ctx.now);
    Code::InvalidInput.refuse_any(faults)?;
    Ok(respond_by)
}

/// Never more than there are places. With the pool taken after the meeting, nobody who has missed the letter's deadline,
/// and in a running programme nobody without a letter; otherwise whoever is in reserve has qualified before.
fn has_a_place(
    tx: &mut Tx<'_>,
    application: &ApplicationRow,
    programme: &ProgrammeRow,
) -> Result<(), Problem> {
    let taken = store::count_in(tx.db, programme.id, &rules::HOLDS_A_PLACE)?;
    if taken >= i64::from(programme.places) {
        return Err(Problem::new(Code::NotEnoughPlaces)
            .detail(
                format!("{taken} av {} platser är tagna.", programme.places),
                format!("{taken} of {} places are taken.", programme.places),
            )
            .member("taken", taken)
            .member("places", programme.places));
    }
    let facts = facts(tx, application, programme)?;
    let takes_part_at_once = programme.status == ProgrammeState::Running && !facts.letter_in_time;
    let is_missing = takes_part_at_once || rules::has_missed_the_letter(&facts, tx.ctx.now);
    if is_missing && facts.stage == SelectionStage::AfterMeeting {
        let words = Localized::fixed(
            "Ingen avsiktsförklaring har kommit in i tid.",
            "No letter was received in time.",
        );
        let fault = FieldError::new("/avsiktsforklaring", "letterMissing", words);
        return Err(Problem::new(Code::StateConflict).errors(vec![fault]));
    }
    Ok(())
}

/// The automatic step after another: with its letter there already a confirmed one qualifies; one that qualifies when the
/// places are given gets a free one, else it is in reserve; in a running programme a selected one takes part at once.
pub fn follow(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    row: ApplicationRow,
) -> Result<ApplicationRow, Problem> {
    match row.status {
        ApplicationState::Confirmed if facts(tx, &row, programme)?.letter_in_time => {
            automatic(tx, programme, &row, ApplicationState::Qualified, None)
        }
        ApplicationState::Qualified if programme.status == ProgrammeState::Decided => {
            let taken = store::count_in(tx.db, programme.id, &rules::HOLDS_A_PLACE)?;
            let is_free = taken < i64::from(programme.places);
            let to = if is_free { ApplicationState::Selected } else { ApplicationState::Reserve };
            automatic(tx, programme, &row, to, None)
        }
        ApplicationState::Selected if programme.status == ProgrammeState::Running => {
            take_part(tx, programme, &row)
        }
        _ => Ok(row),
    }
}

/// At which point the pool is taken, by today's settings.
pub fn stage(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<SelectionStage, Problem> {
    Ok(settings::on_day(tx.db, programme.id, tx.ctx.today())?.content.0.selection_stage)
}

/// The application without the code of why it had ended: it goes on. How it was registered stands in its notes.
fn without_code(row: &ApplicationRow) -> ApplicationRow {
    let mut row = row.clone();
    row.reason = row.reason.filter(|reason| EndReason::from_code(reason).is_none());
    row
}

/// A step that the clock, a letter or the programme makes.
pub fn automatic(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    before: &ApplicationRow,
    to: ApplicationState,
    reason: Option<EndReason>,
) -> Result<ApplicationRow, Problem> {
    automatic_with(tx, programme, before, without_code(before), to, reason)
}

/// The same, with what else it changes in `after`.
pub fn automatic_with(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    before: &ApplicationRow,
    mut after: ApplicationRow,
    to: ApplicationState,
    reason: Option<EndReason>,
) -> Result<ApplicationRow, Problem> {
    let reason = reason.map(EndReason::as_str);
    if let Some(reason) = reason {
        after.reason = Some(reason.to_owned());
    }
    let after = tx.automatic(before, after, to, reason)?;
    tell(tx, programme, before, &after, reason)?;
    Ok(after)
}

/// The kommun takes part; its coordinator, else its contact, is invited and gets the role.
pub fn take_part(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    before: &ApplicationRow,
) -> Result<ApplicationRow, Problem> {
    let after = automatic(tx, programme, before, ApplicationState::Participating, None)?;
    let (name, email) = match (after.coordinator(), after.contact_person_id) {
        (Some(coordinator), _) => (coordinator.name, coordinator.email),
        // The contact may have changed the address of the account since.
        (None, Some(contact)) => {
            let person = people::by_id(tx.db, contact)?;
            (person.name, person.email)
        }
        (None, None) => (after.contact_name.clone(), after.contact_email.clone()),
    };
    let why = mails::coordinator_words(tx, programme, &after)?;
    let (person, is_invited) = people::invited(tx, &name, &email, &mails::with_funding(programme, &why))?;
    if !is_invited {
        mails::coordinator(tx, programme, &person.email, &why)?;
    }
    let today = tx.ctx.today();
    let wanted =
        roles::Wanted::new(person.id, Role::Coordinator, programme.id, Some(&after.kommunkod), today);
    roles::grant(tx, &wanted)?;
    Ok(after)
}

/// Makes the step that the clock makes now, if any.
pub fn make_due(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    row: ApplicationRow,
) -> Result<ApplicationRow, Problem> {
    let facts = facts(tx, &row, programme)?;
    match rules::due(&row, programme, &facts, tx.ctx.now) {
        Some((to, reason)) => automatic(tx, programme, &row, to, reason),
        None => Ok(row),
    }
}

/// What the clock needs to know.
pub fn facts(tx: &mut Tx<'_>, row: &ApplicationRow, programme: &ProgrammeRow) -> Result<Facts, Problem> {
    let stage = stage(tx, programme)?;
    let hooks = Arc::clone(&tx.ctx.hooks);
    let (mut letter_in_time, mut letter_deadline) = (false, programme.avsiktsforklaring_deadline);
    for letters in hooks.of::<dyn LetterFacts>() {
        letter_in_time |= letters.received_in_time(tx, row)?;
        letter_deadline = letters.deadline(tx, row)?.unwrap_or(letter_deadline);
    }
    let needs_it_later = stage == SelectionStage::AfterMeeting && rules::has_been_placed(row.status);
    if needs_it_later && !letter_in_time {
        letter_in_time = is_excused(tx, row.id)?;
    }
    let is_unverified = row.status == ApplicationState::Unverified;
    Ok(Facts {
        stage,
        letter_deadline,
        letter_in_time,
        has_open_link: is_unverified && links::has_open(tx, row.id)?,
    })
}

/// Whether it last became `qualified` by the manager's override: of the steps there only that one has a reason.
fn is_excused(tx: &mut Tx<'_>, id: Id) -> Result<bool, Problem> {
    let steps = workflow::history(&mut tx.as_read(), id)?;
    let last = steps.iter().rev().find(|step| step.to == ApplicationState::Qualified.as_str());
    Ok(last.is_some_and(|step| step.comment.is_some()))
}

/// Tells the kommun by mail, and the areas above.
fn tell(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    before: &ApplicationRow,
    after: &ApplicationRow,
    comment: Option<&str>,
) -> Result<(), Problem> {
    mails::of_step(tx, programme, after, comment)?;
    let hooks = Arc::clone(&tx.ctx.hooks);
    for listener in hooks.of::<dyn ApplicationListener>() {
        listener.changed(tx, before, after)?;
    }
    Ok(())
}
