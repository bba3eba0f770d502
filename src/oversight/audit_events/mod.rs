//! The audit trail for its readers (guide §6): who did what to which object and when, with the values before and after, and
//! a verification that no event has been changed since.
//!
//! The programme manager, the economist and the auditor read the chains of their programmes. The operator reads only the
//! chain of the installation, which has no case content. Kommuner see no audit events.

mod filters;
mod jobs;
pub mod routes;
mod rules;
mod store;
mod verification;
mod verifier;
mod view;

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::Instant;
use crate::platform::part::Part;

pub use jobs::{write_checkpoint, write_checkpoint_at_start};
pub use rules::{reaches, reaches_any};
pub use verification::AuditVerification;
pub use verifier::{Run, run as verify, untold};

/// What audit events bring to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[ActorKind::LIST, filters::AUDITED_TYPES],
    jobs: &[Job { name: "auditCheckpoint", run: write_checkpoint }],
    ..Part::NONE
};

crate::codes! {
    /// The kind of actor that made a change.
    pub enum ActorKind as "actorKinds" {
        /// A caller who was not logged in, for example the sender of an expression of interest.
        Anonymous = "anonymous", "anonym", "anonymous";
        /// A person.
        Person = "person", "person", "person";
        /// A system with an API client.
        Client = "client", "API-klient", "API client";
        /// The program itself: a job or a command.
        System = "system", "systemet", "the system";
    }
}

/// One event of the audit trail.
///
/// `valuesHash` is the SHA-256 of salt, before and after. `hash` is the SHA-256 of previousHash, chain, sequence, id, at,
/// actorId, actorKind, actorRole, action, resourceType, resourceId, valuesHash and requestId, in formula 2 followed by
/// programmeId, kommunkod and formula, and in formula 3 by reservedFor too. An event `auditEvent.erased` names, as its resource, an event whose values were erased.
/// Each part is hashed as a byte 1, its length in eight bytes and its UTF-8 text, or as a byte 0 if it is absent. The values
/// are hashed as the JSON text that this representation shows, byte for byte. After a step, `after` has a member `statusChange`
/// with the id and the comment that the history of states has.
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
    /// The position in the chain, from 1 without gaps.
    pub sequence: i64,
    /// When the action was done.
    pub at: Instant,
    /// The person or API client that did it.
    pub actor_id: Option<Id>,
    /// Their name today. It is not part of the trail.
    pub actor_name: Option<String>,
    /// The kind of actor.
    pub actor_kind: ActorKind,
    /// The role that allowed the action.
    pub actor_role: Option<String>,
    /// The action: `milestone.approved`.
    pub action: String,
    /// The type of the object: `milestone`.
    pub resource_type: String,
    /// The id of the object.
    pub resource_id: String,
    /// The values before; null if the action created the object, and after the values have been erased.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Box<RawValue>>,
    /// The values after; null if the action deleted the object, and after the values have been erased.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Box<RawValue>>,
    /// Random text that keeps the values from being guessed from their hash; erased together with the values.
    pub salt: Option<String>,
    /// SHA-256 of salt and values.
    pub values_hash: String,
    /// The trace id of the request.
    pub request_id: String,
    /// `hash` of the event before; 64 zeros for the first.
    pub previous_hash: String,
    /// SHA-256 of this event.
    pub hash: String,
    /// The version of the formula of `hash`: 1 leaves out programme and kommun, 2 covers them, 3 also covers `reservedFor`.
    pub formula: i32,
    /// The only role that may read the event, because the object was seen by no other role then; null for all that read the
    /// chain. When the others can read another event of the object, they can read this one too.
    pub reserved_for: Option<String>,
    /// Same as `at`, because an event never changes.
    pub created_at: Instant,
    /// Same as `at`, because an event never changes.
    pub updated_at: Instant,
    /// Always 1, because an event never changes.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
