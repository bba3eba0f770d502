//! The audit trail as its readers see it (guide §6): who did what, when, to what, with the values before and after, and
//! a check that nothing of it was changed since.
//!
//! The programme manager, the economist and the auditor read the chains of their programmes; the operator reads the
//! installation's only, which holds no case content. Kommuner see no audit events.

mod filters;
mod jobs;
pub mod routes;
mod rules;
mod store;
mod verification;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::Instant;
use crate::platform::part::Part;

pub use jobs::{newest_checkpoint, write_checkpoint};

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[ActorKind::LIST, filters::AUDITED_TYPES],
    jobs: &[Job { name: "auditCheckpoint", run: write_checkpoint }],
    ..Part::NONE
};

crate::codes! {
    /// What kind of actor made a change.
    pub enum ActorKind as "actorKinds" {
        /// Nobody had logged in: an expression of interest.
        Anonymous = "anonymous", "anonym", "anonymous";
        /// A person.
        Person = "person", "person", "person";
        /// A system with an API client.
        Client = "client", "API-klient", "API client";
        /// The program itself: the clock, a command.
        System = "system", "systemet", "the system";
    }
}

/// One event of the audit trail.
///
/// `valuesHash` is the SHA-256 of salt, before and after, `hash` that of everything else and of `previousHash`; each
/// part goes in as a byte 1, its length in eight bytes and its UTF-8 text, or as a byte 0 when it is absent. The values
/// go in as the JSON text that this representation shows: members in alphabetical order, no spaces.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = AuditEvent::example)]
pub struct AuditEvent {
    /// Identity.
    pub id: Id,
    /// The chain: `installation`, `programme:{id}` or `programme:{id}:kommun:{kommunkod}`.
    pub chain: String,
    /// The programme of the chain.
    pub programme_id: Option<Id>,
    /// The kommun of the chain.
    pub kommunkod: Option<String>,
    /// Its place in the chain, from 1 without gaps.
    pub sequence: i64,
    /// When it was done.
    pub at: Instant,
    /// Who did it: a person or an API client.
    pub actor_id: Option<Id>,
    /// What kind of actor that is.
    pub actor_kind: ActorKind,
    /// The role by which it was done.
    pub actor_role: Option<String>,
    /// What was done: `milestone.approved`.
    pub action: String,
    /// What it was done to: `milestone`.
    pub resource_type: String,
    /// The identity of what it is about.
    pub resource_id: String,
    /// The values before; absent when it was made, and once erased.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// The values after; absent when it was deleted, and once erased.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    /// Keeps the values from being guessed by their hash; goes with them when they are erased.
    pub salt: Option<String>,
    /// SHA-256 of salt and values.
    pub values_hash: String,
    /// The trace id of the request.
    pub request_id: String,
    /// `hash` of the event before; 64 zeros for the first.
    pub previous_hash: String,
    /// SHA-256 of this event.
    pub hash: String,
    /// As `at`: an event never changes.
    pub created_at: Instant,
    /// As `at`: an event never changes.
    pub updated_at: Instant,
    /// Always 1: an event never changes.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
