//! API clients: the HR or time systems of kommuner, which log in with OAuth 2 client credentials. A client has the role
//! `hrIntegration` in one kommun of one programme; it can never sign or attest.
//!
//! System administrators manage all clients, programme managers those of their programme, coordinators those of their kommun.
//! Whoever adds a client gives it no more than the role of a kommun's system in a place that they manage.

mod commands;
mod requests;
pub mod routes;
mod rules;
mod store;
mod view;

use serde::Serialize;
use utoipa::ToSchema;

use crate::identity::policy::Role;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::platform::workflow::AllowedTransition;

pub use rules::WORKFLOW;
pub use store::{ClientRow, unscoped_by_id, unscoped_names, unscoped_with_secret};

/// What API clients bring to the program.
pub const PART: Part =
    Part { routes: routes::routes, code_lists: &[ClientState::LIST], ..Part::of::<ClientRow>() };

crate::codes! {
    /// The states of an API client.
    pub enum ClientState as "apiClientStates" {
        /// Can log in.
        Active = "active", "aktiv", "active";
        /// Cannot log in; what the client has delivered is kept.
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
    /// A name that people recognize.
    pub name: String,
    /// State.
    pub status: ClientState,
    /// What the caller may do next.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// The role of the client: `hrIntegration`.
    pub role: Role,
    /// The programme that the client works in.
    pub programme_id: Id,
    /// The kommun that the client works for.
    pub kommunkod: String,
    /// The secret, 256 random bits. Only the answer that creates the secret shows it, not a replayed answer
    /// (`Idempotency-Replayed`); the database has a hash of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
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
