//! What a signature on a report covers: the SHA-256 of one exact text made from the report and its recorded entries, in
//! their order, so that anyone who has the report can make the sum again.

use serde::Serialize;

use super::TimeReportRow;
use super::rules::Line;
use crate::platform::http::problem::Problem;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::moment::{Day, Month};
use crate::time::time_entries::{EntryKind, EntryRow, EntryState};

/// The text, as JSON without white space; the fields stand in this order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    id: Id,
    person_id: Id,
    month: Month,
    report_version: i32,
    entries: Vec<ContentLine<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ContentLine<'a> {
    work_date: Day,
    minutes: i32,
    kind: EntryKind,
    activity_code: &'a str,
    description: &'a str,
}

/// SHA-256 of the report with its recorded entries, 64 hex digits. `entries` come by day and then as entered.
pub fn sha256(report: &TimeReportRow, entries: &[EntryRow]) -> Result<String, Problem> {
    let recorded = entries.iter().filter(|entry| entry.status == EntryState::Recorded);
    let content = Content {
        id: report.id,
        person_id: report.person_id,
        month: report.month,
        report_version: report.report_version,
        entries: recorded
            .map(|entry| ContentLine {
                work_date: entry.work_date,
                minutes: entry.minutes,
                kind: entry.kind,
                activity_code: &entry.activity_code,
                description: entry.description.as_deref().unwrap_or_default(),
            })
            .collect(),
    };
    Ok(sha256_hex(&serde_json::to_string(&content).map_err(Problem::internal)?))
}

/// The entries that are not voided, as the rules look at them.
pub fn lines(entries: &[EntryRow]) -> Vec<Line> {
    let standing = entries.iter().filter(|entry| entry.status != EntryState::Voided);
    standing
        .map(|entry| Line {
            id: entry.id,
            work_date: entry.work_date,
            is_proposed: entry.status == EntryState::Proposed,
            has_description: entry.description.as_deref().is_some_and(|text| !text.trim().is_empty()),
        })
        .collect()
}

/// The recorded minutes.
pub fn recorded_minutes(entries: &[EntryRow]) -> i64 {
    let recorded = entries.iter().filter(|entry| entry.status == EntryState::Recorded);
    recorded.map(|entry| i64::from(entry.minutes)).sum()
}
