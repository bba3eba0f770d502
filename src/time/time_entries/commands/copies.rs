//! Copying a month: each recorded entry is proposed on the same weekday of the new month (an entry of the second Tuesday on the
//! second Tuesday). An entry that cannot be entered there is skipped with a reason. Entries from meetings are not copied,
//! because the meeting does not take place again.

use std::collections::HashSet;

use chrono::Datelike as _;

use super::surroundings::{Surroundings, Wanted};
use crate::identity::policy::TimeEntryCreate;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Month};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::values::{Minutes, Note};
use crate::programmes::programme;
use crate::team::participants::{self, ParticipantRow};
use crate::time::time_entries::requests::{CopyResult, NewCopies, NewEntry, SkippedCopy};
use crate::time::time_entries::store::{self, EntryRow};
use crate::time::time_entries::{EntrySource, EntryState};

/// Proposes the recorded entries of a month in a later month.
pub fn copy(tx: &mut Tx<'_>, wanted: &NewCopies) -> Result<CopyResult, Problem> {
    let named = [wanted.participant_id].into();
    let found = participants::visible_with_people_locked(tx, &named)?.pop();
    let participant = found.ok_or_else(Problem::not_found)?;
    tx.ctx.check_reach::<TimeEntryCreate>(&participant)?;
    if wanted.from_month >= wanted.to_month {
        let words = Localized::fixed("Ska ligga efter fromMonth.", "Must come after fromMonth.");
        let faults = vec![FieldError::new("/toMonth", "wrongOrder", words)];
        return Err(Problem::new(Code::InvalidInput).errors(faults));
    }
    programme::check_running(&programme::unscoped_by_id(tx.db, participant.programme_id)?)?;
    let report = super::open_report(tx, &participant, wanted.to_month)?;
    let there = store::unscoped_of_month(tx.db, participant.id, wanted.to_month)?;
    let copied: HashSet<Id> = there.into_iter().filter_map(|row| row.copied_from_id).collect();
    let sources = store::unscoped_of_month(tx.db, participant.id, wanted.from_month)?;
    let mut needed = Wanted::default();
    needed.participant(&participant);
    let days = sources.iter().filter_map(|source| same_weekday(source.work_date, wanted.to_month));
    days.for_each(|day| needed.day(day));
    let mut around = Surroundings::load(tx, &needed)?;
    let (mut rows, mut skipped) = (Vec::new(), Vec::new());
    for source in sources {
        if source.status != EntryState::Recorded {
            continue;
        }
        let made = match skip_reason(&source, &copied) {
            Some(reason) => Err(reason.to_owned()),
            None => copy_one(tx.ctx, &mut around, &participant, &source, wanted, report.id)?,
        };
        match made {
            Ok(row) => rows.push(row),
            Err(reason) => skipped.push(SkippedCopy { time_entry_id: source.id, reason }),
        }
    }
    tx.insert_all(&rows)?;
    Ok(CopyResult { time_entry_ids: rows.iter().map(|row| row.id).collect(), skipped })
}

fn skip_reason(source: &EntryRow, copied: &HashSet<Id>) -> Option<&'static str> {
    if source.meeting_id.is_some() || source.source == EntrySource::Attendance {
        Some("fromMeeting")
    } else if copied.contains(&source.id) {
        Some("alreadyCopied")
    } else {
        None
    }
}

/// The new entry, or the code of the error that prevents it.
fn copy_one(
    ctx: &Context,
    around: &mut Surroundings,
    participant: &ParticipantRow,
    source: &EntryRow,
    wanted: &NewCopies,
    report_id: Id,
) -> Result<Result<EntryRow, String>, Problem> {
    let Some(work_date) = same_weekday(source.work_date, wanted.to_month) else {
        return Ok(Err("noSuchDay".to_owned()));
    };
    let new = NewEntry {
        participant_id: participant.id,
        work_date,
        minutes: Minutes(source.minutes),
        kind: source.kind,
        activity_code: source.activity_code.as_str().into(),
        description: source.description.as_deref().map(Note::from),
    };
    let mut row = new.into_row(ctx, participant);
    row.status = EntryState::Proposed;
    row.copied_from_id = Some(source.id);
    row.time_report_id = report_id;
    match around.check(ctx, &row) {
        Ok(()) => {
            around.count(&row);
            Ok(Ok(row))
        }
        Err(problem) if problem.code.status() == 422 => {
            let first = problem.errors.first().map_or(problem.code.as_str(), |fault| fault.code);
            Ok(Err(first.to_owned()))
        }
        Err(problem) => Err(problem),
    }
}

/// The day of the month `to` with the same weekday and the same ordinal: the second Tuesday for a second Tuesday. None if the
/// day is the fifth of its weekday and the month `to` has only four.
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
    fn a_copy_falls_on_the_same_weekday_of_the_month() {
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
        fn copies_keep_the_weekday_and_its_ordinal(days in 0..3650_i64, months in -24..24_i32) {
            let from = day("2016-01-01").plus_days(days);
            let to = from.month().plus_months(months);
            match same_weekday(from, to) {
                Some(copy) => {
                    prop_assert!(to.contains(copy));
                    prop_assert_eq!(copy.0.weekday(), from.0.weekday());
                    prop_assert_eq!(copy.0.day0() / 7, from.0.day0() / 7);
                }
                // Only a fifth weekday can be missing.
                None => prop_assert_eq!(from.0.day0() / 7, 4),
            }
        }
    }
}
