//! OAuth 2 (RFC 6749): `/oauth/token` for people (password, refresh token) and systems (client credentials),
//! `/oauth/revoke` (RFC 7009), and what others need to check our tokens, below `/.well-known`.
//!
//! Open to anyone. Guessing is held up by [`failures`] and by the limit on how many passwords are hashed at once.

mod failures;
mod form;
mod password;
mod refresh;
mod revoke;
pub mod routes;
mod tokens;
mod well_known;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::platform::jobs::Job;
use crate::platform::part::Part;
use crate::platform::problem::{Code, Problem};

pub use failures::{Subjects, clear_old};
pub use well_known::well_known;

/// What it brings to the program.
pub const PART: Part =
    Part { routes: routes::routes, jobs: &[Job { name: "loginFailures", run: clear_old }], ..Part::NONE };

/// How long an access token holds, in minutes.
pub const ACCESS_MINUTES: i64 = 5;

/// How long a session of a person lasts without being renewed, in days.
pub const IDLE_DAYS: i64 = 30;

/// How long a session of a person lasts at most, in days.
pub const SESSION_DAYS: i64 = 90;

/// How long the session of a system's token is kept open, in minutes: a little longer than the token.
pub const CLIENT_SESSION_MINUTES: i64 = 10;

/// What is sent for a token, as a form.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(example = TokenRequest::example)]
pub struct TokenRequest {
    /// `password`, `refresh_token` or `client_credentials`.
    pub grant_type: String,
    /// With `password`: the work e-mail.
    pub username: Option<String>,
    /// With `password`.
    pub password: Option<String>,
    /// With `refresh_token`: the latest one, which is used up by this.
    pub refresh_token: Option<String>,
    /// With `client_credentials`.
    pub client_id: Option<String>,
    /// With `client_credentials`.
    pub client_secret: Option<String>,
}

impl TokenRequest {
    fn example() -> Value {
        json!({"grant_type": "password", "username": "karin.oberg@boden.example", "password": "blå cykel och regn"})
    }
}

/// What is sent to revoke a token, as a form.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(example = json!({"token": "Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgdG9rZW4", "token_type_hint": "refresh_token"}))]
pub struct RevocationRequest {
    /// A refresh token or an access token.
    pub token: String,
    /// Which kind it is; not needed.
    pub token_type_hint: Option<String>,
}

/// A token answer (RFC 6749 §5.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = TokenAnswer::example)]
pub struct TokenAnswer {
    /// JWT, ES256: send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds that the access token holds.
    pub expires_in: i64,
    /// For the next access token; not for systems. Each is used once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// The codes of the roles held now, separated by spaces.
    pub scope: String,
}

impl TokenAnswer {
    fn example() -> Value {
        json!(Self {
            access_token: "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl".to_owned(),
            token_type: "Bearer",
            expires_in: ACCESS_MINUTES * 60,
            refresh_token: Some("Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgdG9rZW4".to_owned()),
            scope: "coordinator".to_owned(),
        })
    }
}

/// A refusal with RFC 6749's own error code beside ours.
fn refusal(code: Code, error: &'static str) -> Problem {
    Problem::new(code).member("error", error)
}

/// The one answer to a wrong user name, a wrong password, a disabled person and a token that does not hold.
fn invalid_grant() -> Problem {
    refusal(Code::InvalidGrant, "invalid_grant")
}

fn invalid_client() -> Problem {
    refusal(Code::InvalidClient, "invalid_client")
}
