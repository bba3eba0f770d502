//! Granting and ending a role by hand: what a person asks for through the API, with all that may stand in its way.

use std::sync::Arc;

use super::store::{self, AssignmentRow};
use super::{AssignmentListener, Wanted, rules};
use crate::identity::policy::RoleGrantAction;
use crate::platform::auth::action::Action as _;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::reference::kommuner;

/// Grants the role that somebody asks for: 422 for what is wrong with it, 403 when it is not the caller's to grant, 409
/// when it comes with something else.
pub fn by_hand(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<AssignmentRow, Problem> {
    let mut faults = rules::faults(wanted);
    faults.extend(rules::day_faults(wanted, tx.ctx.today()));
    Code::InvalidInput.refuse_any(faults)?;
    rules::may_grant(&tx.ctx.scope_of(RoleGrantAction::ROW), wanted)?;
    if tx.ctx.caller.is_person(wanted.person_id) {
        return Err(Problem::new(Code::OwnWork)
            .detail("Ingen ger sig själv en roll.", "Nobody grants themself a role."));
    }
    Code::InvalidInput.refuse_any(place_faults(tx, wanted)?)?;
    check_obstacles(tx, None, wanted)?;
    super::grant(tx, wanted)
}

fn place_faults(tx: &mut Tx<'_>, wanted: &Wanted) -> Result<Vec<FieldError>, Problem> {
    let mut faults = Vec::new();
    if let Some(programme) = wanted.programme_id
        && !store::has_programme(tx.db, programme)?
    {
        let words = Localized::fixed("Programmet finns inte.", "There is no such programme.");
        faults.push(FieldError::new("/programmeId", "unknown", words));
    }
    if let Some(kommunkod) = &wanted.kommunkod
        && !kommuner::exists(tx.db, kommunkod)?
    {
        let words =
            Localized::fixed("Kommunkoden finns inte i registret.", "The kommunkod is not in the register.");
        faults.push(FieldError::new("/kommunkod", "unknown", words));
    }
    Ok(faults)
}

/// 409 with all that areas above have against it.
pub(super) fn check_obstacles(
    tx: &mut Tx<'_>,
    before: Option<&AssignmentRow>,
    wanted: &Wanted,
) -> Result<(), Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    let mut faults = Vec::new();
    for listener in hooks.of::<dyn AssignmentListener>() {
        faults.extend(listener.obstacles(tx, before, wanted)?);
    }
    Code::StateConflict.refuse_any(faults)
}
