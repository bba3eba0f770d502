//! Choosing a password: by the link of an invitation or a reset, or with the present password. A link is used by a POST;
//! its address in the frontend ends in `#{id}.{token}`.
//!
//! Invitations are sent again by those who may add people; the rest is open to anyone who has a link.

mod requests;
pub mod routes;
mod using;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;

/// What it brings to the program.
pub const PART: Part = Part { routes: routes::routes, ..Part::NONE };

/// An invitation that is on its way.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Invitation::example)]
pub struct Invitation {
    /// Identity; the first part of the link.
    pub id: Id,
    /// Who is invited.
    pub person_id: Id,
    /// When it was made.
    pub created_at: Instant,
    /// When its link ends.
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

/// That a reset was asked for: the same for every address.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"expiresInMinutes": 60}))]
pub struct ResetRequested {
    /// How long the link in the mail holds, if there is one.
    pub expires_in_minutes: i64,
}

/// That a password was chosen.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"username": "karin.oberg@boden.example"}))]
pub struct PasswordChosen {
    /// What to log in with at `/oauth/token`.
    pub username: String,
}
