//! The roles that a participant gets, and when they end (guide §1, §4).

use crate::identity::policy::Role;
use crate::identity::roles::{self, AssignmentRow, Wanted};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Month};
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, ProgrammeRow};
use crate::team::participants::rules;
use crate::team::participants::store::{self, ParticipantRow};
use crate::team::{self, Period};

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

/// Ends the roles of those whose last day is in this month: the role of participant, and the role of coordinator in a kommun
/// that has left the programme, whether its holder is in the team or not. Each ends with today if its last month is settled
/// (see [`rules::is_settled`]). Called when a month is locked, and when a last day is set in a locked month. Until then
/// people can sign and correct their time, and a coordinator submit it (guide §4).
pub fn end_roles(tx: &mut Tx<'_>, programme_id: Id, month: Month, locked: &[Month]) -> Result<(), Problem> {
    let programme = programme::unscoped_by_id(tx.db, programme_id)?;
    for gone in store::unscoped_ended_in(tx.db, programme_id, month)? {
        let mut all = store::unscoped_of_person(tx.db, gone.person_id, programme_id)?;
        all.retain(|other| other.kommunkod == gone.kommunkod);
        let periods: Vec<Period> = all.iter().map(ParticipantRow::period).collect();
        let held = held(tx, &gone, Role::Participant)?;
        end_settled(tx, held, &periods, programme.starts_on, locked)?;
    }
    end_coordinators(tx, &programme, locked, Some(month))
}

/// Ends the role of coordinator in kommuner that have left the programme, if their last month is settled. `month`: only where
/// that month is the last one.
pub fn end_coordinators(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    locked: &[Month],
    month: Option<Month>,
) -> Result<(), Problem> {
    let today = tx.ctx.today();
    for (kommunkod, day) in team::left(tx, programme.id)? {
        let last = day.min(programme.ends_on);
        if month.is_some_and(|month| month != last.month()) {
            continue;
        }
        let coordinator = [Role::Coordinator];
        let mut held =
            roles::unscoped_held_from(&mut tx.as_read(), programme.id, &coordinator, false, today)?;
        held.retain(|held| held.kommunkod.as_ref() == Some(&kommunkod));
        let period = Period::new(programme.starts_on.min(last), Some(last));
        end_settled(tx, held, &[period], programme.starts_on, locked)?;
    }
    Ok(())
}

/// Ends these assignments with today, if no more time is expected from any of the periods that they were held for.
fn end_settled(
    tx: &mut Tx<'_>,
    held: Vec<AssignmentRow>,
    periods: &[Period],
    starts_on: Day,
    locked: &[Month],
) -> Result<(), Problem> {
    if !periods.iter().all(|period| rules::is_settled(*period, starts_on, locked)) {
        return Ok(());
    }
    let today = tx.ctx.today();
    for held in held.into_iter().filter(|held| held.valid_to != Some(today)) {
        roles::end(tx, held, today)?;
    }
    Ok(())
}

/// Whether the person holds the role of coordinator in the team.
pub(super) fn is_coordinator(tx: &mut Tx<'_>, row: &ParticipantRow) -> Result<bool, Problem> {
    Ok(row.kommunkod.is_some() && !held(tx, row, Role::Coordinator)?.is_empty())
}
