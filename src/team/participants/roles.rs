//! The roles that come with being a participant, and when they end (guide §1, §4).

use super::store::{self, ParticipantRow};
use super::{Coordinators, rules};
use crate::identity::policy::Role;
use crate::identity::roles::{self, AssignmentListener, AssignmentRow, Wanted};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Month};
use crate::platform::problem::{FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme;
use crate::team;

/// Gives the person the role of a participant, open-ended (it ends with the month of the last day, see
/// [`end_roles`]), and brings the coordinator's role in step: that one ends with the last day itself.
pub(super) fn follow(
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

/// A role for the participant's team, from the first day; not from before today, when nobody could use it.
fn wanted(tx: &Tx<'_>, row: &ParticipantRow, role: Role) -> Wanted {
    let from = row.valid_from.max(tx.ctx.today());
    Wanted::new(row.person_id, role, row.programme_id, row.kommunkod.as_deref(), from)
}

/// Ends the role that the person holds in the team with this last day, or yesterday when that has passed; without a last
/// day nothing ends.
fn end_held(tx: &mut Tx<'_>, row: &ParticipantRow, role: Role, last: Option<Day>) -> Result<(), Problem> {
    let Some(last) = last else { return Ok(()) };
    let last = last.max(tx.ctx.today().plus_days(-1));
    for held in held(tx, row, role)?.into_iter().filter(|held| held.valid_to.is_none_or(|to| last < to)) {
        roles::end(tx, held, last)?;
    }
    Ok(())
}

/// What the person holds of a role in the participant's team, today or later.
fn held(tx: &mut Tx<'_>, row: &ParticipantRow, role: Role) -> Result<Vec<AssignmentRow>, Problem> {
    let today = tx.ctx.today();
    let mut held = roles::of_person(tx.db, row.person_id)?;
    held.retain(|held| {
        let is_here = held.programme_id == Some(row.programme_id) && held.kommunkod == row.kommunkod;
        held.role == role && is_here && held.valid_to.is_none_or(|last| today <= last)
    });
    Ok(held)
}

/// Takes back what the person would have held in the team from a later day on.
pub(super) fn take_back(tx: &mut Tx<'_>, row: &ParticipantRow) -> Result<(), Problem> {
    let today = tx.ctx.today();
    for role in [Role::Participant, Role::Coordinator] {
        for held in held(tx, row, role)?.into_iter().filter(|held| today < held.valid_from) {
            roles::end(tx, held, today.plus_days(-1))?;
        }
    }
    Ok(())
}

/// Ends, with today, the role of those whose last day lies in this month, when all that they have taken part in their
/// team lies in `locked` months. Called when a month is locked, and for a last day that is set afterwards: until then
/// they sign and correct what they have worked (guide §4). A coordinator whose kommun has left holds that role so long,
/// too, to submit the team's time.
pub fn end_roles(tx: &mut Tx<'_>, programme_id: Id, month: Month, locked: &[Month]) -> Result<(), Problem> {
    let starts_on = programme::by_id(tx.db, programme_id)?.starts_on;
    for gone in store::ended_in(tx.db, programme_id, month)? {
        let mut all = store::of_person(tx.db, gone.person_id, programme_id)?;
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

/// Whether the person coordinates the team by a role that was given to them as such.
pub(super) fn is_coordinator(tx: &mut Tx<'_>, row: &ParticipantRow) -> Result<bool, Problem> {
    Ok(row.kommunkod.is_some() && !held(tx, row, Role::Coordinator)?.is_empty())
}

impl AssignmentListener for Coordinators {
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&AssignmentRow>,
        wanted: &Wanted,
    ) -> Result<Vec<FieldError>, Problem> {
        let (Role::Coordinator, Some(programme_id)) = (wanted.role, wanted.programme_id) else {
            return Ok(Vec::new());
        };
        let today = tx.ctx.today();
        let mut rows = store::of_person(tx.db, wanted.person_id, programme_id)?;
        rows.retain(|row| row.kommunkod == wanted.kommunkod && row.valid_to.is_none_or(|last| today <= last));
        let is_wrong = match before {
            Some(_) => rows.iter().any(|row| row.is_coordinator),
            None => rows.iter().any(|row| !row.is_coordinator),
        };
        let words = Localized::fixed(
            "Personen är med i teamet: ändra isCoordinator eller datumen på medarbetaren, så följer rollen med.",
            "The person is in the team: change isCoordinator or the dates of the participant, and the role follows.",
        );
        let pointer = if before.is_some() { "/validTo" } else { "/role" };
        Ok(is_wrong.then(|| FieldError::new(pointer, "inTheTeam", words)).into_iter().collect())
    }
}
