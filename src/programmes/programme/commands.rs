//! The changes of a programme: what each requires and what follows from it.

use std::sync::Arc;

use super::requests::{NewProgramme, ProgrammeChangeData, ProgrammePatch};
use super::rules;
use super::store::ProgrammeRow;
use super::{ProgrammeState, SelectionPlanPatch, SentPlan};
use crate::identity::invitations;
use crate::identity::policy::{Role, SettingsRead};
use crate::identity::roles::{self, Wanted as WantedRole};
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::ids::{Id, hex, sha256_hex};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;
use crate::platform::workflow::status_changes::ChangeStatus;
use crate::platform::workflow::{Step, Wanted, incomplete};
use crate::programmes::{ProgrammeListener, settings};
use crate::reference::kommuner;

/// Adds a programme as a draft, with the settings of its profile or of the older programme that it copies, and invites its
/// manager if one is named. A programme manager who adds it gets the role in it.
/// Also returns the context in which the caller sees the new programme: with that role.
pub fn create(tx: &mut Tx<'_>, new: NewProgramme) -> Result<(ProgrammeRow, Context), Problem> {
    let manager = new.manager.clone();
    let sent = new.selection_plan.clone();
    let has_plan = sent.is_some();
    let mut row = new.into_row(tx.ctx);
    let older = row.copied_from.map(|id| older(tx, id)).transpose()?;
    if let Some(older) = older.as_ref().filter(|_| !has_plan) {
        row = rules::with_plan_of(row, older);
    }
    let mut faults = rules::date_faults(&row);
    faults.extend(selection_faults(tx, &row, sent)?);
    faults.extend(older.as_ref().and_then(|older| rules::profile_fault(&row, older)));
    Code::InvalidInput.refuse_any(faults)?;
    tx.insert(&row)?;
    settings::add_first(tx, &row)?;
    if let Some(older) = &older {
        copy(tx, older, &row)?;
    }
    let is_manager = tx.ctx.scope.grants.iter().any(|grant| grant.role == Role::ProgrammeManager.as_str());
    let mut ctx = tx.ctx.clone();
    if let Some(person) = tx.ctx.caller.person_id().filter(|_| is_manager) {
        let role = WantedRole::new(person, Role::ProgrammeManager, row.id, None, tx.ctx.today());
        roles::grant(tx, &role)?;
        ctx = ctx.with_assignments(roles::unscoped_held_now(&mut tx.as_read(), person)?);
    }
    if let Some(manager) = manager {
        invitations::send(tx, &manager.into_person(row.id))?;
    }
    Ok((row, ctx))
}

/// The programme to copy: 404 unless the caller may read its settings.
fn older(tx: &mut Tx<'_>, id: Id) -> Result<ProgrammeRow, Problem> {
    let found = ProgrammeRow::these(&mut tx.as_read(), &[id])?.pop();
    found.filter(|older| tx.ctx.may::<SettingsRead>(older)).ok_or_else(Problem::not_found)
}

/// What the higher areas copy, inside the same transaction.
fn copy(tx: &mut Tx<'_>, from: &ProgrammeRow, to: &ProgrammeRow) -> Result<(), Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    hooks.of::<dyn ProgrammeListener>().iter().try_for_each(|listener| listener.copied(tx, from, to))
}

/// The errors of the selection plan of a programme with what was sent of it.
fn selection_faults(
    tx: &mut Tx<'_>,
    row: &ProgrammeRow,
    sent: Option<SelectionPlanPatch>,
) -> Result<Vec<FieldError>, Problem> {
    let plan = SentPlan::from(row.plan()).with(sent.unwrap_or_default());
    let pinned = plan.pinned();
    let known = if pinned.is_empty() { Vec::new() } else { kommuner::names(tx.db, pinned)? };
    let known = known.into_iter().map(|(kommunkod, _)| kommunkod).collect();
    Ok(rules::selection_faults(&plan, row.places, &known))
}

/// Changes dates, places, the selection plan, name and description.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: ProgrammePatch) -> Result<ProgrammeRow, Problem> {
    let changed = tx.change(id, "changed", |tx, before: &ProgrammeRow| {
        let sent = patch.selection_plan.value().cloned();
        let after = patch.apply(before.clone());
        let mut faults = rules::plan_faults(&after, tx.ctx.now);
        faults.extend(selection_faults(tx, &after, sent)?);
        Code::InvalidInput.refuse_any(faults)?;
        rules::check_plan(before, &after)?;
        Ok(after)
    })?;
    Ok(changed.after)
}

impl ChangeStatus for ProgrammeRow {
    type Data = ProgrammeChangeData;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<ProgrammeState, ProgrammeChangeData>,
    ) -> Result<Self, Problem> {
        let changed = tx.step(seen.id, wanted, |tx, before: &Self, step| {
            let after = prepared(tx, before, step)?;
            check_obstacles(tx, before, step.to)?;
            Ok(after)
        })?;
        tell(tx, &changed.before, &changed.after)?;
        Ok(changed.after)
    }
}

/// Decides a programme as the effect of an announced selection: 409 with everything that the higher areas object to. The caller
/// has locked the programme.
pub fn decide(tx: &mut Tx<'_>, id: Id) -> Result<(), Problem> {
    let before = tx.locked::<ProgrammeRow>(id)?;
    check_obstacles(tx, &before, ProgrammeState::Decided)?;
    let after = tx.automatic(&before, before.clone(), ProgrammeState::Decided, None)?;
    tell(tx, &before, &after)
}

/// The row as the step changes it; 409 or 422 with everything that the step itself lacks.
fn prepared(
    tx: &mut Tx<'_>,
    before: &ProgrammeRow,
    step: &Step<'_, ProgrammeState, ProgrammeChangeData>,
) -> Result<ProgrammeRow, Problem> {
    let mut after = before.clone();
    match step.to {
        ProgrammeState::Scheduled => {
            Code::StateConflict.refuse_any(rules::scheduling_faults(before, tx.ctx.now))?;
            Code::SettingsIncomplete.refuse_any(settings::gaps(&mut tx.as_read(), before)?)?;
            let seed = hex(&tx.ctx.ids.bytes::<16>());
            after.seed_sha256 = Some(sha256_hex(&seed));
            after.seed = Some(seed);
        }
        ProgrammeState::Running => {
            let decision = step.data.and_then(|data| data.decision.clone()).ok_or_else(incomplete)?;
            Code::InvalidInput.refuse_any(rules::decision_faults(&decision, tx.ctx.today()))?;
            after.esf_decision = Some(Json(decision));
        }
        ProgrammeState::Completed => rules::check_over(before, tx.ctx.today())?,
        ProgrammeState::Cancelled => after.cancellation_reason = step.comment.map(str::to_owned),
        _ => {}
    }
    Ok(after)
}

/// 409 with every objection of the higher areas to the step.
fn check_obstacles(tx: &mut Tx<'_>, programme: &ProgrammeRow, to: ProgrammeState) -> Result<(), Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    for listener in hooks.of::<dyn ProgrammeListener>() {
        listener.lock(tx, programme, to)?;
        Code::StateConflict.refuse_any(listener.obstacles(&mut tx.as_read(), programme, to)?)?;
    }
    Ok(())
}

/// Notifies the higher areas, inside the same transaction.
pub(super) fn tell(tx: &mut Tx<'_>, before: &ProgrammeRow, after: &ProgrammeRow) -> Result<(), Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    for listener in hooks.of::<dyn ProgrammeListener>() {
        listener.changed(tx, before, after)?;
    }
    Ok(())
}
