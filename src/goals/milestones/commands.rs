//! Changes a milestone: its evidence, its due date and its state. A review sends a mail.

use super::requests::{MilestoneChangeData, MilestonePatch};
use super::store::MilestoneRow;
use super::{MilestoneState, rules};
use crate::goals::milestone_templates::outside_programme;
use crate::identity::people;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::workflow::Wanted;
use crate::platform::workflow::status_changes::ChangeStatus;
use crate::programmes::programme;

/// Changes the evidence or the due date.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: MilestonePatch) -> Result<MilestoneRow, Problem> {
    let changed = tx.change(id, "changed", |tx, before: &MilestoneRow| {
        rules::check_roles(&patch, &tx.ctx.scope.roles_for(before))?;
        let programme = programme::unscoped_by_id(tx.db, before.programme_id)?;
        let after = patch.apply(before.clone());
        let mut faults = rules::evidence_faults(&after, tx.ctx.today(), "");
        if after.due_on != before.due_on {
            faults.extend(outside_programme("/dueOn", after.due_on, programme.starts_on, programme.ends_on));
        }
        Code::InvalidInput.refuse_any(faults)?;
        programme::check_running(&programme)?;
        rules::check_unsubmitted(before)?;
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
        let changed = tx.step(seen.id, wanted, |tx, before: &Self, step| {
            let roles = tx.ctx.scope.roles_for(before);
            rules::refuse_own_work(before, step.to, tx.ctx.caller.id(), &roles)?;
            let mut after = before.clone();
            after.reason = step.comment.map(str::to_owned);
            if let Some(data) = step.data {
                Code::InvalidInput.refuse_any(rules::unexpected_data(data, step.to))?;
                data.clone().apply(&mut after);
            }
            if step.to == MilestoneState::Submitted {
                rules::check_submission(&after, tx.ctx.today())?;
                after.submitted_at = Some(tx.ctx.now);
                after.submitted_by = tx.ctx.caller.person_id();
                after.reason = None;
            }
            programme::check_running(&programme::unscoped_by_id(tx.db, before.programme_id)?)?;
            Ok(after)
        })?;
        if rules::is_review(changed.before.status, changed.after.status) {
            mail_submitter(tx, &changed.after)?;
        }
        Ok(changed.after)
    }
}

/// Tells the person who submitted the milestone what the review decided.
fn mail_submitter(tx: &mut Tx<'_>, row: &MilestoneRow) -> Result<(), Problem> {
    let Some(person_id) = row.submitted_by else { return Ok(()) };
    let person = people::unscoped_by_id(tx.db, person_id)?;
    let programme = programme::unscoped_by_id(tx.db, row.programme_id)?;
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
