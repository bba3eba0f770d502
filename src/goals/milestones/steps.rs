//! What a change of a milestone asks for, and what it sets off.

use super::MilestoneState;
use super::UNSUBMITTED;
use super::requests::{MilestoneChangeData, MilestonePatch};
use super::rules::{self, WORKFLOW};
use super::store::{MilestoneRow, keys};
use crate::goals::milestone_templates::outside_programme;
use crate::identity::people;
use crate::identity::policy::Role;
use crate::platform::codes::Codes as _;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::stored::Stored as _;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::workflow;
use crate::platform::workflow::http::ChangeRequest;
use crate::programmes::programme::{self, ProgrammeState};

/// Changes evidence or due date.
pub fn change_content(tx: &mut Tx<'_>, id: Id, patch: MilestonePatch) -> Result<MilestoneRow, Problem> {
    let before = MilestoneRow::locked(tx, id)?;
    check_fields(tx.ctx, &before, &patch)?;
    let after = patch.apply(before.clone());
    check_input(tx, &before, &after)?;
    tx.ctx.check_version(before.version)?;
    check_running(tx, &before)?;
    check_unsubmitted(&before)?;
    tx.update("changed", &before, after)
}

/// Changes the state. `version`: the one that the caller has seen, when the change names it.
pub fn change_state(
    tx: &mut Tx<'_>,
    id: Id,
    version: Option<i32>,
    wanted: &ChangeRequest<MilestoneState, MilestoneChangeData>,
) -> Result<MilestoneRow, Problem> {
    let before = MilestoneRow::locked(tx, id)?;
    let roles = tx.ctx.scope.roles_for(&keys(&before));
    let comment = wanted.comment.as_deref();
    let data = wanted.data.clone().unwrap_or_default();
    let requested = WORKFLOW.requested(before.status, wanted.to, &roles, comment).and_then(|step| {
        rules::refuse_own_work(&before, wanted.to, tx.ctx.caller.id(), &roles)?;
        Problem::if_any(Code::InvalidInput, data.unexpected(wanted.to))?;
        Ok(step)
    });
    let (transition, role) = tx.ctx.item_in_order(version, before.version, requested)?;
    let mut after = before.clone();
    data.apply(&mut after);
    after.reason.clone_from(&wanted.comment);
    if wanted.to == MilestoneState::Submitted {
        check_submission(tx.ctx, &after)?;
        after.submitted_at = Some(tx.ctx.now);
        after.submitted_by = tx.ctx.caller.person_id();
        after.reason = None;
    }
    check_running(tx, &before)?;
    let after = workflow::apply(tx, transition, &before, after, role, comment)?;
    if rules::is_judgement(before.status, after.status) {
        tell_submitter(tx, &after)?;
    }
    Ok(after)
}

/// What a submission must have: 422 for what was sent, then 409 for what is missing.
fn check_submission(ctx: &Context, row: &MilestoneRow) -> Result<(), Problem> {
    let mut faults = rules::evidence_faults(row, ctx.today(), "/data");
    faults.extend(rules::missing_justification(row, ctx.today()));
    Problem::if_any(Code::InvalidInput, faults)?;
    Problem::if_any(Code::StateConflict, rules::missing_evidence(row))
}

/// 403 naming who may change what was sent.
fn check_fields(ctx: &Context, row: &MilestoneRow, patch: &MilestonePatch) -> Result<(), Problem> {
    let roles = ctx.scope.roles_for(&keys(row));
    let wanted = [
        (!patch.due_on.is_keep(), Role::ProgrammeManager, "Sista dagen", "The last day"),
        (patch.has_evidence(), Role::Coordinator, "Underlaget", "The evidence"),
    ];
    let missing = wanted.into_iter().find(|(is_sent, role, ..)| *is_sent && !roles.contains(&role.as_str()));
    let Some((_, role, sv, en)) = missing else { return Ok(()) };
    Err(Problem::new(Code::NotYours).detail(
        format!("{sv} ändras av rollen {role} här."),
        format!("{en} is changed by the role {role} here."),
    ))
}

fn check_input(tx: &mut Tx<'_>, before: &MilestoneRow, after: &MilestoneRow) -> Result<(), Problem> {
    let mut faults = rules::evidence_faults(after, tx.ctx.today(), "");
    if before.due_on != after.due_on {
        let programme = programme::by_id(tx.db, after.programme_id)?;
        faults.extend(outside_programme("/dueOn", after.due_on, programme.starts_on, programme.ends_on));
    }
    Problem::if_any(Code::InvalidInput, faults)
}

fn check_unsubmitted(row: &MilestoneRow) -> Result<(), Problem> {
    if UNSUBMITTED.contains(&row.status) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict)
        .detail(
            "Milstolpen är inlämnad eller avgjord; den ändras bara efter att ha lämnats åter eller öppnats igen.",
            "The milestone is submitted or settled; it changes only after being returned or opened again.",
        )
        .member("currentStatus", row.status.as_str()))
}

fn check_running(tx: &mut Tx<'_>, row: &MilestoneRow) -> Result<(), Problem> {
    let programme = programme::by_id(tx.db, row.programme_id)?;
    if programme.status == ProgrammeState::Running {
        return Ok(());
    }
    let words = Localized::fixed("Programmet pågår inte.", "The programme is not running.");
    Err(Problem::new(Code::StateConflict).faults(vec![FieldError::new("/programmeId", "notRunning", words)]))
}

/// A mail to who submitted, with the outcome.
fn tell_submitter(tx: &mut Tx<'_>, row: &MilestoneRow) -> Result<(), Problem> {
    let Some(person_id) = row.submitted_by else { return Ok(()) };
    let person = people::by_id(tx.db, person_id)?;
    let programme = programme::by_id(tx.db, row.programme_id)?;
    let (kind, state) = (row.kind.label(), row.status.label());
    let comment = row.reason.as_ref().map_or(String::new(), |reason| format!("\n\n{reason}"));
    let address = tx.ctx.app_href(&format!("/milestones/{}", row.id));
    tx.mail(
        &person.email,
        &Localized::new(
            format!("Milstolpe {}: {}", state.sv, kind.sv),
            format!("Milestone {}: {}", state.en, kind.en),
        ),
        &Localized::new(
            format!("Milstolpen {} är {}.{comment}\n\n{address}", kind.sv, state.sv),
            format!("The milestone {} is {}.{comment}\n\n{address}", kind.en, state.en),
        ),
        Some(&programme::funding_sentence(programme.profile)),
    )
}
