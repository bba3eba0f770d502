//! The months of a programme: each takes time while it is open and for some working days after its end, is then closed,
//! and is at last locked by SKR's economist (guide §4).
//!
//! Read by everyone who works in the programme; what is said of people that a lock leaves out is shown to SKR and the
//! auditor only. The clock opens and closes months.

mod acceptance;
mod jobs;
mod leavers;
pub mod routes;
mod rules;
mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::audit::Audited as _;
use crate::platform::hooks::Hooks;
use crate::platform::http::answer::{Link, Representation};
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::{Instant, Month};
use crate::platform::part::Part;
use crate::platform::workflow::{AllowedTransition, WorkflowTable};
use crate::programmes::ProgrammeListener;
use crate::team::ParticipantListener;
use std::sync::Arc;

pub use acceptance::{Opening, accepts, opening};
pub use jobs::{Follower, follow_the_clock};
pub use leavers::Leavers;
pub use rules::{WORKFLOW, working_day_limit};
pub use store::{MonthRow, of_programme, state_on};

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[MonthState::LIST],
    audited: &[MonthRow::AUDITED],
    workflow: Some(WorkflowTable::of::<MonthRow>),
    jobs: &[Job { name: "months", run: follow_the_clock }],
    hooks,
};

crate::codes! {
    /// States of a programme's month (guide §4).
    pub enum MonthState as "monthStates" {
        /// The month is running.
        Open = "open", "öppen", "open";
        /// It has ended and still takes time for some working days.
        Grace = "grace", "respit", "grace";
        /// It takes no more time, but under an exception or in a returned report.
        Closed = "closed", "stängd", "closed";
        /// Its approved reports stand.
        Locked = "locked", "låst", "locked";
    }
}

/// Somebody whose report a lock does without.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MissingReport {
    /// Whose report.
    pub participant_id: Id,
    /// Why it is not waited for.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A month of a programme.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = ProgrammeMonth::example)]
pub struct ProgrammeMonth {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// The month.
    pub month: Month,
    /// State.
    pub status: MonthState,
    /// What the caller may do next.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// The last moment for entering time: 24:00 of the last working day of grace.
    pub grace_ends_at: Instant,
    /// Whom the lock did without, and why; shown to SKR and the auditor.
    pub missing: Vec<MissingReport>,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

impl Representation for ProgrammeMonth {
    fn version(&self) -> i32 {
        self.version
    }

    fn path(&self) -> String {
        format!("/programmes/{}/months/{}", self.programme_id, self.month)
    }
}

/// What it does when something below it changes.
fn hooks(hooks: &mut Hooks) {
    hooks.add::<dyn ProgrammeListener>(Arc::new(Follower));
    hooks.add::<dyn ParticipantListener>(Arc::new(Leavers));
}
