//! Granting and ending roles: by request of a caller, with everything that can stand in the way, and by the rules of
//! other resources.

use std::sync::Arc;

use super::requests::RoleAssignmentPatch;
use super::store::{self, AssignmentRow};
use super::{AssignmentListener, Wanted, rules};
use crate::identity::policy::{Role, RoleEnd, RoleGrantAction};
use crate::platform::audit::Audited as _;
use crate::platform::auth::action::Action as _;
use crate::platform::auth::scope::{AuthzKeys, HasKeys as _};
use crate::platform::http::body::Field;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::relations::Thing;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::reference::kommuner;

/// Grants a role that a caller asks for: 403 when the caller may not grant it, 422 for invalid input, 409 when the role
/// comes with another resource.
pub fn create(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<AssignmentRow, Problem> {
    let mut faults = rules::faults(wanted);
    let has_place = faults.is_empty();
    faults.extend(rules::day_faults(wanted, tx.ctx.today()));
    // Who may grant the role depends on its place.
    if !has_place {
        return Err(Problem::new(Code::InvalidInput).errors(faults));
    }
    let place = AuthzKeys {
        programme_id: wanted.programme_id,
        kommunkod: wanted.kommunkod.as_deref(),
        ..AuthzKeys::default()
    };
    let keys = AuthzKeys { person_id: Some(wanted.person_id), ..place };
    tx.check_not_own_case::<RoleGrantAction>(&Thing::new(tx.ctx, AssignmentRow::TYPE, keys))?;
    rules::may_grant(&tx.ctx.scope_of(RoleGrantAction::ROW), wanted)?;
    Code::InvalidInput.refuse_any(faults)?;
    let unknown = unknown_place(tx, wanted.programme_id, wanted.kommunkod.as_deref())?;
    Code::InvalidInput.refuse_any(unknown)?;
    check_obstacles(tx, None, wanted)?;
    grant(tx, wanted)
}

/// An error for a programme that does not exist and for a kommunkod that is not in the register.
pub fn unknown_place(
    tx: &mut Tx<'_>,
    programme_id: Option<Id>,
    kommunkod: Option<&str>,
) -> Result<Vec<FieldError>, Problem> {
    let mut faults = Vec::new();
    if let Some(programme) = programme_id
        && !store::has_programme(tx.db, programme)?
    {
        let words = Localized::fixed("Programmet finns inte.", "There is no such programme.");
        faults.push(FieldError::new("/programmeId", "unknown", words));
    }
    if let Some(kommunkod) = kommunkod
        && !kommuner::exists(tx.db, kommunkod)?
    {
        let words =
            Localized::fixed("Kommunkoden finns inte i registret.", "The kommunkod is not in the register.");
        faults.push(FieldError::new("/kommunkod", "unknown", words));
    }
    Ok(faults)
}

/// 409 with every objection of the higher areas.
fn check_obstacles(tx: &mut Tx<'_>, before: Option<&AssignmentRow>, wanted: &Wanted) -> Result<(), Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    let mut faults = Vec::new();
    for listener in hooks.of::<dyn AssignmentListener>() {
        faults.extend(listener.obstacles(tx, before, wanted)?);
    }
    Code::StateConflict.refuse_any(faults)
}

/// Moves the last day of a role that the caller sees.
pub fn change(
    tx: &mut Tx<'_>,
    seen: &AssignmentRow,
    patch: &RoleAssignmentPatch,
) -> Result<AssignmentRow, Problem> {
    let RoleAssignmentPatch { valid_to } = *patch;
    match seen.role {
        Role::SystemAdmin => keeping_an_administrator(tx, |tx| move_last_day(tx, seen.id, valid_to)),
        _ => move_last_day(tx, seen.id, valid_to),
    }
}

fn move_last_day(tx: &mut Tx<'_>, id: Id, valid_to: Field<Day>) -> Result<AssignmentRow, Problem> {
    let action = if matches!(valid_to, Field::Null) { "reopened" } else { "ended" };
    let changed = tx.change_if_any(id, action, |tx, before: &AssignmentRow| {
        tx.check_not_own_case::<RoleEnd>(&Thing::of(before))?;
        let keys = AuthzKeys { person_id: None, ..before.keys() };
        if rules::speaks_for_kommun(before.role) {
            tx.check_not_own_case::<RoleEnd>(&Thing::new(tx.ctx, AssignmentRow::TYPE, keys))?;
        }
        rules::may_end(&tx.ctx.scope, before)?;
        let last = match valid_to {
            Field::Absent => return Ok(None),
            Field::Null => None,
            Field::Value(day) => Some(day),
        };
        let wanted = rules::with_last_day(before, last, tx.ctx.today())?;
        check_obstacles(tx, Some(before), &wanted)?;
        let mut after = before.clone();
        (after.valid_from, after.valid_to) = (wanted.valid_from, wanted.valid_to);
        Ok(Some(after))
    })?;
    Ok(changed.after)
}

/// Runs a change that may remove an administrator, and refuses it with 409 when no administrator would be left. The lock
/// makes two administrators who remove each other at the same time run one after the other.
pub fn keeping_an_administrator<T>(
    tx: &mut Tx<'_>,
    change: impl FnOnce(&mut Tx<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    tx.lock_name("administrators")?;
    let changed = change(tx)?;
    if store::has_administrator(&mut tx.as_read())? {
        return Ok(changed);
    }
    Err(Problem::new(Code::StateConflict).detail(
        "Det finns ingen annan systemadministratör som kan logga in.",
        "There is no other system administrator who can log in.",
    ))
}

/// Grants a role by the rules of another resource (the role of a participant, of a signatory): whether the caller may
/// grant it is not checked here. Nothing is written when the person already has the same role, now or later.
pub fn grant(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<AssignmentRow, Problem> {
    if let Some(held) = store::unscoped_same(&mut tx.as_read(), wanted)? {
        return Ok(held);
    }
    let row = AssignmentRow::new(tx.ctx, wanted);
    tx.insert(&row)?;
    Ok(row)
}

/// Ends a role at once that this person granted at this instant; nothing happens when the role was held before. 409 when the
/// role comes with another resource by now.
pub fn end_granted(tx: &mut Tx<'_>, wanted: &Wanted, by: Id, at: Instant) -> Result<(), Problem> {
    let yesterday = tx.ctx.today().plus_days(-1);
    let place = (wanted.role, wanted.programme_id, wanted.kommunkod.as_ref());
    for held in store::unscoped_of_person(tx.db, wanted.person_id)? {
        let is_it = (held.role, held.programme_id, held.kommunkod.as_ref()) == place
            && (held.granted_by, held.created_at) == (Some(by), at)
            && held.valid_to.is_none_or(|last| yesterday < last);
        if !is_it {
            continue;
        }
        check_obstacles(tx, Some(&held), &Wanted { valid_to: Some(yesterday), ..held.as_wanted() })?;
        match held.role {
            Role::SystemAdmin => keeping_an_administrator(tx, |tx| end(tx, held, yesterday))?,
            _ => end(tx, held, yesterday)?,
        };
    }
    Ok(())
}

/// Ends a role after `last_day`, by the rules of another resource.
pub fn end(tx: &mut Tx<'_>, row: AssignmentRow, last_day: Day) -> Result<AssignmentRow, Problem> {
    let mut after = row.clone();
    // A role that ends before its first day was never in force: the first day moves to the last day.
    after.valid_from = row.valid_from.min(last_day);
    after.valid_to = Some(last_day);
    tx.update("ended", &row, after)
}
