//! How reports come to be: one open report per active participant of a month, made by the clock on the first, for a
//! later-added participant at once, and at the latest when the first entry needs it.

use super::TimeReportState;
use super::store::{self, TimeReportRow};
use crate::platform::db::{Db, statements};
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::team::participants::{self, ParticipantRow, Team};

/// The newest version of the person's report for the month, locked; made when the month has begun and there is none.
/// 409 `stateConflict` for a month that has not begun, or that the person does not take part in.
pub fn for_entry(
    tx: &mut Tx<'_>,
    participant: &ParticipantRow,
    month: Month,
) -> Result<TimeReportRow, Problem> {
    if let Some(row) = store::newest_locked(tx, participant.id, month)? {
        return Ok(row);
    }
    if tx.ctx.today() < month.first_day() || !is_active(participant, month) {
        return Err(Problem::new(Code::StateConflict).detail(
            format!("Personen har ingen tidrapport för {month}."),
            format!("The person has no time report for {month}."),
        ));
    }
    // A report that does not exist cannot be locked: two first entries at once wait here for each other.
    statements::lock_name(tx.db, &format!("timeReport:{}:{month}", participant.id))?;
    match store::newest_locked(tx, participant.id, month)? {
        Some(row) => Ok(row),
        None => make(tx, participant, month),
    }
}

/// An open report for every active participant of the programme's month who has none; answers how many were made.
pub fn make_for_month(tx: &mut Tx<'_>, programme_id: Id, month: Month) -> Result<usize, Problem> {
    let lacking = lacking(tx.db, programme_id, month)?;
    for participant in &lacking {
        for_entry(tx, participant, month)?;
    }
    Ok(lacking.len())
}

/// Those who take part in the month and have no report for it, by id.
pub fn lacking(db: &mut Db, programme_id: Id, month: Month) -> Result<Vec<ParticipantRow>, Problem> {
    let having = store::participants_with_report(db, programme_id, month)?;
    let mut lacking = participants::active_in_month(db, programme_id, Team::Everyone, month)?;
    lacking.retain(|participant| !having.contains(&participant.id));
    lacking.sort_by_key(|participant| participant.id);
    Ok(lacking)
}

/// Whether the participant takes part on any day of the month.
pub fn is_active(participant: &ParticipantRow, month: Month) -> bool {
    participant.valid_from <= month.last_day()
        && participant.valid_to.is_none_or(|last| month.first_day() <= last)
}

fn make(tx: &mut Tx<'_>, participant: &ParticipantRow, month: Month) -> Result<TimeReportRow, Problem> {
    let row = TimeReportRow {
        id: tx.ctx.new_id(),
        programme_id: participant.programme_id,
        organisation: participant.organisation,
        kommunkod: participant.kommunkod.clone(),
        participant_id: participant.id,
        person_id: participant.person_id,
        month,
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
        created_at: tx.ctx.now,
        updated_at: tx.ctx.now,
        version: 1,
    };
    tx.insert(&row)?;
    Ok(row)
}
