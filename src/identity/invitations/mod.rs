//! Invitations, and choosing a password: with the link of an invitation or a reset, or with the present password. A link is
//! used by a POST; its address in the frontend ends in `#{id}.{token}`.
//!
//! An invitation shows its sender what was sent, and the person only when they have logged in or accepted since. Callers who may
//! add people can send links again; the rest is open to anyone who has a link.

mod commands;
mod requests;
pub mod routes;
mod sending;
mod store;
mod view;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::identity::roles::NewRoleAssignment;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;

/// What invitations bring to the program.
pub const PART: Part = Part { routes: routes::routes, ..Part::audited::<InvitationRow>() };

pub use sending::{send, withdraw};
pub use store::{InvitationRow, acknowledge};

/// An invitation as its sender sees it: what was sent. It is the same for an address that belongs to somebody and for one that
/// does not.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Invitation::example)]
pub struct Invitation {
    /// Identity. It is not that of the person.
    pub id: Id,
    /// The name that was sent.
    pub name: String,
    /// The address that was sent.
    pub email: String,
    /// The role that was sent; it holds from its first day on.
    pub role: Option<NewRoleAssignment>,
    /// The person, when they have logged in or accepted since; until then null.
    pub person_id: Option<Id>,
    /// When the link in the mail expires, if the person needs one.
    pub expires_at: Instant,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Instant>,
    /// When it was sent.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// A new link that has been sent to a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = LinkSent::example)]
pub struct LinkSent {
    /// Identity; the first part of the link.
    pub id: Id,
    /// The person who is invited.
    pub person_id: Id,
    /// When it was created.
    pub created_at: Instant,
    /// When the link expires.
    pub expires_at: Instant,
}

impl LinkSent {
    fn example() -> Value {
        let ctx = Context::example();
        json!(Self {
            id: ctx.new_id(),
            person_id: ctx.new_id(),
            created_at: ctx.written,
            expires_at: ctx.now.plus_days(14)
        })
    }
}

/// The answer to a request for a reset. It is the same for every address.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"expiresInMinutes": 60}))]
pub struct ResetRequested {
    /// How long the link in the mail is valid, if there is one.
    pub expires_in_minutes: i64,
}

/// The answer when a password has been chosen.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"username": "karin.oberg@boden.example"}))]
pub struct PasswordChosen {
    /// The user name for logging in at `/oauth/token`.
    pub username: String,
}
