//! Copying last month: each recorded entry is proposed again on the same weekday in the same place of the new month (the
//! second Tuesday stays the second Tuesday). What cannot be entered there is left out and told; what came from a meeting
//! is not copied, because the meeting is not held again.

use std::collections::HashSet;

use super::entering;
use super::requests::{CopyResult, NewCopies, NewEntry, SkippedCopy};
use super::{EntryRow, EntrySource, EntryState, rules, store};
use crate::platform::db::Tx;
use crate::platform::http::language::Words;
use crate::platform::http::problem::{Code, Fault, Problem};
use crate::platform::ids::Id;
use crate::programmes::programme::{self, ProgrammeRow};
use crate::team::participants::ParticipantRow;

/// Proposes a month's entries in another month.
pub fn copy(tx: &mut Tx<'_>, wanted: &NewCopies) -> Result<CopyResult, Problem> {
    let participant = entering::participant(tx, wanted.participant_id)?;
    if wanted.from_month >= wanted.to_month {
        let words = Words::fixed("Ska ligga efter fromMonth.", "Must come after fromMonth.");
        let faults = vec![Fault::new("/toMonth", "wrongOrder", words)];
        return Err(Problem::new(Code::InvalidInput).faults(faults));
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
    let Some(work_date) = rules::same_weekday(source.work_date, wanted.to_month) else {
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
