//! The months of a programme. A month takes time while it is open and for some working days after its end (grace). Then it is
//! closed, and finally SKR's economist locks it (guide §4).
//!
//! Everyone who works in the programme reads its months; only SKR and the auditor see the participants whose reports a lock did
//! not wait for. The clock opens and closes months.

mod acceptance;
mod commands;
mod jobs;
mod participant_listener;
mod programme_listener;
mod requests;
pub mod routes;
mod rules;
mod store;
mod view;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::{Instant, Month};
use crate::platform::part::Part;
use crate::platform::values::Text;
use crate::platform::workflow::AllowedTransition;
use crate::programmes::ProgrammeListener;
use crate::team::ParticipantListener;

pub use acceptance::{Opening, Openings, accepts, check_new_reports, exception_needed, opening};
pub use commands::end_coordinators;
pub use rules::{WORKFLOW, working_day_limit};
pub use store::{MonthRow, unscoped_among, unscoped_by_month, unscoped_of_programme};
pub use view::steps;

/// What months bring to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[MonthState::LIST],
    jobs: &[Job { name: "months", run: jobs::follow_the_clock }],
    hooks: |hooks| {
        hooks.add::<dyn ProgrammeListener>(Arc::new(programme_listener::Months));
        hooks.add::<dyn ParticipantListener>(Arc::new(participant_listener::Leavers));
    },
    ..Part::of::<MonthRow>()
};

crate::codes! {
    /// States of a programme's month (guide §4).
    pub enum MonthState as "monthStates" {
        /// The month is running.
        Open = "open", "öppen", "open";
        /// It has ended and still takes time for some working days.
        Grace = "grace", "respit", "grace";
        /// It takes no more time, except under an exception or in a returned report.
        Closed = "closed", "stängd", "closed";
        /// Its approved reports no longer change.
        Locked = "locked", "låst", "locked";
    }
}

/// A participant whose report a lock does not wait for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MissingReport {
    /// The participant.
    pub participant_id: Id,
    /// Why the report is not waited for.
    #[validate(nested)]
    pub reason: Text<500>,
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
    /// The participants whose reports the lock did not wait for, and why; shown to SKR and the auditor.
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
