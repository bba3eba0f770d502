//! Changes an application when its letter changes (guide §3). A letter that is received in time qualifies the
//! application. When the letter is no longer valid, the application is confirmed again.

use super::automatic::{automatic, follow_up};
use crate::calls::applications::facts::{facts, selection_stage};
use crate::calls::applications::store::ApplicationRow;
use crate::calls::applications::{ApplicationState, rules};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, SELECTION_STATES};

/// Called when a letter of this application has been received. `confirmed` and `notQualified` become `qualified` if the
/// letter came in time (as [`LetterFacts`](crate::calls::applications::LetterFacts) answers) and the places have not been
/// given. If the pool is taken after the meeting, they also become `qualified` in a decided programme, so that a step of the
/// clock can be undone. In any other state nothing changes; an invited kommun qualifies when it confirms.
pub fn letter_received(tx: &mut Tx<'_>, application_id: Id) -> Result<ApplicationRow, Problem> {
    let row = tx.locked::<ApplicationRow>(application_id)?;
    let programme = programme::unscoped_by_id(tx.db, row.programme_id)?;
    let can_qualify = matches!(row.status, ApplicationState::Confirmed | ApplicationState::NotQualified);
    let stage = selection_stage(&mut tx.as_read(), &programme)?;
    if !can_qualify || !rules::is_offered(ApplicationState::Qualified, programme.status, stage) {
        return Ok(row);
    }
    if !facts(&mut tx.as_read(), &row, &programme)?.letter_in_time {
        return Ok(row);
    }
    let row = automatic(tx, &programme, &row, ApplicationState::Qualified, None)?;
    follow_up(tx, &programme, row)
}

/// Called when the received letter of this application is returned, revoked or changed: `qualified` becomes `confirmed`
/// again. 409 `stateConflict` once the programme is decided.
pub fn letter_invalidated(tx: &mut Tx<'_>, application_id: Id) -> Result<ApplicationRow, Problem> {
    let row = tx.locked::<ApplicationRow>(application_id)?;
    let programme = programme::unscoped_by_id(tx.db, row.programme_id)?;
    rules::check_programme_state(&programme, SELECTION_STATES).map_err(|problem| {
        problem.detail(
            "Platserna är fördelade: avsiktsförklaringen står fast.",
            "The places are given: the letter can no longer be undone.",
        )
    })?;
    if row.status != ApplicationState::Qualified {
        return Ok(row);
    }
    automatic(tx, &programme, &row, ApplicationState::Confirmed, None)
}
