//! Tasks with milestones, for reviewers and for the coordinator.

use super::TaskCode;
use super::collect::Here;
use super::rules::{self, MILESTONE_DAYS, Waiting};
use super::store;
use crate::goals::milestones::{self, MilestoneState};
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::tx::Rx;
use crate::programmes::programme::ProgrammeState;
use crate::reference::kommuner;

/// The submitted milestones of the programme or, for a process supporter, of one kommun.
pub fn to_review(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    if here.programme.status != ProgrammeState::Running {
        return Ok(Vec::new());
    }
    let kommunkod = here.kommunkod.as_deref();
    let own = here.own_kommuner(&rx.ctx.caller);
    let count = store::unscoped_milestones_to_review(rx, here.programme.id, kommunkod, here.person_id, own)?;
    let list = here.list("/milestones", "&status=submitted");
    let Some(mut waiting) = Waiting::some(TaskCode::MilestonesToReview, count, list) else {
        return Ok(Vec::new());
    };
    if let Some(kommunkod) = kommunkod {
        let name = kommuner::name_of(rx.db, kommunkod)?;
        waiting = waiting.about(Localized::same(name));
    }
    Ok(vec![waiting])
}

/// The kommun's milestones that were returned, are late, or are due within thirty days.
pub fn for_coordinator(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let Some(kommunkod) = here.kommunkod.as_deref() else { return Ok(Vec::new()) };
    if here.programme.status != ProgrammeState::Running {
        return Ok(Vec::new());
    }
    let today = rx.ctx.today();
    let due_by = today.plus_days(MILESTONE_DAYS);
    let mut waiting = Vec::new();
    for row in store::unscoped_open_milestones(rx, here.programme.id, kommunkod, due_by)? {
        if let Some(code) = rules::milestone_step(row.status, row.due_on, today) {
            let task = Waiting::one(code, format!("/milestones/{}", row.id));
            let task = match row.status {
                MilestoneState::Planned => task.by_step(MilestoneState::InProgress.as_str()),
                _ if milestones::may_be_submitted(&row, today) => {
                    task.by_step(MilestoneState::Submitted.as_str())
                }
                _ => task,
            };
            waiting.push(task.due(row.due_on.end()).about(row.kind.label()));
        }
    }
    Ok(waiting)
}
