//! OAuth 2 (RFC 6749): `/oauth/token` for people (password, refresh token) and API clients (client credentials),
//! `/oauth/revoke` (RFC 7009), and the documents under `/.well-known` that others need to verify our tokens.
//!
//! These operations need no token. Guessing is slowed down by [`failures`] and by the limit on how many passwords are hashed
//! at once.

mod commands;
mod failures;
mod form;
mod grants;
mod jobs;
pub mod routes;
mod store;
mod tokens;
mod well_known;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::platform::jobs::Job;
use crate::platform::part::Part;
use crate::platform::problem::{Code, Problem};

pub use commands::log_in_once;
pub use failures::Subjects;
pub use grants::{ClientCredentialsGrant, PasswordGrant, RefreshTokenGrant, TokenRequest};
pub use well_known::{WELL_KNOWN, well_known};

/// What logging in brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    jobs: &[Job { name: "loginFailures", run: jobs::clear_old }],
    ..Part::NONE
};

/// How long an access token is valid, in minutes.
pub const ACCESS_MINUTES: i64 = 5;

/// How long a session of a person lasts without being renewed, in days.
pub const IDLE_DAYS: i64 = 30;

/// How long a session of a person lasts at most, in days.
pub const SESSION_DAYS: i64 = 90;

/// How long a used refresh token gives another successor, in milliseconds: an answer may be lost, and two tabs of a browser
/// may renew at the same time.
pub const REUSE_MILLIS: i64 = 30_000;

/// How long a session of an API client lasts, in minutes: a little longer than its access token.
pub const CLIENT_SESSION_MINUTES: i64 = 10;

/// The form that revokes a token.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(example = json!({"token": "Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgdG9rZW4", "token_type_hint": "refresh_token"}))]
pub struct RevocationRequest {
    /// A refresh token or an access token.
    pub token: String,
    /// The kind of token; not needed.
    pub token_type_hint: Option<String>,
}

/// The answer with a token (RFC 6749 §5.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = TokenAnswer::example)]
pub struct TokenAnswer {
    /// The access token, a JWT signed with ES256. Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// How many seconds the access token is valid.
    pub expires_in: i64,
    /// The token that gets the next access token. It can be used once, and again for 30 seconds. API clients get none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refresh_token: Option<String>,
    /// The codes of the caller's current roles, separated by spaces.
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

/// A refusal with the error code of RFC 6749 in addition to ours.
fn refusal(code: Code, error: &'static str) -> Problem {
    Problem::new(code).member("error", error)
}

/// The same answer for a wrong user name, a wrong password, a disabled person and an invalid token.
fn invalid_grant() -> Problem {
    refusal(Code::InvalidGrant, "invalid_grant")
}

fn invalid_client() -> Problem {
    refusal(Code::InvalidClient, "invalid_client")
}
