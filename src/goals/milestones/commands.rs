//! The changes of a milestone: what each asks for and what it sets off.

use super::MilestoneState;
use super::UNSUBMITTED;
use super::requests::{MilestoneChangeData, MilestonePatch};
use super::rules;
use super::store::MilestoneRow;
use crate::goals::milestone_templates::outside_programme;
use crate::identity::people;
use crate::identity::policy::Role;
use crate::platform::auth::scoped::Scoped as _;
use crate::platform::change::Changed;
use crate::platform::codes::Codes as _;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::workflow::Wanted;
use crate::platform::workflow::status_changes::ChangeStatus;
use crate::programmes::programme;

/// Changes evidence or due date.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: MilestonePatch) -> Result<MilestoneRow, Problem> {
    let changed = tx.change(id, "changed", |tx, before: &MilestoneRow| {
        check_fields(tx.ctx, before, &patch)?;
        let after = patch.clone().apply(before.clone());
        check_input(tx, before, &after)?;
        programme::check_running(&programme::by_id(tx.db, before.programme_id)?)?;
        check_unsubmitted(before)?;
        Ok(after)
    })?;
    Ok(changed.after)
}

impl ChangeStatus for MilestoneRow {
    type Data = MilestoneChangeData;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<MilestoneState, MilestoneChangeData>,
    ) -> Result<Self, Problem> {
        let Changed { before, after } = tx.step(seen.id, wanted, |tx, before: &Self, step| {
            let roles = tx.ctx.scope.roles_for(&before.keys());
            rules::refuse_own_work(before, step.to, tx.ctx.caller.id(), &roles)?;
            let data = step.data.cloned().unwrap_or_default();
            Code::InvalidInput.refuse_any(data.unexpected(step.to))?;
            let mut after = before.clone();
            data.apply(&mut after);
            after.reason = step.comment.map(str::to_owned);
            if step.to == MilestoneState::Submitted {
                check_submission(tx.ctx, &after)?;
                after.submitted_at = Some(tx.ctx.now);
                after.submitted_by = tx.ctx.caller.person_id();
                after.reason = None;
            }
            programme::check_running(&programme::by_id(tx.db, before.programme_id)?)?;
            Ok(after)
        })?;
        if rules::is_judgement(before.status, after.status) {
            tell_submitter(tx, &after)?;
        }
        Ok(after)
    }
}

/// What a submission must have: 422 for what was sent, then 409 for what is missing.
fn check_submission(ctx: &Context, row: &MilestoneRow) -> Result<(), Problem> {
    let mut faults = rules::evidence_faults(row, ctx.today(), "/data");
    faults.extend(rules::missing_justification(row, ctx.today()));
    Code::InvalidInput.refuse_any(faults)?;
    Code::StateConflict.refuse_any(rules::missing_evidence(row))
}

/// 403 naming who may change what was sent.
fn check_fields(ctx: &Context, row: &MilestoneRow, patch: &MilestonePatch) -> Result<(), Problem> {
    let roles = ctx.scope.roles_for(&row.keys());
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
    Code::InvalidInput.refuse_any(faults)
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
