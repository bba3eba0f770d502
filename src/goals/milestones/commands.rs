//! Changes a milestone: its evidence, its due date and its state. A review sends a mail.

use super::requests::{MilestoneChangeData, MilestonePatch};
use super::store::MilestoneRow;
use super::{MilestoneState, rules};
use crate::goals::milestone_templates::outside_programme;
use crate::identity::people::{self, PersonRow};
use crate::identity::policy::{MilestoneChangeStatus, MilestoneUpdate};
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::relations::Thing;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::workflow::steps::{ItemOf, JudgeSteps, StepOf};
use crate::platform::workflow::{StepItem, TakenStep};
use crate::programmes::programme::{self, ProgrammeRow, Programmes};

/// Changes the evidence or the due date.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: MilestonePatch) -> Result<MilestoneRow, Problem> {
    let changed = tx.change(id, "changed", |tx, before: &MilestoneRow| {
        let may = |roles: &[&str]| rules::check_roles(&patch, roles);
        tx.check_roles_without_own_case::<MilestoneUpdate>(&Thing::of(before), may)?;
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

impl JudgeSteps for MilestoneRow {
    type Data = MilestoneChangeData;
    type Change = MilestoneChangeStatus;
    type Facts = Programmes;

    fn load(tx: &mut Tx<'_>, steps: &[ItemOf<Self>]) -> Result<(Vec<Self>, Programmes), Problem> {
        let rows = tx.visible_locked::<Self>(StepItem::ids(steps))?;
        let ids = rows.iter().map(|row| row.programme_id).collect();
        let programmes = programme::unscoped_by_ids(tx.db, &ids)?;
        Ok((rows, programmes))
    }

    fn judge(
        programmes: &Programmes,
        ctx: &Context,
        before: &Self,
        step: &StepOf<'_, Self>,
    ) -> Result<Self, Problem> {
        let mut after = before.clone();
        after.reason = step.comment.map(str::to_owned);
        if let Some(data) = step.data {
            Code::InvalidInput.refuse_any(rules::unexpected_data(data, step.to))?;
            data.clone().apply(&mut after);
        }
        if step.to == MilestoneState::Submitted {
            let lacking = step.missing(|member| rules::is_needed(before, member, ctx.today()));
            rules::check_submission(&after, lacking, ctx.today())?;
            after.submitted_at = Some(ctx.now);
            after.submitted_by = ctx.caller.person_id();
            after.reason = None;
        }
        programme::check_running(programmes.of(before.programme_id)?)?;
        Ok(after)
    }

    fn follow(
        programmes: &mut Programmes,
        tx: &mut Tx<'_>,
        steps: Vec<TakenStep<Self>>,
    ) -> Result<Vec<Self>, Problem> {
        let reviewed = steps.iter().filter(|step| rules::is_review(step.before.status, step.after.status));
        let reviewed: Vec<&Self> = reviewed.map(|step| &step.after).collect();
        let submitters =
            people::unscoped_by_ids(tx.db, reviewed.iter().filter_map(|row| row.submitted_by).collect())?;
        for row in reviewed {
            if let Some(person) = submitters.iter().find(|person| Some(person.id) == row.submitted_by) {
                mail_submitter(tx, row, person, programmes.of(row.programme_id)?)?;
            }
        }
        Ok(steps.into_iter().map(|step| step.after).collect())
    }
}

/// Tells the person who submitted the milestone what the review decided.
fn mail_submitter(
    tx: &mut Tx<'_>,
    row: &MilestoneRow,
    person: &PersonRow,
    programme: &ProgrammeRow,
) -> Result<(), Problem> {
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
