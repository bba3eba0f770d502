//! What a letter does to its application (guide §3): received in time it qualifies, taken back it unqualifies.

use super::rules;
use super::store::ApplicationRow;
use super::{ApplicationState, steps};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, SELECTION_STATES};

/// A letter of this application has just been received: `confirmed` and `notQualified` become `qualified` when it was
/// in time (as [`super::LetterFacts`] answers) and the places have not been given; with the pool taken after the meeting
/// also after that, and then what the clock took is given back. In any other state nothing changes; an invited kommun
/// qualifies when it confirms.
pub fn letter_received(tx: &mut Tx<'_>, application_id: Id) -> Result<ApplicationRow, Problem> {
    let row = ApplicationRow::locked(tx, application_id)?;
    let programme = programme::by_id(tx.db, row.programme_id)?;
    let waits = matches!(row.status, ApplicationState::Confirmed | ApplicationState::NotQualified);
    let stage = steps::stage(tx, &programme)?;
    if !waits || !rules::is_offered(ApplicationState::Qualified, programme.status, stage) {
        return Ok(row);
    }
    if !steps::facts(tx, &row, &programme)?.letter_in_time {
        return Ok(row);
    }
    let row = steps::automatic(tx, &programme, &row, ApplicationState::Qualified, None)?;
    steps::follow(tx, &programme, row)
}

/// The received letter of this application is returned, revoked or changed: `qualified` goes back to `confirmed`.
/// 409 `stateConflict` once the programme is decided.
pub fn letter_undone(tx: &mut Tx<'_>, application_id: Id) -> Result<ApplicationRow, Problem> {
    let row = ApplicationRow::locked(tx, application_id)?;
    let programme = programme::by_id(tx.db, row.programme_id)?;
    rules::programme_in(&programme, SELECTION_STATES).map_err(|problem| {
        problem.detail(
            "Platserna är fördelade: avsiktsförklaringen står fast.",
            "The places are given: the letter stands.",
        )
    })?;
    if row.status != ApplicationState::Qualified {
        return Ok(row);
    }
    steps::automatic(tx, &programme, &row, ApplicationState::Confirmed, None)
}
