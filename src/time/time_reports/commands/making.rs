//! Adding reports: one open report per active participant of a month. A job adds them on the first of the month. A participant
//! who is added later gets one at once. If a report is still missing, the first entry adds it.

use crate::platform::context::Context;
use crate::platform::db::Db;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::team::participants::{self, ParticipantRow, Team};
use crate::time::time_reports::store::{self, TimeReportRow};

/// The newest version of the person's report for the month, locked. If there is none and the month has begun, it is added. 409
/// `stateConflict` for a month that has not begun or that the person does not take part in.
pub fn report_for(
    tx: &mut Tx<'_>,
    participant: &ParticipantRow,
    month: Month,
) -> Result<TimeReportRow, Problem> {
    Ok(report_or_new(tx, participant, month)?.0)
}

/// Like [`report_for`], telling whether the report may be new: nothing has kept its month from being locked.
pub fn report_or_new(
    tx: &mut Tx<'_>,
    participant: &ParticipantRow,
    month: Month,
) -> Result<(TimeReportRow, bool), Problem> {
    if let Some(row) = store::unscoped_newest_locked(tx, participant.id, month)? {
        return Ok((row, false));
    }
    check_begun(tx.ctx, participant, month)?;
    // A report that does not exist cannot be locked: two concurrent first entries wait here for each other.
    tx.lock_name(&format!("timeReport:{}:{month}", participant.id))?;
    let row = match store::unscoped_newest_locked(tx, participant.id, month)? {
        Some(row) => row,
        None => add(tx, participant, month)?,
    };
    Ok((row, true))
}

/// 409 `stateConflict` for a month that has not begun or that the person does not take part in: it has no report.
pub fn check_begun(ctx: &Context, participant: &ParticipantRow, month: Month) -> Result<(), Problem> {
    if month.first_day() <= ctx.today() && is_active(participant, month) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict).detail(
        format!("Personen har ingen tidrapport för {month}."),
        format!("The person has no time report for {month}."),
    ))
}

/// Adds an open report for every active participant of the month who has none; returns how many were added.
pub fn add_for_month(tx: &mut Tx<'_>, programme_id: Id, month: Month) -> Result<usize, Problem> {
    let lacking = unscoped_lacking(tx.db, programme_id, month)?;
    for participant in &lacking {
        report_for(tx, participant, month)?;
    }
    Ok(lacking.len())
}

/// The participants who take part in the month and have no report for it, by id.
pub fn unscoped_lacking(db: &mut Db, programme_id: Id, month: Month) -> Result<Vec<ParticipantRow>, Problem> {
    let having = store::unscoped_participants_with_report(db, programme_id, month)?;
    let mut lacking = participants::unscoped_active_in_month(db, programme_id, Team::Everyone, month)?;
    lacking.retain(|participant| !having.contains(&participant.id));
    lacking.sort_by_key(|participant| participant.id);
    Ok(lacking)
}

/// Whether the participant takes part on any day of the month.
pub fn is_active(participant: &ParticipantRow, month: Month) -> bool {
    participant.valid_from <= month.last_day()
        && participant.valid_to.is_none_or(|last| month.first_day() <= last)
}

fn add(tx: &mut Tx<'_>, participant: &ParticipantRow, month: Month) -> Result<TimeReportRow, Problem> {
    let row = TimeReportRow::new(tx.ctx, participant, month);
    tx.insert(&row)?;
    Ok(row)
}
