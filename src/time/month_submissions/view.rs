//! A month submission as its readers see it.

use serde_json::{Value, json};

use super::MonthSubmission;
use super::requests::NewSubmission;
use super::store::SubmissionRow;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::names::Names;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::reference::kommuner::KommunNames;

/// The names that belong to the submissions of one answer.
#[derive(Default)]
pub struct Related {
    kommuner: KommunNames,
    names: Names,
}

impl Related {
    /// Loads them for these submissions.
    pub fn of(rx: &mut Rx<'_>, rows: &[SubmissionRow]) -> Result<Self, Problem> {
        let kommuner = KommunNames::of(rx.db, rows.iter().filter_map(|row| row.kommunkod.as_deref()))?;
        Ok(Self { kommuner, names: Names::of(rx, rows.iter().map(|row| row.submitted_by))? })
    }
}

impl MonthSubmission {
    /// One submission.
    pub fn show(rx: &mut Rx<'_>, row: SubmissionRow) -> Result<Self, Problem> {
        let related = Related::of(rx, std::slice::from_ref(&row))?;
        Ok(Self::new(rx.ctx, row, &related))
    }

    /// As the caller sees it.
    pub fn new(ctx: &Context, row: SubmissionRow, related: &Related) -> Self {
        let path = format!("/month-submissions/{}", row.id);
        let links = vec![
            Link::to_self(ctx, &path),
            Link::new(ctx, "GET", "timeReports", format_args!("/time-reports?submissionId={}", row.id)),
        ];
        Self {
            id: row.id,
            programme_id: row.programme_id,
            organisation: row.organisation,
            kommun_name: row.kommunkod.as_deref().and_then(|code| related.kommuner.get(code)),
            submitted_by_name: related.names.get(row.submitted_by, true),
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
            json!(Self::new(&ctx, row, &Related::default()))
        })
    }
}
