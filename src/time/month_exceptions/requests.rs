//! The requests that grant and change an exception, and how they become rows.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::store::ExceptionRow;
use crate::platform::context::Context;
use crate::platform::http::body::Change;
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::values::Text;
use crate::programmes::programme::Deadline;
use crate::reference::Kommunkod;
use crate::team::participants::ParticipantRow;

/// An exception to grant: for a kommun or for one participant, never both.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewException::example)]
pub struct NewException {
    /// The programme.
    pub programme_id: Id,
    /// The month.
    pub month: Month,
    /// The kommun, for everyone in it.
    #[serde(default)]
    #[validate(nested)]
    pub kommunkod: Option<Kommunkod>,
    /// The participant, for one person.
    #[serde(default)]
    pub participant_id: Option<Id>,
    /// When the exception ends; in the future.
    pub expires_at: Deadline,
    /// Why the exception is granted.
    #[validate(nested)]
    pub reason: Text<2000>,
}

impl NewException {
    fn example() -> Value {
        json!({
            "programmeId": Context::example().new_id(),
            "month": "2021-03",
            "kommunkod": "0114",
            "expiresAt": "2021-04-30",
            "reason": "Kommunens tidsystem låg nere hela första veckan i april.",
        })
    }

    /// The row of a new exception; `participant` is the one that it names.
    pub fn into_row(self, ctx: &Context, participant: Option<ParticipantRow>) -> ExceptionRow {
        let Self { programme_id, month, kommunkod, participant_id, expires_at, reason } = self;
        ExceptionRow {
            id: ctx.new_id(),
            programme_id,
            month,
            kommunkod: participant.map_or(kommunkod.map(String::from), |participant| participant.kommunkod),
            participant_id,
            expires_at: expires_at.into(),
            reason: reason.into(),
            granted_by: ctx.caller.id(),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

/// A change of an exception: when it ends. An instant that has passed ends it at once.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"expiresAt": "2021-05-07T22:00:00.000Z"}))]
pub struct ExceptionPatch {
    /// When the exception ends.
    #[serde(default)]
    #[schema(value_type = Deadline)]
    pub expires_at: Change<Deadline>,
}

impl ExceptionPatch {
    /// The changed row. What the exception has let through stands: it cannot end before `now`.
    pub fn apply(self, mut row: ExceptionRow, now: Instant) -> ExceptionRow {
        let Self { expires_at } = self;
        expires_at.map(|end| Instant::from(end).max(now)).apply(&mut row.expires_at);
        row
    }
}
