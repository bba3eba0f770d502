//! The checkpoints of the audit trail for those who keep copies (guide §6): each is a signed copy of the heads of all chains.
//! Whoever has a copy can find out later, with `samverkan verify-audit --checkpoints FILE`, whether events that it covers
//! were changed or taken away, even by somebody who can write to the database and sign.
//!
//! The readers of the audit trail read them. Everyone sees only the heads of the chains that they may read; the signature
//! covers the SHA-256 of all heads.

pub mod routes;
mod store;
mod view;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::checkpoints::{Head, Heads};
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;

/// What checkpoints bring to the program.
pub const PART: Part = Part { routes: routes::routes, ..Part::NONE };

/// One checkpoint of the audit trail.
///
/// `signature` is an ES256 signature (base64url, as in a JWT) of five lines: number, previous, id, at and headsSha256. Its key
/// has the `kid` in `/.well-known/jwks.json`. `digest` is the SHA-256 of these five lines, `kid` and `signature`, seven
/// lines in all; the next checkpoint holds it as `previous`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Checkpoint::example)]
pub struct Checkpoint {
    /// Identity.
    pub id: Id,
    /// Its number, from 1 without gaps.
    pub number: i64,
    /// When it was made.
    pub at: Instant,
    /// `digest` of the checkpoint before; 64 zeros for the first of a new installation.
    pub previous: String,
    /// SHA-256 of the heads of all chains.
    pub heads_sha256: String,
    /// The last event of each chain that the caller may read, by the chain's name.
    #[schema(value_type = std::collections::BTreeMap<String, Head>)]
    pub heads: Heads,
    /// The key that signed it.
    pub kid: String,
    /// The signature.
    pub signature: String,
    /// What the next checkpoint holds of this one.
    pub digest: String,
    /// Same as `at`, because a checkpoint never changes.
    pub created_at: Instant,
    /// Same as `at`, because a checkpoint never changes.
    pub updated_at: Instant,
    /// Always 1, because a checkpoint never changes.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
