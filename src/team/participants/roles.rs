//! The roles that come with being a participant, and when they end (guide §1, §4).

use super::store::{self, ParticipantRow};
use crate::identity::policy::Role;
use crate::identity::roles::{self, AssignmentRow, Wanted};
use crate::platform::db::Tx;
use crate::platform::http::problem::Problem;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Month};
use crate::team::Period;

/// Gives the person the role of a participant, open-ended (it ends with the month of the last day, see
/// [`end_roles_after`]), and brings the coordinator's role in step: that one ends with the last day itself.
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

/// Ends, with today, the role of everybody whose last day lies in the month or before and who is not in the team again
/// after it. Called when a month is locked: until then they sign and correct what they have worked (guide §4).
pub fn end_roles_after(tx: &mut Tx<'_>, programme_id: Id, month: Month) -> Result<(), Problem> {
    let today = tx.ctx.today();
    let later = Period::new(month.next().first_day(), None);
    for gone in store::ended_by(tx.db, programme_id, month.last_day())? {
        let all = store::of_person(tx.db, gone.person_id, programme_id)?;
        if all.iter().any(|other| other.kommunkod == gone.kommunkod && other.period().overlaps(&later)) {
            continue;
        }
        for held in
            held(tx, &gone, Role::Participant)?.into_iter().filter(|held| held.valid_to != Some(today))
        {
            roles::end(tx, held, today)?;
        }
    }
    Ok(())
}
