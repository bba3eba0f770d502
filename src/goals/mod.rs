//! Goals: what each kommun is to reach, step by step, and what shows that it did.

pub mod milestone_templates;
pub mod milestones;

use crate::platform::codes::CodeList;
use crate::platform::hooks::Hooks;
use crate::platform::http::operations::Operations;
use crate::platform::jobs::Job;
use crate::platform::workflow::WorkflowTable;

/// The area's closed lists.
pub const CODE_LISTS: &[CodeList] =
    &[milestone_templates::MilestoneKind::LIST, milestones::MilestoneState::LIST];

/// The area's tables of states.
pub fn workflows() -> Vec<WorkflowTable> {
    vec![milestones::WORKFLOW.table()]
}

/// What the clock does here: nothing, lateness is computed.
pub const JOBS: &[Job] = &[];

/// What this area does when something below it changes.
pub fn hooks(hooks: &mut Hooks) {
    milestone_templates::hooks(hooks);
    milestones::hooks(hooks);
}

/// The area's operations.
pub fn routes(cfg: &mut Operations) {
    milestone_templates::routes::routes(cfg);
    milestones::routes::routes(cfg);
}
