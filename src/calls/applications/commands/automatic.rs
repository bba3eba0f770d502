//! The automatic steps: those that the clock, a letter, the programme or another step causes. After each of them, a mail is
//! sent and the listeners are called.

use std::sync::Arc;

use crate::calls::applications::facts::facts;
use crate::calls::applications::rules;
use crate::calls::applications::selections::announced;
use crate::calls::applications::store::{self, ApplicationRow};
use crate::calls::applications::{ApplicationListener, ApplicationState, EndReason, mails};
use crate::identity::policy::Role;
use crate::identity::{people, roles};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::programmes::programme::ProgrammeRow;
use crate::team::participants;
use crate::time::months;

/// Makes an automatic step, sends the mail and calls the listeners.
pub fn automatic(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    before: &ApplicationRow,
    to: ApplicationState,
    reason: Option<EndReason>,
) -> Result<ApplicationRow, Problem> {
    automatic_with(tx, programme, before, rules::without_end_reason(before), to, reason)
}

/// Like [`automatic`], but `after` contains other changes too.
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

/// Makes the automatic step that follows the last step, if there is one (see [`rules::next`]).
pub fn follow_up(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    row: ApplicationRow,
) -> Result<ApplicationRow, Problem> {
    let letter_in_time = row.status == ApplicationState::Confirmed
        && facts(&mut tx.as_read(), &row, programme)?.letter_in_time;
    let is_free = row.status == ApplicationState::Qualified
        && store::unscoped_count_in(tx.db, programme.id, &rules::HOLDS_A_PLACE)?
            < i64::from(programme.places)
        && may_return(tx, programme, &row.kommunkod)?;
    match rules::next(row.status, programme.status, letter_in_time, is_free) {
        Some(next) => make_next(tx, programme, &row, next),
        None => Ok(row),
    }
}

/// Whether a kommun that qualifies after the places were given may take a free one by itself. After a selection only one that had its
/// place by it: to others the manager gives it, as the selection says.
fn may_return(tx: &mut Tx<'_>, programme: &ProgrammeRow, kommunkod: &str) -> Result<bool, Problem> {
    let places = announced(&mut tx.as_read(), programme.id)?;
    Ok(places.is_none_or(|places| places.selected.contains(kommunkod)))
}

/// Makes an automatic step that follows another.
pub fn make_next(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    row: &ApplicationRow,
    next: ApplicationState,
) -> Result<ApplicationRow, Problem> {
    match next {
        ApplicationState::Participating => take_part(tx, programme, row),
        _ => automatic(tx, programme, row, next, None),
    }
}

/// Makes the kommun take part. Its coordinator, or its contact when none is named, is invited and gets the role.
pub fn take_part(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    before: &ApplicationRow,
) -> Result<ApplicationRow, Problem> {
    let after = automatic(tx, programme, before, ApplicationState::Participating, None)?;
    let (name, email) = match (after.coordinator(), after.contact_person_id) {
        (Some(coordinator), _) => (coordinator.name.into(), coordinator.email.into()),
        // The address of the contact's account may have changed since the application.
        (None, Some(contact)) => {
            let person = people::unscoped_by_id(tx.db, contact)?;
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

/// Makes the step of the clock that is due, if there is one.
pub fn apply_due_step(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    row: ApplicationRow,
) -> Result<ApplicationRow, Problem> {
    let facts = facts(&mut tx.as_read(), &row, programme)?;
    match rules::due(&row, programme, &facts, tx.ctx.now) {
        Some((to, reason)) => automatic(tx, programme, &row, to, reason),
        None => Ok(row),
    }
}

/// Locks what ends when these kommuner leave: by table, then by id. The caller has locked the programme and the applications.
pub fn lock_leaving(tx: &mut Tx<'_>, leaving: &[&ApplicationRow]) -> Result<(), Problem> {
    if leaving.is_empty() {
        return Ok(());
    }
    let teams: Vec<(Id, &str)> =
        leaving.iter().map(|row| (row.programme_id, row.kommunkod.as_str())).collect();
    participants::lock_teams(tx, &teams)?;
    let hooks = Arc::clone(&tx.ctx.hooks);
    for listener in hooks.of::<dyn ApplicationListener>() {
        listener.lock_leaving(tx, leaving)?;
    }
    Ok(())
}

/// What follows every step: mails the contact, ends the team of a kommun that leaves and the role of its coordinators when no
/// time is expected from it, and calls the listeners.
pub fn tell(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    before: &ApplicationRow,
    after: &ApplicationRow,
    comment: Option<&str>,
) -> Result<(), Problem> {
    mails::of_step(tx, programme, after, comment)?;
    if after.status == ApplicationState::Terminated {
        participants::end_team(tx, after.programme_id, &after.kommunkod)?;
        months::end_coordinators(tx, programme)?;
    }
    let hooks = Arc::clone(&tx.ctx.hooks);
    for listener in hooks.of::<dyn ApplicationListener>() {
        listener.changed(tx, before, after)?;
    }
    Ok(())
}
