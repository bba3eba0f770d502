//! The request that submits a month, and how it becomes a row.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::store::SubmissionRow;
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::values::Text;
use crate::reference::Kommunkod;
use crate::team::{self, Organisation};

/// A month to submit.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewSubmission::example)]
#[validate(schema(function = "NewSubmission::place_fault", skip_on_field_errors = false))]
pub struct NewSubmission {
    /// The programme.
    pub programme_id: Id,
    /// Whether a kommun's month or the owner's.
    pub organisation: Organisation,
    /// The kommun; not for the owner's month.
    #[serde(default)]
    #[validate(nested)]
    pub kommunkod: Option<Kommunkod>,
    /// The calendar month of work.
    pub month: Month,
    /// A comment to SKR.
    #[serde(default)]
    #[validate(nested)]
    pub comment: Option<Text<2000>>,
}

impl NewSubmission {
    pub(super) fn example() -> Value {
        json!({
            "programmeId": "0175a2e1-7c00-7000-8000-000000000001",
            "organisation": "kommun",
            "kommunkod": "2582",
            "month": "2021-03",
            "comment": "Två rapporter kommer senare."
        })
    }

    fn place_fault(&self) -> Result<(), ValidationError> {
        team::place_fault(self.organisation, self.kommunkod.as_deref())
    }

    /// The row of a new submission with its reports, those who are missing, and the reports' recorded minutes.
    pub fn into_row(
        self,
        ctx: &Context,
        submitted_by: Id,
        report_ids: Vec<Id>,
        missing_participant_ids: Vec<Id>,
        total_minutes: i32,
    ) -> SubmissionRow {
        let Self { programme_id, organisation, kommunkod, month, comment } = self;
        SubmissionRow {
            id: ctx.new_id(),
            programme_id,
            organisation,
            kommunkod: kommunkod.map(String::from),
            month,
            report_ids: Json(report_ids),
            missing_participant_ids: Json(missing_participant_ids),
            total_minutes,
            comment: comment.map(String::from),
            submitted_by,
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}
