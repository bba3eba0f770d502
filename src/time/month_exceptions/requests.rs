//! What is sent to grant and to change an exception.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use crate::platform::context::Context;
use crate::platform::http::body::Change;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::programmes::programme::Deadline;

/// An exception to grant: for a kommun or for one participant, never both.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewException::example)]
pub struct NewException {
    /// The programme.
    pub programme_id: Id,
    /// The month.
    pub month: Month,
    /// For everyone in this kommun.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{4}$")]
    pub kommunkod: Option<String>,
    /// For this participant.
    #[serde(default)]
    pub participant_id: Option<Id>,
    /// When the exception ends; in the future.
    pub expires_at: Deadline,
    /// Why the exception is granted.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
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
}

/// What may be changed of an exception: when it ends. An instant that has passed ends it at once.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"expiresAt": "2021-05-07T22:00:00.000Z"}))]
pub struct ExceptionPatch {
    /// When the exception ends.
    #[serde(default)]
    #[schema(value_type = Deadline)]
    pub expires_at: Change<Deadline>,
}
