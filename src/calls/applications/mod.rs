//! Applications (intresseanmälningar): one kommun's way through one call, from the first expression of interest to a
//! place in the network (guide §3).
//!
//! Anyone may express interest while the call is open; a mailed link proves the address. From then on the kommun's
//! applicant and the programme manager move the application on, the clock keeps the deadlines, and the letter and the
//! programme set off the rest. The manager sees all of the programme's, the economist and the auditor all that have
//! been verified, the kommun its own.

mod interest;
mod jobs;
mod letters;
mod mails;
mod programme_listener;
mod requests;
pub mod routes;
mod rules;
mod shown;
mod steps;
mod store;
mod verification;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::identity::people;
use crate::platform::audit::Audited as _;
use crate::platform::auth::scope::AuthzKeys;
use crate::platform::hooks::Hooks;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::platform::workflow::{AllowedTransition, WorkflowTable};
use crate::programmes::ProgrammeListener;
use crate::team::Membership;
use std::sync::Arc;

pub use jobs::follow_the_clock;
pub use letters::{letter_received, letter_undone};
pub use programme_listener::{EndTeams, FollowProgrammes, Members};
pub use rules::{WORKFLOW, letter_may_be_written};
pub use store::{ApplicationRow, by_id};

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[ApplicationState::LIST, EndReason::LIST],
    audited: &[ApplicationRow::AUDITED],
    workflow: Some(WorkflowTable::of::<ApplicationRow>),
    jobs: &[Job { name: "applications", run: follow_the_clock }],
    hooks,
};

crate::codes! {
    /// States of an application (guide §3).
    pub enum ApplicationState as "applicationStates" {
        /// The address has not been proved; reserves nothing.
        Unverified = "unverified", "obekräftad", "unverified";
        /// The address was not proved in seven days.
        Expired = "expired", "utgången", "expired";
        /// Became a note on the kommun's first one.
        Merged = "merged", "sammanförd", "merged";
        /// Waits for the programme manager.
        Submitted = "submitted", "inkommen", "submitted";
        /// Waits for the kommun to complete it.
        ChangesRequested = "changesRequested", "komplettering begärd", "changes requested";
        /// Turned down.
        Rejected = "rejected", "avvisad", "rejected";
        /// Invited to the information meeting.
        Invited = "invited", "inbjuden", "invited";
        /// Still interested after the meeting.
        Confirmed = "confirmed", "bekräftad", "confirmed";
        /// No longer interested.
        Declined = "declined", "tackat nej", "declined";
        /// Confirmed, and the letter was received in time.
        Qualified = "qualified", "kvalificerad", "qualified";
        /// No letter in time.
        NotQualified = "notQualified", "inte kvalificerad", "not qualified";
        /// Has a place.
        Selected = "selected", "utvald", "selected";
        /// Next in line.
        Reserve = "reserve", "reserv", "reserve";
        /// Got no place.
        NotSelected = "notSelected", "inte utvald", "not selected";
        /// Takes part.
        Participating = "participating", "deltar", "participating";
        /// Took part to the end.
        Completed = "completed", "avslutad", "completed";
        /// Left before the end.
        Terminated = "terminated", "avbruten", "terminated";
        /// Taken back by the kommun.
        Withdrawn = "withdrawn", "återtagen", "withdrawn";
    }
}

crate::codes! {
    /// Why an application ended without anybody giving a reason of their own.
    pub enum EndReason as "applicationEndReasons" {
        /// The kommun did not say whether it was still interested.
        NoAnswer = "noAnswer", "inget svar i tid", "no answer in time";
        /// No letter was received in time.
        LetterMissing = "letterMissing", "ingen avsiktsförklaring i tid", "no letter in time";
        /// The places were given before it had come so far.
        CallEnded = "callEnded", "utlysningen är avslutad", "the call has ended";
        /// The programme was called off.
        ProgrammeCancelled = "programmeCancelled", "programmet är inställt", "the programme was called off";
    }
}

