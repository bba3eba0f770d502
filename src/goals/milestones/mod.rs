//! Milestones: what one kommun is to reach, step by step, with what shows that it did (guide §5). Made from the
//! programme's templates when the kommun begins to take part.
//!
//! The coordinator works on a step, enters its evidence and submits it; the process supporter of the kommun or the
//! programme manager approves or returns it, never who submitted it or coordinates the kommun. The manager moves due
//! dates, takes back an approval, and agrees that a step does not apply. Read by everyone of the kommun's team and the programme's staff.

mod commands;
mod from_templates;
mod requests;
pub mod routes;
mod rules;
mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::goals::milestone_templates::MilestoneKind;
use crate::platform::audit::Audited as _;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;
use crate::platform::workflow::{AllowedTransition, WorkflowTable};
use crate::programmes::programme::{Decision, Warning};

pub use from_templates::hooks;
pub use rules::{UNSUBMITTED, WORKFLOW, is_late};
pub use store::{MilestoneRow, exist_in};

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[MilestoneState::LIST],
    audited: &[MilestoneRow::AUDITED],
    workflow: Some(WorkflowTable::of::<MilestoneRow>),
    hooks: from_templates::hooks,
    ..Part::NONE
};

crate::codes! {
    /// States of a milestone (guide §5).
    pub enum MilestoneState as "milestoneStates" {
        /// Not begun.
        Planned = "planned", "planerad", "planned";
        /// Being worked on.
        InProgress = "inProgress", "pågår", "in progress";
        /// Waits for the process supporter or the manager.
        Submitted = "submitted", "inlämnad", "submitted";
        /// Reached.
        Approved = "approved", "godkänd", "approved";
        /// Back to the kommun, with a comment.
        Returned = "returned", "återlämnad", "returned";
        /// Does not apply to this kommun.
        NotApplicable = "notApplicable", "ej aktuell", "not applicable";
    }
}

/// How the staff were involved: one occasion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"date": "2021-03-16", "departments": ["Socialförvaltningen", "Näringslivsenheten"], "number": 34}))]
pub struct StaffInvolvement {
    /// The day.
    pub date: Day,
    /// The departments (förvaltningar) that took part.
    #[schema(min_items = 1, max_items = 50)]
    pub departments: Vec<String>,
    /// How many people took part.
    #[schema(minimum = 1, maximum = 100_000)]
    pub number: i32,
}

/// What shows that a step is taken, besides its decision. Kept as JSON: nobody searches in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Evidence {
    /// What has been done, in the kommun's own words.
    pub description: Option<String>,
    /// Departments (förvaltningar) that take part.
    pub departments: Vec<String>,
    /// Those outside of the kommun who take part: social enterprises, associations.
    pub partners: Vec<String>,
    /// How the staff were involved.
    pub staff_involvement: Option<StaffInvolvement>,
}

/// A step of one kommun.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Milestone::example)]
pub struct Milestone {
    /// Identity.
    pub id: Id,
    /// The programme that asks for it.
    pub programme_id: Id,
    /// Whose it is.
    pub kommunkod: String,
    /// Which step of the chain it is.
    pub kind: MilestoneKind,
    /// Its place in the chain, from 1.
    pub position: i32,
    /// State.
    pub status: MilestoneState,
    /// What the caller may do next.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// The last day to submit it.
    pub due_on: Day,
    /// Whether that day has passed and it is not submitted.
    pub is_late: bool,
    /// Why it was submitted after its last day.
    pub lateness_justification: Option<String>,
    /// The decision that shows it.
    pub decision: Option<Decision>,
    /// What has been done, in the kommun's own words.
    pub description: Option<String>,
    /// Departments (förvaltningar) that take part.
    pub departments: Vec<String>,
    /// Those outside of the kommun who take part.
    pub partners: Vec<String>,
    /// How the staff were involved.
    pub staff_involvement: Option<StaffInvolvement>,
    /// The versions of documents that show it.
    pub document_version_ids: Vec<Id>,
    /// Why it was returned, does not apply, or is open again.
    pub reason: Option<String>,
    /// When it was last submitted.
    pub submitted_at: Option<Instant>,
    /// Who submitted it.
    pub submitted_by: Option<Id>,
    /// What to think of, such as an earlier step that is missing. Nothing here blocks.
    pub warnings: Vec<Warning>,
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
