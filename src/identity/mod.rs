//! Who callers are and what they may do: people, roles, logins, API clients, single-use links, signatures, and the policy
//! table.

pub mod admin;
pub mod callers;
pub mod clients;
pub mod invitations;
pub mod keys;
pub mod links;
pub mod me;
pub mod names;
pub mod oauth;
pub mod passwords;
pub mod people;
pub mod policy;
pub mod roles;
pub mod sessions;
pub mod signatures;
pub mod visits;

use crate::platform::part::Part;
pub use oauth::{WELL_KNOWN, well_known};

/// What the resources of the area bring to the program.
pub const PARTS: &[Part] = &[
    oauth::PART,
    me::PART,
    people::PART,
    roles::PART,
    invitations::PART,
    sessions::PART,
    clients::PART,
    signatures::PART,
    keys::PART,
    names::PART,
];
