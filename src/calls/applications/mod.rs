//! Applications (intresseanmälningar): one kommun's way through one call, from the first expression of interest to a
//! place in the network (guide §3).
//!
//! Anyone may express interest while the call is open; a mailed link proves the address. Later steps are made by the kommun's
//! applicant, by the programme manager, by the clock at a deadline, and by a change of the letter (avsiktsförklaring) or the
//! programme. The manager sees all applications of the programme, the economist and the auditor see the verified ones, and a
//! kommun sees its own.

mod commands;
mod facts;
mod jobs;
mod mails;
mod membership;
mod programme_listener;
mod relations;
mod requests;
pub mod routes;
mod rules;
mod selections;
mod store;
mod view;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::platform::problem::Problem;
use crate::platform::relations::RelationSource;
use crate::platform::tx::{Rx, Tx};
use crate::platform::values::{Email, Name};
use crate::platform::workflow::{AllowedTransition, LastComment};
use crate::programmes::ProgrammeListener;
use crate::programmes::programme::ProgrammeRow;
use crate::team::Membership;

pub use commands::{check_not_coordinator, check_not_oneself, letter_invalidated, letter_received};
pub use programme_listener::lock_before_decided;
pub use rules::{check_in_time_for_letter, letter_deadline, letter_may_be_written};
pub use selections::{
    SelectionPlaces, Selections, TakenIn, adopted, check_own_in_pool, free_places, unscoped_pool,
};
pub use store::{
    ApplicationRow, unscoped_by_ids, unscoped_ids_of, unscoped_places, unscoped_states, unscoped_states_in,
    unscoped_with_undecided_contact,
};

// For `interest`, which adds applications.
pub(super) use commands::{automatic, automatic_with, grant_applicant, invite_contact};
pub(super) use mails::send as send_mail;
pub(super) use requests::strings;
pub(super) use rules::{LIVE, check_programme_state, respond_by_faults};
pub(super) use store::{search_text, unscoped_find, unscoped_live, unscoped_unverified_of};
pub(super) use view::Related;

/// What this resource brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[ApplicationState::LIST, EndReason::LIST, ContactDecision::LIST],
    jobs: &[Job {
        name: "applications",
        run: |services| services.take_due_steps(jobs::candidates, jobs::take_due_step),
    }],
    hooks: |hooks| {
        hooks.add::<dyn ProgrammeListener>(Arc::new(programme_listener::OnProgrammes));
        hooks.add::<dyn RelationSource>(Arc::new(relations::OfApplications));
        hooks.add::<dyn Membership>(Arc::new(membership::Members));
    },
    ..Part::of::<ApplicationRow>()
};

crate::codes! {
    /// States of an application (guide §3).
    pub enum ApplicationState as "applicationStates" {
        /// The address has not been proved yet.
        Unverified = "unverified", "obekräftad", "unverified";
        /// The address was not proved within seven days.
        Expired = "expired", "utgången", "expired";
        /// Became a note on the kommun's earlier application.
        Merged = "merged", "sammanförd", "merged";
        /// Waits for the programme manager.
        Submitted = "submitted", "inkommen", "submitted";
        /// Waits for the kommun to complete the application.
        ChangesRequested = "changesRequested", "komplettering begärd", "changes requested";
        /// Rejected by the manager, or ended with the call or the programme.
        Rejected = "rejected", "avvisad", "rejected";
        /// Invited to the information meeting.
        Invited = "invited", "inbjuden", "invited";
        /// The kommun is still interested after the meeting.
        Confirmed = "confirmed", "bekräftad", "confirmed";
        /// The kommun is no longer interested.
        Declined = "declined", "tackat nej", "declined";
        /// The letter was received in time.
        Qualified = "qualified", "kvalificerad", "qualified";
        /// No letter was received in time.
        NotQualified = "notQualified", "inte kvalificerad", "not qualified";
        /// Has a place.
        Selected = "selected", "utvald", "selected";
        /// May get a place that becomes free.
        Reserve = "reserve", "reserv", "reserve";
        /// Got no place.
        NotSelected = "notSelected", "inte utvald", "not selected";
        /// Takes part.
        Participating = "participating", "deltar", "participating";
        /// Took part to the end.
        Completed = "completed", "avslutad", "completed";
        /// Left before the end.
        Terminated = "terminated", "avbruten", "terminated";
        /// Withdrawn by the kommun.
        Withdrawn = "withdrawn", "återtagen", "withdrawn";
    }
}

crate::codes! {
    /// Why an application ended automatically, without a reason given by a person.
    pub enum EndReason as "applicationEndReasons" {
        /// The kommun did not say whether it was still interested.
        NoAnswer = "noAnswer", "inget svar i tid", "no answer in time";
        /// No letter was received in time.
        LetterMissing = "letterMissing", "ingen avsiktsförklaring i tid", "no letter in time";
        /// The places were given before the application had been invited.
        CallEnded = "callEnded", "utlysningen är avslutad", "the call has ended";
        /// The programme was cancelled.
        ProgrammeCancelled = "programmeCancelled", "programmet är inställt", "the programme was cancelled";
    }
}

