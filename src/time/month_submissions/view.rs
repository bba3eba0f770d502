//! A month submission as its readers see it.

use serde_json::{Value, json};

use super::MonthSubmission;
use super::requests::NewSubmission;
use super::store::SubmissionRow;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;

impl MonthSubmission {
    /// As the caller sees it.
    pub fn new(ctx: &Context, row: SubmissionRow) -> Self {
        let path = format!("/month-submissions/{}", row.id);
        let links = vec![
            Link::to_self(ctx, &path),
            Link::new(ctx, "GET", "timeReports", format_args!("/time-reports?submissionId={}", row.id)),
        ];
        Self {
            id: row.id,
            programme_id: row.programme_id,
            organisation: row.organisation,
            kommunkod: row.kommunkod,
            month: row.month,
            report_ids: row.report_ids.0,
            missing_participant_ids: row.missing_participant_ids.0,
            total_minutes: row.total_minutes,
            comment: row.comment,
            submitted_by: row.submitted_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let new = serde_json::from_value::<NewSubmission>(NewSubmission::example());
        new.map_or(Value::Null, |new| {
            let row = new.into_row(&ctx, ctx.new_id(), vec![ctx.new_id()], vec![ctx.new_id()], 720);
            json!(Self::new(&ctx, row))
        })
    }
}
