//! The roles that a participant gets, and when they end (guide §1, §4).

use crate::identity::policy::Role;
use crate::identity::roles::{self, AssignmentRow, Wanted};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Month};
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::programmes::programme;
use crate::team;
use crate::team::participants::rules;
use crate::team::participants::store::{self, ParticipantRow};

/// Grants the role of participant without a last day: [`end_roles`] ends it when the month of the participation's last day is
/// locked. Also grants, changes or ends the role of coordinator, which has the same last day as the participation.
pub(super) fn update(
    tx: &mut Tx<'_>,
    before: Option<&ParticipantRow>,
    row: &ParticipantRow,
) -> Result<(), Problem> {
    let facts = |row: &ParticipantRow| (row.valid_from, row.valid_to, row.is_coordinator);
    if before.is_some_and(|before| facts(before) == facts(row)) {
        return Ok(());
    }
    roles::grant(tx, &wanted(tx, row, Role::Participant))?;
    if row.is_coordinator {
        let until = Wanted { valid_to: row.valid_to, ..wanted(tx, row, Role::Coordinator) };
        end_held(tx, row, Role::Coordinator, row.valid_to)?;
        if until.valid_to.is_none_or(|last| until.valid_from <= last) {
            roles::grant(tx, &until)?;
        }
    } else if before.is_some_and(|before| before.is_coordinator) {
        end_held(tx, row, Role::Coordinator, Some(tx.ctx.today().plus_days(-1)))?;
    }
    Ok(())
}

/// A role in the participant's team, from the first day of the participation or from today, whichever is later.
fn wanted(tx: &Tx<'_>, row: &ParticipantRow, role: Role) -> Wanted {
    let from = row.valid_from.max(tx.ctx.today());
    Wanted::new(row.person_id, role, row.programme_id, row.kommunkod.as_deref(), from)
}

/// Ends the person's role in the team with this last day, or with yesterday if that day is earlier. Does nothing without a last
/// day.
fn end_held(tx: &mut Tx<'_>, row: &ParticipantRow, role: Role, last: Option<Day>) -> Result<(), Problem> {
    let Some(last) = last else { return Ok(()) };
    let last = last.max(tx.ctx.today().plus_days(-1));
    for held in held(tx, row, role)?.into_iter().filter(|held| held.valid_to.is_none_or(|to| last < to)) {
        roles::end(tx, held, last)?;
    }
    Ok(())
}

/// The person's assignments of a role in the participant's team that are valid today or later.
fn held(tx: &mut Tx<'_>, row: &ParticipantRow, role: Role) -> Result<Vec<AssignmentRow>, Problem> {
    let today = tx.ctx.today();
    let mut held = roles::unscoped_of_person(tx.db, row.person_id)?;
    held.retain(|held| {
        let is_here = held.programme_id == Some(row.programme_id) && held.kommunkod == row.kommunkod;
        held.role == role && is_here && held.valid_to.is_none_or(|last| today <= last)
    });
    Ok(held)
}

/// Cancels the person's assignments in the team that would begin after today.
pub(super) fn cancel_future(tx: &mut Tx<'_>, row: &ParticipantRow) -> Result<(), Problem> {
    let today = tx.ctx.today();
    for role in [Role::Participant, Role::Coordinator] {
        for held in held(tx, row, role)?.into_iter().filter(|held| today < held.valid_from) {
            roles::end(tx, held, today.plus_days(-1))?;
        }
    }
    Ok(())
}

/// Ends the roles of those whose last day is in this month, if all their participations in the team are settled (see
/// [`rules::is_settled`]). The roles end with today. Called when a month is locked, and when a last day is set in a locked
/// month. Until then they can sign and correct their time (guide §4). A coordinator whose kommun has left keeps that role
/// equally long, to submit the team's time.
pub fn end_roles(tx: &mut Tx<'_>, programme_id: Id, month: Month, locked: &[Month]) -> Result<(), Problem> {
    let starts_on = programme::unscoped_by_id(tx.db, programme_id)?.starts_on;
    for gone in store::unscoped_ended_in(tx.db, programme_id, month)? {
        let mut all = store::unscoped_of_person(tx.db, gone.person_id, programme_id)?;
        all.retain(|other| other.kommunkod == gone.kommunkod);
        if !all.iter().all(|other| rules::is_settled(other.period(), starts_on, locked)) {
            continue;
        }
        end_today(tx, &gone, Role::Participant)?;
        let has_left = match gone.kommunkod.as_deref() {
            Some(kommunkod) => !team::takes_part(tx, programme_id, kommunkod)?,
            None => false,
        };
        if has_left && gone.is_coordinator {
            end_today(tx, &gone, Role::Coordinator)?;
        }
    }
    Ok(())
}

fn end_today(tx: &mut Tx<'_>, gone: &ParticipantRow, role: Role) -> Result<(), Problem> {
    let today = tx.ctx.today();
    for held in held(tx, gone, role)?.into_iter().filter(|held| held.valid_to != Some(today)) {
        roles::end(tx, held, today)?;
    }
    Ok(())
}

/// Whether the person holds the role of coordinator in the team.
pub(super) fn is_coordinator(tx: &mut Tx<'_>, row: &ParticipantRow) -> Result<bool, Problem> {
    Ok(row.kommunkod.is_some() && !held(tx, row, Role::Coordinator)?.is_empty())
}