/// The local coordinator, if the kommun already knows who it will be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedCoordinator {
    /// Name.
    #[validate(nested)]
    pub name: Name,
    /// Work e-mail.
    #[validate(nested)]
    pub email: Email,
}

crate::codes! {
    /// What the manager decides about the contact of an application.
    pub enum ContactDecision as "contactDecisions" {
        /// The contact stays, in spite of a later interest from another address.
        Kept = "kept", "behålls", "kept";
        /// Somebody else becomes the contact.
        HandedOver = "handedOver", "överlämnad", "handed over";
    }
}

/// A note on an application: a later application of the same kommun, why the manager registered this one, or why it was handed
/// over to another contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// When it was written.
    pub at: Instant,
    /// The later application, which ended as `merged`; null for other notes.
    #[serde(default)]
    pub application_id: Option<Id>,
    /// Who sent the later application, or was the contact before it was handed over.
    #[serde(default)]
    pub contact_name: Option<String>,
    /// Their address.
    #[serde(default)]
    pub contact_email: Option<String>,
    /// Their motivation, or why the manager registered this application or handed it over.
    pub text: String,
    /// What the manager decided about the contact after the later application.
    #[serde(default)]
    pub decision: Option<ContactDecision>,
    /// When that was decided.
    #[serde(default)]
    pub decided_at: Option<Instant>,
    /// Why it was decided so.
    #[serde(default)]
    pub reason: Option<String>,
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
    /// Its name.
    pub kommun_name: Option<String>,
    /// State.
    pub status: ApplicationState,
    /// What the caller may do next.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// The contact in the kommun.
    pub contact_name: String,
    /// The contact's address.
    pub contact_email: String,
    /// The contact's account, once there is one.
    pub contact_person_id: Option<Id>,
    /// Why the kommun wants to take part.
    pub motivation: String,
    /// The kommun's own assessment of how far it has come, 1–5.
    pub maturity: i32,
    /// Departments that are to take part.
    pub departments: Vec<String>,
    /// The coordinator, if known.
    pub coordinator: Option<NamedCoordinator>,
    /// Social enterprises that the kommun knows of today.
    pub known_social_enterprises: Vec<String>,
    /// The kommun's own case number.
    pub registry_number: Option<String>,
    /// When it came in: the time of the request, or what the manager registered.
    pub received_at: Instant,
    /// Whether it came after the deadline.
    pub is_late: bool,
    /// A later deadline for the kommun's answer than the programme's.
    pub respond_by: Option<Instant>,
    /// Whether the kommun came to the information meeting.
    pub attended_info_meeting: Option<bool>,
    /// Why the manager registered or terminated it. If it ended automatically: the code of the reason
    /// (`applicationEndReasons`).
    pub reason: Option<String>,
    /// The newest comment on a step: what the kommun is to complete, or why it was rejected.
    pub last_comment: Option<LastComment>,
    /// Its newest avsiktsförklaring, for those who read it.
    pub latest_letter: Option<LatestLetter>,
    /// Later applications of the same kommun, why the manager registered this one, and earlier contacts.
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

/// The newest avsiktsförklaring of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"id": "0174e2d5-9c00-7000-8000-000000000009", "status": "sentForSignature", "deadline": "2020-11-15T23:00:00Z"}))]
pub struct LatestLetter {
    /// Its id.
    pub id: Id,
    /// Its state: a code of the list `avsiktsforklaringStates`.
    pub status: &'static str,
    /// The deadline for receiving it.
    pub deadline: Instant,
    /// Whether it can still be received; there is at most one such letter.
    #[serde(skip)]
    pub is_under_way: bool,
}

/// What applications need to know about letters. `avsiktsforklaringar` implements it and registers it as a hook.
pub trait LetterFacts: Send + Sync {
    /// Those of these applications of a programme whose valid letter was received in time.
    fn received_in_time(
        &self,
        rx: &mut Rx<'_>,
        applications: &[ApplicationRow],
        programme: &ProgrammeRow,
    ) -> Result<Vec<Id>, Problem>;

    /// The newest letter of each of these applications, by application.
    fn latest(&self, rx: &mut Rx<'_>, applications: Vec<Id>) -> Result<Vec<(Id, LatestLetter)>, Problem>;

    /// Whether a signer of the letter under way has this address.
    fn names(&self, tx: &mut Tx<'_>, application: &ApplicationRow, email: &str) -> Result<bool, Problem>;

    /// The deadlines of these applications' letters that are later than their programme's, by application.
    fn deadlines(&self, applications: &[ApplicationRow], programme: &ProgrammeRow) -> Vec<(Id, Instant)>;
}

/// What higher areas do when an application changes state, in the same transaction.
pub trait ApplicationListener: Send + Sync {
    /// Called after every change of state.
    fn changed(
        &self,
        tx: &mut Tx<'_>,
        before: &ApplicationRow,
        after: &ApplicationRow,
    ) -> Result<(), Problem>;

    /// Locks what `changed` will change when these kommuner leave, in the order of the ids. Called once for all of them, so
    /// that one order of locks holds however many leave.
    fn lock_leaving(&self, tx: &mut Tx<'_>, leaving: &[&ApplicationRow]) -> Result<(), Problem> {
        let _ = (tx, leaving);
        Ok(())
    }
}
