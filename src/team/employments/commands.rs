//! The changes of an employment: what each requires and what follows from it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::requests::{EmploymentPatch, NewEmployment};
use super::rules;
use super::store::{self, EmploymentRow};
use crate::identity::policy::EmploymentManage;
use crate::platform::audit::Audited as _;
use crate::platform::auth::scope::AuthzKeys;
use crate::platform::change::Changed;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::relations::Thing;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::{ProgrammeRow, check_not_over};
use crate::team::{self, EmploymentListener, participants};

/// Registers an employment, and ends the open one that it follows.
pub fn create(tx: &mut Tx<'_>, new: NewEmployment) -> Result<EmploymentRow, Problem> {
    tx.visible::<ProgrammeRow>(new.programme_id)?;
    let place = team::place(new.programme_id, new.organisation, new.kommunkod.as_deref());
    tx.ctx.check_reach::<EmploymentManage>(&place)?;
    let keys = AuthzKeys { person_id: Some(new.person_id), ..place };
    tx.check_not_own_case::<EmploymentManage>(&Thing::new(tx.ctx, EmploymentRow::TYPE, keys))?;
    // Locking the programme keeps its state, and makes two requests for the same person wait for each other.
    let programme = tx.locked::<ProgrammeRow>(new.programme_id)?;
    let row = new.into_row(tx.ctx);
    let mut others = store::unscoped_of_person(tx.db, row.programme_id, row.person_id)?;
    others.retain(|other| other.is_beside(&row));
    let mut faults = team_fault(tx, &row)?;
    faults.extend(rules::faults(&others, &row));
    Code::InvalidInput.refuse_any(faults)?;
    check_not_over(&programme)?;
    if let Some(open) = rules::ended_by(&others, &row) {
        let ended = end(tx, &open, &row)?;
        others.retain(|other| other.id != ended.id);
        others.push(ended);
    }
    rules::check_no_overlap(&others, &row)?;
    tx.insert(&row)?;
    check_time(tx, &row)?;
    Ok(row)
}

/// Changes an employment.
pub fn change(
    tx: &mut Tx<'_>,
    found: &EmploymentRow,
    patch: EmploymentPatch,
) -> Result<EmploymentRow, Problem> {
    let programme = tx.locked::<ProgrammeRow>(found.programme_id)?;
    let Changed { after, .. } = tx.change(found.id, "changed", |tx, before: &EmploymentRow| {
        tx.check_not_own_case::<EmploymentManage>(&Thing::of(before))?;
        let after = patch.apply(before.clone());
        let mut others = store::unscoped_of_person(tx.db, after.programme_id, after.person_id)?;
        others.retain(|other| other.id != after.id && other.is_beside(&after));
        Code::InvalidInput.refuse_any(change_faults(&others, &after))?;
        check_not_over(&programme)?;
        rules::check_no_overlap(&others, &after)?;
        Ok(after)
    })?;
    check_time(tx, &after)?;
    Ok(after)
}

/// The errors of a changed employment. They point at `/validTo`: a change cannot move the first day.
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

/// An error unless the person is or has been in the team.
fn team_fault(tx: &mut Tx<'_>, row: &EmploymentRow) -> Result<Vec<FieldError>, Problem> {
    let participations = participants::unscoped_of_person(tx.db, row.person_id, row.programme_id)?;
    if participations.iter().any(|participant| participant.kommunkod == row.kommunkod) {
        return Ok(Vec::new());
    }
    let words = Localized::fixed("Personen är inte med i teamet.", "The person is not in the team.");
    Ok(vec![FieldError::new("/personId", "notInTeam", words)])
}

fn end(tx: &mut Tx<'_>, open: &EmploymentRow, next: &EmploymentRow) -> Result<EmploymentRow, Problem> {
    let before = tx.locked::<EmploymentRow>(open.id)?;
    let mut after = before.clone();
    after.valid_to = Some(next.valid_from.plus_days(-1));
    tx.update("ended", &before, after)
}

/// 409 with the entered time that would lie outside the person's employments.
fn check_time(tx: &mut Tx<'_>, after: &EmploymentRow) -> Result<(), Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    let mut time = Vec::new();
    for listener in hooks.of::<dyn EmploymentListener>() {
        time.extend(listener.time_without(tx, after)?);
    }
    let Some(fault) = rules::left_without(&time, after) else { return Ok(()) };
    let days = time.iter().map(|(day, minutes)| json!({"workDate": day, "minutes": minutes}));
    let problem = Problem::new(Code::StateConflict).errors(vec![fault]);
    Err(problem.member("timeWithoutEmployment", days.collect::<Value>()))
}
