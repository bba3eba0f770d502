//! A programme: one call with its deadlines and places, and the two years of work that follow (guide §3).
//!
//! Read by anyone from the day it opens, also if it is called off later; until then by those who hold a role in it. Written by its programme manager; the
//! clock opens and closes it.

mod jobs;
mod requests;
pub mod routes;
mod rules;
pub mod staffing;
mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::audit::Audited as _;
use crate::platform::auth::scope::AuthzKeys;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;
use crate::platform::workflow::{AllowedTransition, WorkflowTable};

pub use jobs::follow_the_clock;
pub use requests::Deadline;
pub use rules::{SELECTION_STATES, WORKFLOW, check_running, funding_sentence};
pub use store::{ProgrammeRow, by_id, in_states};

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[ProgrammeState::LIST, Profile::LIST],
    audited: &[ProgrammeRow::AUDITED],
    workflow: Some(WorkflowTable::of::<ProgrammeRow>),
    jobs: &[Job { name: "programmes", run: follow_the_clock }],
    ..Part::NONE
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
    /// ESF's programme period, whose rules the settings begin with (guide §4).
    pub enum Profile as "profiles" {
        /// The offer's own: 2014–2020.
        Esf20142020 = "esf-2014-2020", "ESF 2014–2020", "ESF 2014–2020";
        /// ESF+ 2021–2027.
        EsfPlus20212027 = "esf-plus-2021-2027", "ESF+ 2021–2027", "ESF+ 2021–2027";
    }
}

/// A decision by a body, with where it can be found: ESF's, a nämnd's, SKR's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = Decision::example)]
pub struct Decision {
    /// Who decided: "ESF-rådet", "kommunstyrelsen".
    #[schema(min_length = 1, max_length = 200)]
    pub body: String,
    /// The day of the decision.
    pub decided_on: Day,
    /// The § of the minutes.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40)]
    pub paragraph: Option<String>,
    /// Case number.
    #[schema(min_length = 1, max_length = 100)]
    pub registry_number: String,
}

impl Decision {
    /// An example for OpenAPI.
    pub fn example() -> serde_json::Value {
        serde_json::json!(Self {
            body: "ESF-rådet".to_owned(),
            decided_on: Day::new(2020, 12, 10).unwrap_or(Day(chrono::NaiveDate::MIN)),
            paragraph: None,
            registry_number: "2020/00373".to_owned(),
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
    /// The lottery seed, from `selecting` on.
    pub seed: Option<String>,
    /// ESF's decision, from `running` on.
    pub decision: Option<Decision>,
    /// Why it was called off.
    pub cancellation_reason: Option<String>,
    /// What the programme's staff should see to, such as an action that nobody is left to do.
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

/// Something to see to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// Stable code.
    pub code: String,
    /// For people, in the language asked for.
    pub detail: String,
}

/// What a programme says of itself to permits.
pub fn keys(id: Id) -> AuthzKeys {
    AuthzKeys { programme_id: Some(id), ..AuthzKeys::default() }
}
