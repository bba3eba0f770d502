//! API clients: a kommun's HR or time system, logging in by itself (OAuth 2, client credentials). A client holds the role
//! `hrIntegration` in one kommun of one programme; it can never sign or attest.
//!
//! Kept by the system administrator, and by the programme manager for the kommuner of the programme.

mod commands;
mod requests;
pub mod routes;
mod rules;
mod store;

use serde::Serialize;
use utoipa::ToSchema;

use crate::identity::policy::Role;
use crate::platform::audit::Audited as _;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::platform::workflow::{AllowedTransition, WorkflowTable};

pub use rules::WORKFLOW;
pub use store::{ClientRow, by_id, with_secret};

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[ClientState::LIST],
    audited: &[ClientRow::AUDITED],
    workflow: Some(WorkflowTable::of::<ClientRow>),
    ..Part::NONE
};

crate::codes! {
    /// States of an API client.
    pub enum ClientState as "apiClientStates" {
        /// Can log in.
        Active = "active", "aktiv", "active";
        /// Cannot log in; what it delivered stays.
        Disabled = "disabled", "avstängd", "disabled";
    }
}

/// An API client.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = ApiClient::example)]
pub struct ApiClient {
    /// Identity; the `client_id` at `/oauth/token`.
    pub id: Id,
    /// What it is, for people.
    pub name: String,
    /// State.
    pub status: ClientState,
    /// What the caller may do next.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// Its role: `hrIntegration`.
    pub role: Role,
    /// The programme it works in.
    pub programme_id: Id,
    /// The kommun it works for.
    pub kommunkod: String,
    /// The secret, 256 random bits: only in the answer that made it, and stored hashed. A repeated answer
    /// (`Idempotency-Replayed`) does not have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
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
