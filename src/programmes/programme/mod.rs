//! A programme: one call with its deadlines and places, and the two years of work that follow (guide §3).
//!
//! From the day it opens anyone reads it, also if it is called off later; until then those who hold a role in it. Its
//! programme manager changes it; the clock opens and closes it.

mod commands;
mod jobs;
mod requests;
pub mod routes;
mod rules;
mod selection_plan;
mod sent_plan;
pub mod staffing;
mod store;
mod view;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::platform::auth::scope::AuthzKeys;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;
use crate::platform::values::Line;
use crate::platform::workflow::AllowedTransition;

pub use commands::decide;
pub use requests::{Deadline, Opening};
pub use rules::{
    ANNOUNCED_STATES, SELECTION_STATES, WORKFLOW, check_not_over, check_running, funding_sentence,
};
pub use selection_plan::{
    GoalKind, SelectionDimension, SelectionGoal, SelectionPin, SelectionPlan, SelectionQuota, selection_fault,
};
pub use sent_plan::{SelectionPlanPatch, SentPlan};
pub use store::{
    ProgrammeRow, Programmes, unscoped_among, unscoped_by_id, unscoped_by_ids, unscoped_in_states,
};
pub use view::is_schedulable;

/// What programmes bring to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[ProgrammeState::LIST, Profile::LIST, GoalKind::LIST, SelectionDimension::LIST],
    jobs: &[Job {
        name: "programmes",
        run: |services| services.take_due_steps(jobs::candidates, jobs::take_due_step),
    }],
    ..Part::of::<ProgrammeRow>()
};

crate::codes! {
    /// States of a programme (guide §3).
    pub enum ProgrammeState as "programmeStates" {
        /// Being prepared.
        Draft = "draft", "utkast", "draft";
        /// Will open at `opensAt`.
        Scheduled = "scheduled", "planerat", "scheduled";
        /// Takes expressions of interest.
        Open = "open", "öppet", "open";
        /// Interest is closed; confirmations and letters come in.
        Closed = "closed", "stängt", "closed";
        /// The letters' deadline has passed; places are being given.
        Selecting = "selecting", "urval pågår", "selecting";
        /// The places are given.
        Decided = "decided", "beslutat", "decided";
        /// The two years of work.
        Running = "running", "pågår", "running";
        /// All is settled.
        Completed = "completed", "avslutat", "completed";
        /// Called off.
        Cancelled = "cancelled", "inställt", "cancelled";
    }
}

crate::codes! {
    /// ESF's programme period; the first settings follow its rules (guide §4).
    pub enum Profile as "profiles" {
        /// 2014–2020, that of the offer.
        Esf20142020 = "esf-2014-2020", "ESF 2014–2020", "ESF 2014–2020";
        /// ESF+ 2021–2027.
        EsfPlus20212027 = "esf-plus-2021-2027", "ESF+ 2021–2027", "ESF+ 2021–2027";
    }
}

/// A decision by a body (ESF, a nämnd, SKR), and where it is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = Decision::example)]
pub struct Decision {
    /// Who decided: "ESF-rådet", "kommunstyrelsen".
    #[validate(nested)]
    pub body: Line<200>,
    /// The day of the decision.
    pub decided_on: Day,
    /// The § of the minutes.
    #[serde(default)]
    #[validate(nested)]
    pub paragraph: Option<Line<40>>,
    /// Case number.
    #[validate(nested)]
    pub registry_number: Line<100>,
}

impl Decision {
    /// An example for OpenAPI.
    pub fn example() -> serde_json::Value {
        serde_json::json!(Self {
            body: "ESF-rådet".into(),
            decided_on: Day::new(2020, 12, 10).unwrap_or(Day(chrono::NaiveDate::MIN)),
            paragraph: None,
            registry_number: "2020/00373".into(),
        })
    }
}

/// A programme.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Programme::example)]
pub struct Programme {
    /// Identity.
    pub id: Id,
    /// Name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// State.
    pub status: ProgrammeState,
    /// What the caller may do next.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// ESF's programme period.
    pub profile: Profile,
    /// How many kommuner can take part.
    pub places: i32,
    /// First day of the work.
    pub starts_on: Day,
    /// Last day of the work.
    pub ends_on: Day,
    /// When the call opens: interest can be expressed from then on.
    pub opens_at: Instant,
    /// The last moment to express interest.
    pub interest_deadline: Instant,
    /// The information meeting for those interested.
    pub info_meeting_at: Instant,
    /// The last moment for each kommun to say whether it is still interested.
    pub confirmation_deadline: Instant,
    /// The last moment for both to have signed the avsiktsförklaring.
    pub avsiktsforklaring_deadline: Instant,
    /// SHA-256 of the lottery seed, shown in the open call so that nobody can choose it afterwards.
    pub seed_sha256: Option<String>,
    /// The lottery seed, from `selecting` onwards.
    pub seed: Option<String>,
    /// How the places are given if more kommuner qualify than there are places: named before the call opens, and not changed
    /// after that.
    pub selection_plan: SelectionPlan,
    /// ESF's decision, from `running` onwards.
    pub decision: Option<Decision>,
    /// Why it was called off.
    pub cancellation_reason: Option<String>,
    /// What the programme's staff should attend to, such as an action that nobody may take.
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

/// Something that needs attention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// Stable code.
    pub code: String,
    /// For people, in the requested language.
    pub detail: String,
}

/// The authorization keys of a programme.
pub fn keys(id: Id) -> AuthzKeys<'static> {
    AuthzKeys { programme_id: Some(id), ..AuthzKeys::default() }
}
