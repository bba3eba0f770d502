//! Registering and changing an employment inside one transaction.

use std::sync::Arc;

use super::requests::{EmploymentPatch, NewEmployment};
use super::rules;
use super::store::{self, EmploymentRow};
use crate::identity::policy::EmploymentManage;
use crate::platform::auth::found::seen;
use crate::platform::change::Changed;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::stored::Stored as _;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};
use crate::team::{self, EmploymentListener, participants};

/// Registers an employment; ends the open one that it follows.
pub(super) fn add(tx: &mut Tx<'_>, new: NewEmployment) -> Result<EmploymentRow, Problem> {
    seen::<ProgrammeRow>(tx, &new.programme_id)?;
    let place = team::place(new.programme_id, new.organisation, new.kommunkod.as_deref());
    team::check_reach::<EmploymentManage>(tx.ctx, &place)?;
    // Locking the programme keeps its state, and lets two requests for the same person come one after the other.
    let programme = ProgrammeRow::locked(tx, new.programme_id)?;
    let row = new.into_row(tx.ctx);
    let mut others = store::of_person(tx.db, row.programme_id, row.person_id)?;
    others.retain(|other| other.is_beside(&row));
    let mut faults = team_fault(tx, &row)?;
    faults.extend(rules::faults(&others, &row));
    Code::InvalidInput.refuse_any(faults)?;
    check_live(&programme)?;
    if let Some(open) = rules::ended_by(&others, &row) {
        let ended = end(tx, &open, &row)?;
        others.retain(|other| other.id != ended.id);
        others.push(ended);
    }
    rules::check_free(&others, &row)?;
    tx.insert(&row)?;
    check_obstacles(tx, None, &row)?;
    Ok(row)
}

/// Changes an employment.
pub(super) fn change(
    tx: &mut Tx<'_>,
    found: &EmploymentRow,
    patch: EmploymentPatch,
) -> Result<EmploymentRow, Problem> {
    let programme = ProgrammeRow::locked(tx, found.programme_id)?;
    let Changed { before, after } = tx.change(found.id, "changed", |tx, before: &EmploymentRow| {
        let after = patch.apply(before.clone());
        let mut others = store::of_person(tx.db, after.programme_id, after.person_id)?;
        others.retain(|other| other.id != after.id && other.is_beside(&after));
        Code::InvalidInput.refuse_any(change_faults(&others, &after))?;
        check_live(&programme)?;
        rules::check_free(&others, &after)?;
        Ok(after)
    })?;
    check_obstacles(tx, Some(&before), &after)?;
    Ok(after)
}

/// What is wrong with a changed employment: its dates can only be wrong at the end, which is what a change names.
fn change_faults(others: &[EmploymentRow], after: &EmploymentRow) -> Vec<FieldError> {
    let mut faults: Vec<FieldError> = team::order_fault(after.period()).into_iter().collect();
    faults.extend(rules::faults(others, after).into_iter().map(|mut fault| {
        if fault.pointer == "/validFrom" {
            "/validTo".clone_into(&mut fault.pointer);
        }
        fault
    }));
    faults
}

/// Only people of the team have an employment there.
fn team_fault(tx: &mut Tx<'_>, row: &EmploymentRow) -> Result<Vec<FieldError>, Problem> {
    let participations = participants::of_person(tx.db, row.person_id, row.programme_id)?;
    if participations.iter().any(|participant| participant.kommunkod == row.kommunkod) {
        return Ok(Vec::new());
    }
    let words = Localized::fixed("Personen är inte med i teamet.", "The person is not in the team.");
    Ok(vec![FieldError::new("/personId", "notInTeam", words)])
}

fn end(tx: &mut Tx<'_>, open: &EmploymentRow, next: &EmploymentRow) -> Result<EmploymentRow, Problem> {
    let before = EmploymentRow::locked(tx, open.id)?;
    let mut after = before.clone();
    after.valid_to = Some(next.valid_from.plus_days(-1));
    tx.update("ended", &before, after)
}

/// 409 when the programme is over: what was paid by its employments stands.
fn check_live(programme: &ProgrammeRow) -> Result<(), Problem> {
    if !matches!(programme.status, ProgrammeState::Completed | ProgrammeState::Cancelled) {
        return Ok(());
    }
    let words = Localized::new(
        format!("Programmet är {}.", programme.status),
        format!("The programme is {}.", programme.status),
    );
    Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new("/programmeId", "wrongState", words)]))
}

/// 409 with all that areas above have against it.
fn check_obstacles(
    tx: &mut Tx<'_>,
    before: Option<&EmploymentRow>,
    after: &EmploymentRow,
) -> Result<(), Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    let mut faults = Vec::new();
    for listener in hooks.of::<dyn EmploymentListener>() {
        faults.extend(listener.obstacles(tx, before, after)?);
    }
    Code::StateConflict.refuse_any(faults)
}
