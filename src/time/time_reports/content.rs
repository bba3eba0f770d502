//! What a signature on a report covers: the SHA-256 of one exact text made from the report and its recorded entries, in
//! their order, so that anyone who has the report can make the sum again.

use serde::Serialize;

use super::TimeReportRow;
use super::rules::Line;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::moment::{Day, Month};
use crate::platform::problem::Problem;
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

/// The last day with recorded time.
pub fn last_worked(entries: &[EntryRow]) -> Option<Day> {
    let recorded = entries.iter().filter(|entry| entry.status == EntryState::Recorded);
    recorded.map(|entry| entry.work_date).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::context::Context;
    use crate::team::Organisation;
    use crate::time::time_entries::EntrySource;
    use crate::time::time_reports::TimeReportState;

    fn report() -> TimeReportRow {
        let ctx = Context::example();
        TimeReportRow {
            id: ctx.new_id(),
            programme_id: ctx.new_id(),
            organisation: Organisation::Kommun,
            kommunkod: Some("2582".to_owned()),
            participant_id: ctx.new_id(),
            person_id: ctx.new_id(),
            month: ctx.now.month(),
            report_version: 1,
            status: TimeReportState::Open,
            content_sha256: None,
            sign_round: 1,
            signed_at: None,
            attested_at: None,
            attested_by: None,
            editable_until: None,
            reason: None,
            submission_id: None,
            corrects_id: None,
            superseded_by_id: None,
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 1,
        }
    }

    fn entry(status: EntryState, minutes: i32) -> EntryRow {
        let ctx = Context::example();
        let report = report();
        EntryRow {
            id: ctx.new_id(),
            programme_id: report.programme_id,
            organisation: report.organisation,
            kommunkod: report.kommunkod,
            participant_id: report.participant_id,
            person_id: report.person_id,
            time_report_id: report.id,
            work_date: report.month.first_day(),
            month: report.month,
            minutes,
            kind: EntryKind::Own,
            activity_code: "development".to_owned(),
            description: Some("Möte om upphandling".to_owned()),
            meeting_id: None,
            source: EntrySource::Manual,
            source_system: None,
            external_id: None,
            copied_from_id: None,
            status,
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 1,
        }
    }

    #[test]
    fn the_sum_covers_what_is_recorded_and_nothing_else() {
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
    fn only_recorded_minutes_count_and_voided_entries_hold_nothing_up() {
        let entries =
            [entry(EntryState::Recorded, 60), entry(EntryState::Proposed, 30), entry(EntryState::Voided, 15)];
        assert_eq!(recorded_minutes(&entries), 60);
        assert_eq!(lines(&entries).len(), 2);
    }
}
