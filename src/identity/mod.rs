//! Who people are and what they may do: people, roles, logins, API clients, single-use links, signatures, and the policy
//! table.

pub mod callers;
pub mod keys;
pub mod links;
pub mod people;
pub mod policy;
pub mod roles;
pub mod signatures;

use utoipa_actix_web::service_config::ServiceConfig;

use crate::platform::codes::CodeList;
use crate::platform::jobs::Job;
use crate::platform::workflow::WorkflowTable;

/// The area's closed lists.
pub const CODE_LISTS: &[CodeList] = &[
    policy::Role::LIST,
    roles::SignerRole::LIST,
    people::PersonState::LIST,
    signatures::SignatureMethod::LIST,
];

/// The area's tables of states.
pub fn workflows() -> Vec<WorkflowTable> {
    vec![people::WORKFLOW.table()]
}

/// What the clock does here.
pub const JOBS: &[Job] = &[Job { name: "signingKeys", run: keys::renew }];

/// The area's operations.
pub fn routes(_cfg: &mut ServiceConfig) {}

/// What lies at the root: the public keys and the server's metadata.
pub fn well_known(_cfg: &mut actix_web::web::ServiceConfig) {}
