//! Who people are and what they may do: people, roles, logins, API clients, single-use links, signatures, and the policy
//! table.

pub mod admin;
pub mod callers;
pub mod clients;
pub mod invitations;
pub mod keys;
pub mod links;
pub mod me;
pub mod oauth;
pub mod passwords;
pub mod people;
pub mod policy;
pub mod roles;
pub mod sessions;
pub mod signatures;

use crate::platform::codes::CodeList;
use crate::platform::http::operations::Operations;
use crate::platform::jobs::Job;
use crate::platform::workflow::WorkflowTable;

pub use oauth::well_known;

/// The area's closed lists.
pub const CODE_LISTS: &[CodeList] = &[
    policy::Role::LIST,
    roles::SignerRole::LIST,
    people::PersonState::LIST,
    clients::ClientState::LIST,
    sessions::EndReason::LIST,
    me::CallerKind::LIST,
    me::PlaceKind::LIST,
    signatures::SignatureMethod::LIST,
];

/// The area's tables of states.
pub fn workflows() -> Vec<WorkflowTable> {
    vec![people::WORKFLOW.table(), clients::WORKFLOW.table()]
}

/// What the clock does here.
pub const JOBS: &[Job] = &[
    Job { name: "signingKeys", run: keys::renew },
    Job { name: "oldSessions", run: sessions::clear_old },
    Job { name: "loginFailures", run: oauth::clear_old },
];

/// The area's operations.
pub fn routes(cfg: &mut Operations) {
    oauth::routes::routes(cfg);
    me::routes::routes(cfg);
    people::routes::routes(cfg);
    roles::routes::routes(cfg);
    invitations::routes::routes(cfg);
    sessions::routes::routes(cfg);
    clients::routes::routes(cfg);
}
