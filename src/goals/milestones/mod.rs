//! Milestones: the steps that a kommun takes, each with the evidence that it was taken (guide §5). They are made from the
//! programme's templates when the kommun begins to take part.
//!
//! The coordinator enters a step's evidence and submits it. The process supporter of the kommun or the programme manager
//! approves or returns it, but nobody reviews a step that they submitted or that belongs to a kommun which they coordinate.
//! The manager moves due dates, revokes approvals, and decides that a step does not apply. Everyone in the kommun's team
//! and in the programme's staff can read its milestones.

mod application_listener;
mod commands;
mod pages;
mod requests;
pub mod routes;
mod rules;
mod store;
mod view;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::calls::applications::ApplicationListener;
use crate::goals::milestone_templates::MilestoneKind;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;
use crate::platform::values::Line;
use crate::platform::workflow::{AllowedTransition, LastComment, StatusChange};
use crate::programmes::programme::{Decision, Warning};

pub use rules::{UNSUBMITTED, is_late, may_be_submitted};
pub use store::{MilestoneRow, unscoped_exist_in, unscoped_programmes_with};

/// What this resource brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    pages: pages::PAGES,
    code_lists: &[MilestoneState::LIST],
    hooks: |hooks| hooks.add::<dyn ApplicationListener>(Arc::new(application_listener::OnApplications)),
    ..Part::of::<MilestoneRow>()
};

crate::codes! {
    /// States of a milestone (guide §5).
    pub enum MilestoneState as "milestoneStates" {
        /// Not begun.
        Planned = "planned", "planerad", "planned";
        /// Being worked on.
        InProgress = "inProgress", "pågår", "in progress";
        /// Waiting for review.
        Submitted = "submitted", "inlämnad", "submitted";
        /// Reached.
        Approved = "approved", "godkänd", "approved";
        /// Sent back to the kommun, with a comment.
        Returned = "returned", "återlämnad", "returned";
        /// Does not apply to this kommun.
        NotApplicable = "notApplicable", "ej aktuell", "not applicable";
    }
}

/// One occasion on which the staff were involved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"date": "2021-03-16", "departments": ["Socialförvaltningen", "Näringslivsenheten"], "number": 34}))]
pub struct StaffInvolvement {
    /// The day.
    pub date: Day,
    /// The departments (förvaltningar) that took part.
    #[schema(min_items = 1, max_items = 50)]
    #[validate(nested)]
    pub departments: Vec<Line<200>>,
    /// How many people took part.
    #[schema(minimum = 1, maximum = 100_000)]
    pub number: i32,
}

/// The evidence of a step besides its decision. Stored as JSON: nobody searches in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Evidence {
    /// What has been done, in the kommun's own words.
    pub description: Option<String>,
    /// Departments (förvaltningar) that take part.
    pub departments: Vec<String>,
    /// Partners outside the kommun: social enterprises, associations.
    pub partners: Vec<String>,
    /// How the staff were involved.
    pub staff_involvement: Option<StaffInvolvement>,
}

/// Something that a submission still needs.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MissingPart {
    /// The field of the milestone.
    pub field: String,
    /// What is missing, in the language of the answer.
    pub detail: String,
}

/// One step of one kommun.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Milestone::example)]
pub struct Milestone {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// The kommun.
    pub kommunkod: String,
    /// Its name.
    pub kommun_name: Option<String>,
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
    /// Whether the last day has passed and the step still has to be submitted.
    pub is_late: bool,
    /// Why it was submitted after its last day.
    pub lateness_justification: Option<String>,
    /// The decision that is its evidence.
    pub decision: Option<Decision>,
    /// What has been done, in the kommun's own words.
    pub description: Option<String>,
    /// Departments (förvaltningar) that take part.
    pub departments: Vec<String>,
    /// Partners outside the kommun.
    pub partners: Vec<String>,
    /// How the staff were involved.
    pub staff_involvement: Option<StaffInvolvement>,
    /// The document versions that are its evidence.
    pub document_version_ids: Vec<Id>,
    /// Why it was returned, does not apply, or was opened again.
    pub reason: Option<String>,
    /// When it was last submitted.
    pub submitted_at: Option<Instant>,
    /// Who submitted it.
    pub submitted_by: Option<Id>,
    /// Their name; null for readers who see no names.
    pub submitted_by_name: Option<String>,
    /// The newest comment on a step: why it was returned, does not apply, or was opened again.
    pub last_comment: Option<LastComment>,
    /// Every change of its state, oldest first.
    pub history: Vec<StatusChange>,
    /// What a submission still needs; empty once it is submitted or settled.
    pub missing: Vec<MissingPart>,
    /// Advice, such as an earlier step that is missing. A warning blocks nothing.
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
