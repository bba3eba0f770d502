//! What the clock does with letters: those that are not received expire at the deadline.

use super::store::LetterRow;
use super::{LetterState, commands, readiness, rules};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

/// Moves the deadline of a letter under way that is due, or ends the letter; returns whether it did either.
pub fn take_due_step(tx: &mut Tx<'_>, id: &Id) -> Result<bool, Problem> {
    let application = commands::locked_application(tx, *id)?;
    let letter = tx.locked::<LetterRow>(*id)?;
    if !rules::is_due(letter.status, letter.deadline, tx.ctx.now) {
        return Ok(false);
    }
    // The kommun may have got a later deadline after the letter was begun.
    let deadline = readiness::deadline_of(&mut tx.as_read(), &application)?;
    if deadline > letter.deadline {
        let mut after = letter.clone();
        after.deadline = deadline;
        tx.update("deadlineMoved", &letter, after)?;
        return Ok(true);
    }
    tx.automatic(&letter, letter.clone(), LetterState::Expired, None)?;
    Ok(true)
}
