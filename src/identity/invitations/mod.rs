//! Choosing a password: with the link of an invitation or a reset, or with the present password. A link is used by a POST;
//! its address in the frontend ends in `#{id}.{token}`.
//!
//! Callers who may add people can send invitations again; the rest is open to anyone who has a link.

mod commands;
mod requests;
pub mod routes;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;

/// What invitations bring to the program.
pub const PART: Part = Part { routes: routes::routes, ..Part::NONE };

/// An invitation that has been sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Invitation::example)]
pub struct Invitation {
    /// Identity; the first part of the link.
    pub id: Id,
    /// The person who is invited.
    pub person_id: Id,
    /// When it was created.
    pub created_at: Instant,
    /// When the link expires.
    pub expires_at: Instant,
}

impl Invitation {
    fn example() -> Value {
        let ctx = Context::example();
        json!(Self {
            id: ctx.new_id(),
            person_id: ctx.new_id(),
            created_at: ctx.now,
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
