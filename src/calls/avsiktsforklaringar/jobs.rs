//! What the clock does with letters: those that are not received expire at the deadline.

use super::store::{self, LetterRow};
use super::{LetterState, commands, rules};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::tx::Tx;

/// Ends every letter under way whose deadline has passed, one transaction each.
pub fn expire_at_the_deadline(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    let mut count = 0;
    for id in services.database.read_blocking(&ctx, store::unscoped_due)? {
        if services.database.write_blocking(&services.system(), |tx| expire(tx, id))? {
            count += 1;
        }
    }
    Ok(count)
}

fn expire(tx: &mut Tx<'_>, id: Id) -> Result<bool, Problem> {
    let application = commands::locked_application(tx, id)?;
    let letter = tx.locked::<LetterRow>(id)?;
    if !rules::is_due(letter.status, letter.deadline, tx.ctx.now) {
        return Ok(false);
    }
    // The kommun may have got a later deadline after the letter was begun.
    let deadline = commands::deadline_of(tx, &application)?;
    if deadline > letter.deadline {
        let mut after = letter.clone();
        after.deadline = deadline;
        tx.update("deadlineMoved", &letter, after)?;
        return Ok(true);
    }
    tx.automatic(&letter, letter.clone(), LetterState::Expired, None)?;
    Ok(true)
}
