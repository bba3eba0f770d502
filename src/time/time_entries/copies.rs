//! Copying last month: each recorded entry is proposed again on the same weekday in the same place of the new month (the
//! second Tuesday stays the second Tuesday). What cannot be entered there is left out and told; what came from a meeting
//! is not copied, because the meeting is not held again.

use std::collections::HashSet;

use chrono::Datelike as _;

use super::entering;
use super::requests::{CopyResult, NewCopies, NewEntry, SkippedCopy};
use super::{EntryRow, EntrySource, EntryState, store};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Month};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, ProgrammeRow};
use crate::team::participants::ParticipantRow;

/// Proposes a month's entries in another month.
pub fn copy(tx: &mut Tx<'_>, wanted: &NewCopies) -> Result<CopyResult, Problem> {
    let participant = entering::participant(tx, wanted.participant_id)?;
    if wanted.from_month >= wanted.to_month {
        let words = Localized::fixed("Ska ligga efter fromMonth.", "Must come after fromMonth.");
        let faults = vec![FieldError::new("/toMonth", "wrongOrder", words)];
        return Err(Problem::new(Code::InvalidInput).errors(faults));
    }
    let programme = programme::by_id(tx.db, participant.programme_id)?;
    let report = entering::open_report(tx, &programme, &participant, wanted.to_month)?;
    let there = store::of_month(tx.db, participant.id, wanted.to_month)?;
    let copied: HashSet<Id> = there.into_iter().filter_map(|row| row.copied_from_id).collect();
    let mut result = CopyResult { time_entry_ids: Vec::new(), skipped: Vec::new() };
    for source in store::of_month(tx.db, participant.id, wanted.from_month)? {
        if source.status != EntryState::Recorded {
            continue;
        }
        let made = match why_not(&source, &copied) {
            Some(reason) => Err(reason.to_owned()),
            None => copy_one(tx, &programme, &participant, &source, wanted, report.id)?,
        };
        match made {
            Ok(id) => result.time_entry_ids.push(id),
            Err(reason) => result.skipped.push(SkippedCopy { time_entry_id: source.id, reason }),
        }
    }
    Ok(result)
}

fn why_not(source: &EntryRow, copied: &HashSet<Id>) -> Option<&'static str> {
    if source.meeting_id.is_some() || source.source == EntrySource::Attendance {
        Some("fromMeeting")
    } else if copied.contains(&source.id) {
        Some("alreadyCopied")
    } else {
        None
    }
}

/// The new entry's id, or the code of what it would be refused for.
fn copy_one(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    participant: &ParticipantRow,
    source: &EntryRow,
    wanted: &NewCopies,
    report_id: Id,
) -> Result<Result<Id, String>, Problem> {
    let Some(work_date) = same_weekday(source.work_date, wanted.to_month) else {
        return Ok(Err("noSuchDay".to_owned()));
    };
    let new = NewEntry {
        participant_id: participant.id,
        work_date,
        minutes: source.minutes,
        kind: source.kind,
        activity_code: source.activity_code.clone(),
        description: source.description.clone(),
    };
    let mut row = entering::drafted(tx, participant, &new);
    row.status = EntryState::Proposed;
    row.copied_from_id = Some(source.id);
    row.time_report_id = report_id;
    match entering::checked(tx, programme, participant, &row) {
        Ok(()) => {
            tx.insert(&row)?;
            Ok(Ok(row.id))
        }
        Err(problem) if problem.code.status() == 422 => {
            let first = problem.errors.first().map_or(problem.code.as_str(), |fault| fault.code);
            Ok(Err(first.to_owned()))
        }
        Err(problem) => Err(problem),
    }
}

/// The day of `to` with the same weekday in the same place: the second Tuesday stays the second Tuesday. None for a fifth
/// weekday that the month lacks.
fn same_weekday(day: Day, to: Month) -> Option<Day> {
    let weeks = i64::from(day.0.day0() / 7);
    let first = to.first_day();
    let ahead = day.0.weekday().days_since(first.0.weekday());
    Some(first.plus_days(i64::from(ahead) + weeks * 7)).filter(|day| to.contains(*day))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_copy_falls_on_the_same_weekday_in_the_same_place() {
        let to: Month = "2021-03".parse().unwrap();
        for (from, expected) in [
            ("2021-02-01", Some("2021-03-01")),
            ("2021-02-09", Some("2021-03-09")),
            // The first Friday of January is the 1st, of February the 5th.
            ("2021-01-01", Some("2021-03-05")),
            // January has a fifth Friday, March none.
            ("2021-01-29", None),
            ("2021-01-31", None),
        ] {
            assert_eq!(same_weekday(day(from), to).map(|day| day.to_string()).as_deref(), expected, "{from}");
        }
    }

    proptest! {
        #[test]
        fn copies_keep_weekday_and_place(days in 0..3650_i64, months in -24..24_i32) {
            let from = day("2016-01-01").plus_days(days);
            let to = from.month().plus_months(months);
            match same_weekday(from, to) {
                Some(copy) => {
                    prop_assert!(to.contains(copy));
                    prop_assert_eq!(copy.0.weekday(), from.0.weekday());
                    prop_assert_eq!(copy.0.day0() / 7, from.0.day0() / 7);
                }
                // Only a fifth weekday can lack.
                None => prop_assert_eq!(from.0.day0() / 7, 4),
            }
        }
    }
}
