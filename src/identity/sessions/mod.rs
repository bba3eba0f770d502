//! Sessions: one per login. Refresh tokens renew a session. A session ends when the person logs out, chooses a new password
//! or is disabled, or when a refresh token is used twice. Sessions use the real time (`ctx.wall`), not the time of the
//! domain (`ctx.now`).
//!
//! Callers can see and end their own sessions; a system administrator can see and end those of everybody.

mod commands;
mod jobs;
pub mod routes;
mod store;
mod view;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::Instant;
use crate::platform::part::Part;

pub use commands::{begin, begin_ended, end, end_all, end_of_client, end_of_person};
pub use store::{SessionRow, set_renewed};

/// What sessions bring to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[EndReason::LIST],
    jobs: &[Job { name: "oldSessions", run: jobs::clear_old }],
    ..Part::audited::<SessionRow>()
};

crate::codes! {
    /// Why a session ended before its time.
    pub enum EndReason as "sessionEndReasons" {
        /// Ended through `/sessions`.
        Ended = "ended", "avslutad", "ended";
        /// Logged out: a token was revoked.
        Revoked = "revoked", "utloggad", "logged out";
        /// A refresh token was used a second time, so somebody may have a copy.
        RefreshReuse = "refreshReuse", "förnyelsetoken använd två gånger", "refresh token used twice";
        /// A new password was chosen.
        PasswordChanged = "passwordChanged", "nytt lösenord", "new password";
        /// The e-mail address, which is the user name, was changed.
        EmailChanged = "emailChanged", "ny e-postadress", "new e-mail address";
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
    /// Identity; the `sid` claim of the access tokens.
    pub id: Id,
    /// The person who logged in.
    pub person_id: Option<Id>,
    /// The API client that logged in.
    pub client_id: Option<Id>,
    /// Whether this request was made with the session.
    pub is_current: bool,
    /// When it began.
    pub created_at: Instant,
    /// When it was last renewed.
    pub last_used_at: Instant,
    /// When the session expires unless it is renewed.
    pub expires_at: Instant,
    /// When it was ended before its time.
    pub ended_at: Option<Instant>,
    /// Why it ended before its time.
    pub ended_reason: Option<EndReason>,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised when the session ends.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
