//! Sessions: one per login. A session is renewed by its refresh tokens and ends when the person logs out, chooses a new
//! password or is disabled, or when a refresh token is used twice. All of it runs on the real time (`wall`).
//!
//! Everyone sees and ends their own; a system administrator everybody's.

pub mod routes;
mod store;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Audited as _;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::Instant;
use crate::platform::part::Part;

pub use store::{SessionRow, begin, clear_old, end, end_of_client, end_of_person, refreshed};

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[EndReason::LIST],
    audited: &[SessionRow::AUDITED],
    jobs: &[Job { name: "oldSessions", run: clear_old }],
    ..Part::NONE
};

crate::codes! {
    /// Why a session ended before its time.
    pub enum EndReason as "sessionEndReasons" {
        /// Ended through `/sessions`.
        Ended = "ended", "avslutad", "ended";
        /// Logged out: a token was revoked.
        Revoked = "revoked", "utloggad", "logged out";
        /// A refresh token was used a second time: somebody may have a copy.
        RefreshReuse = "refreshReuse", "förnyelsetoken använd två gånger", "refresh token used twice";
        /// A new password was chosen.
        PasswordChanged = "passwordChanged", "nytt lösenord", "new password";
        /// The person was disabled.
        PersonDisabled = "personDisabled", "personen avstängd", "person disabled";
        /// The API client was disabled or got a new secret.
        ClientChanged = "clientChanged", "API-klienten ändrad", "API client changed";
    }
}

/// A session.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Session::example)]
pub struct Session {
    /// Identity; the `sid` of its access tokens.
    pub id: Id,
    /// The person who logged in.
    pub person_id: Option<Id>,
    /// The API client that logged in.
    pub client_id: Option<Id>,
    /// Whether this request came through it.
    pub is_current: bool,
    /// When it began.
    pub created_at: Instant,
    /// When it was last renewed.
    pub last_used_at: Instant,
    /// When it ends unless it is renewed.
    pub expires_at: Instant,
    /// When it was ended before its time.
    pub ended_at: Option<Instant>,
    /// Why it ended before its time.
    pub ended_reason: Option<EndReason>,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised when it ends.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
