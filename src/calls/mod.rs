//! Calls: from expressed interest to a place in the network.

pub mod applications;
pub mod avsiktsforklaringar;

use std::sync::Arc;

use crate::platform::codes::CodeList;
use crate::platform::hooks::Hooks;
use crate::platform::http::operations::Operations;
use crate::platform::jobs::Job;
use crate::platform::workflow::WorkflowTable;
use crate::programmes::ProgrammeListener;
use crate::team::Membership;

/// The area's closed lists.
pub const CODE_LISTS: &[CodeList] = &[
    applications::ApplicationState::LIST,
    applications::EndReason::LIST,
    avsiktsforklaringar::LetterState::LIST,
];

/// The area's tables of states.
pub fn workflows() -> Vec<WorkflowTable> {
    vec![applications::WORKFLOW.table(), avsiktsforklaringar::WORKFLOW.table()]
}

/// What the clock does here.
pub const JOBS: &[Job] = &[
    Job { name: "applications", run: applications::follow_the_clock },
    Job { name: "avsiktsforklaringar", run: avsiktsforklaringar::expire_at_the_deadline },
];

/// What this area does when something below it changes, and what its resources answer each other.
pub fn hooks(hooks: &mut Hooks) {
    hooks.add::<dyn ProgrammeListener>(Arc::new(applications::FollowProgrammes));
    hooks.add::<dyn Membership>(Arc::new(applications::Members));
    hooks.add::<dyn applications::ApplicationListener>(Arc::new(applications::EndTeams));
    hooks.add::<dyn applications::LetterFacts>(Arc::new(avsiktsforklaringar::Letters));
}

/// The area's operations.
pub fn routes(cfg: &mut Operations) {
    applications::routes::routes(cfg);
    avsiktsforklaringar::routes::routes(cfg);
}
