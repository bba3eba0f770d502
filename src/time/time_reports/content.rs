//! What a signature on a report covers: the SHA-256 of one exact text made from the report and its recorded entries in their
//! order, so that everyone who has the report can compute the hash again.

use serde::Serialize;

use super::TimeReportRow;
use super::rules::Line;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::moment::{Day, Month};
use crate::platform::problem::Problem;
use crate::platform::visible::is_blank;
use crate::time::time_entries::{EntryKind, EntryRow, EntryState};

/// The text: JSON without white space, with the fields in this order.
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

/// SHA-256 of the report with its recorded entries, 64 hex digits. `entries` are sorted by day and id.
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

/// The entries that are not voided, as the rules need them.
pub fn lines(entries: &[EntryRow]) -> Vec<Line> {
    let standing = entries.iter().filter(|entry| entry.status != EntryState::Voided);
    standing
        .map(|entry| Line {
            id: entry.id,
            work_date: entry.work_date,
            is_proposed: entry.status == EntryState::Proposed,
            has_description: entry.description.as_deref().is_some_and(|text| !is_blank(text)),
        })
        .collect()
}

/// The recorded minutes.
pub fn recorded_minutes(entries: &[EntryRow]) -> i64 {
    let recorded = entries.iter().filter(|entry| entry.status == EntryState::Recorded);
    recorded.map(|entry| i64::from(entry.minutes)).sum()
}

/// The last day with recorded time.
pub fn last_worked(entries: &[EntryRow]) -> Option<Day> {
    let recorded = entries.iter().filter(|entry| entry.status == EntryState::Recorded);
    recorded.map(|entry| entry.work_date).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::context::Context;
    use crate::team::participants::ParticipantRow;

    fn report() -> TimeReportRow {
        let ctx = Context::example();
        TimeReportRow::new(&ctx, &ParticipantRow::example(&ctx), ctx.now.month())
    }

    fn entry(status: EntryState, minutes: i32) -> EntryRow {
        EntryRow { minutes, status, ..EntryRow::example(&Context::example()) }
    }

    #[test]
    fn the_hash_covers_the_recorded_entries_only() {
        let recorded = entry(EntryState::Recorded, 60);
        let sum = sha256(&report(), std::slice::from_ref(&recorded)).unwrap();
        let with_voided = sha256(&report(), &[recorded.clone(), entry(EntryState::Voided, 30)]).unwrap();
        assert_eq!(sum, with_voided);
        let mut later = recorded.clone();
        later.version = 7;
        assert_eq!(sum, sha256(&report(), &[later]).unwrap());
        for other in [
            EntryRow { minutes: 61, ..recorded.clone() },
            EntryRow { description: Some("Annat".to_owned()), ..recorded.clone() },
            EntryRow { activity_code: "travel".to_owned(), ..recorded.clone() },
            EntryRow { kind: EntryKind::Joint, ..recorded },
        ] {
            assert_ne!(sum, sha256(&report(), &[other]).unwrap());
        }
    }

    #[test]
    fn only_recorded_minutes_count_and_voided_entries_prevent_nothing() {
        let entries =
            [entry(EntryState::Recorded, 60), entry(EntryState::Proposed, 30), entry(EntryState::Voided, 15)];
        assert_eq!(recorded_minutes(&entries), 60);
        assert_eq!(lines(&entries).len(), 2);
    }
}