/// The local coordinator, if the kommun knows already who it will be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedCoordinator {
    /// Name.
    #[schema(min_length = 1, max_length = 200)]
    #[validate(custom(function = "people::readable"))]
    pub name: String,
    /// Work e-mail.
    #[schema(format = "email", max_length = 254)]
    pub email: String,
}

/// What became of a second interest from the same kommun, kept on the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// When it was written.
    pub at: Instant,
    /// The other application, which ended as `merged`; absent for a note on how this one came in.
    #[serde(default)]
    pub application_id: Option<Id>,
    /// Who sent the other one.
    #[serde(default)]
    pub contact_name: Option<String>,
    /// Their address, proved by the link.
    #[serde(default)]
    pub contact_email: Option<String>,
    /// What they wrote, or why the manager registered this one.
    pub text: String,
}

/// An application.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Application::example)]
pub struct Application {
    /// Identity.
    pub id: Id,
    /// The call.
    pub programme_id: Id,
    /// The kommun.
    pub kommunkod: String,
    /// State.
    pub status: ApplicationState,
    /// What the caller may do next.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// Who answers for it in the kommun.
    pub contact_name: String,
    /// Where to reach them.
    pub contact_email: String,
    /// The contact's account, once there is one.
    pub contact_person_id: Option<Id>,
    /// Why the kommun wants to take part.
    pub motivation: String,
    /// How far the kommun has come by its own account, 1–5.
    pub maturity: i32,
    /// Departments that are to take part.
    pub departments: Vec<String>,
    /// The coordinator, if known.
    pub coordinator: Option<NamedCoordinator>,
    /// Social enterprises that the kommun knows of today.
    pub known_social_enterprises: Vec<String>,
    /// The kommun's own case number.
    pub registry_number: Option<String>,
    /// When the interest came in: the first POST, or what the manager registered.
    pub received_at: Instant,
    /// Whether that was after the deadline.
    pub is_late: bool,
    /// A later deadline than the programme's for saying whether it is still interested.
    pub respond_by: Option<Instant>,
    /// Whether the kommun came to the information meeting.
    pub attended_info_meeting: Option<bool>,
    /// Why the manager registered it; once it has ended by itself, the code of why (`applicationEndReasons`).
    pub reason: Option<String>,
    /// Further interest from the same kommun, and how a registered one came in.
    pub notes: Vec<Note>,
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

/// What an application says of itself to permits.
pub fn keys(row: &ApplicationRow) -> AuthzKeys {
    AuthzKeys {
        programme_id: Some(row.programme_id),
        kommunkod: Some(row.kommunkod.clone()),
        subject_id: Some(row.id),
        ..AuthzKeys::default()
    }
}

/// What the letters know; answered by `avsiktsforklaringar`, wired as a hook.
pub trait LetterFacts: Send + Sync {
    /// Whether a letter that holds was received in time.
    fn received_in_time(&self, tx: &mut Tx<'_>, application: &ApplicationRow) -> Result<bool, Problem>;

    /// Whether a letter on its way names somebody with this address as a signer.
    fn names(&self, tx: &mut Tx<'_>, application: &ApplicationRow, email: &str) -> Result<bool, Problem>;

    /// The deadline of this application's letter when it is another than the programme's.
    fn deadline(&self, tx: &mut Tx<'_>, application: &ApplicationRow) -> Result<Option<Instant>, Problem>;
}

/// What areas and resources above do when an application changes state; runs inside the same transaction.
pub trait ApplicationListener: Send + Sync {
    /// What follows from the change. `before` is the application as it was.
    fn changed(
        &self,
        tx: &mut Tx<'_>,
        before: &ApplicationRow,
        after: &ApplicationRow,
    ) -> Result<(), Problem>;
}

/// What it does when something below it changes, and what it answers.
fn hooks(hooks: &mut Hooks) {
    hooks.add::<dyn ProgrammeListener>(Arc::new(FollowProgrammes));
    hooks.add::<dyn Membership>(Arc::new(Members));
    hooks.add::<dyn ApplicationListener>(Arc::new(EndTeams));
}
