//! What follows when a letter is received, and whether a received letter may still be undone.

use crate::calls::applications::{self, ApplicationRow};
use crate::calls::avsiktsforklaringar::readiness::{self, deadline_of};
use crate::calls::avsiktsforklaringar::store::{self, LetterRow};
use crate::calls::avsiktsforklaringar::{LetterState, mails};
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::programmes::programme;

/// Ends the letter that was received before `letter`, which is about to be received. 409 when the places are given, and
/// when `letter` is late but the older one came in time: the older one qualifies the kommun.
pub fn replace_older(
    tx: &mut Tx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
) -> Result<(), Problem> {
    let Some(older) = store::unscoped_received(tx.db, letter.application_id)? else { return Ok(()) };
    check_before_decided(tx, &older, application)?;
    let deadline = deadline_of(&mut tx.as_read(), application)?;
    let is_late = letter.received_at.is_some_and(|at| at > deadline);
    if is_late && older.received_at.is_some_and(|at| at <= deadline) {
        return Err(Problem::new(Code::StateConflict).detail(
            "En avsiktsförklaring som kom i tid är redan mottagen; en försenad ersätter den inte.",
            "A letter that came in time has been received already; a late letter does not replace it.",
        ));
    }
    let older = tx.locked::<LetterRow>(older.id)?;
    tx.automatic(&older, older.clone(), LetterState::Superseded, None)?;
    Ok(())
}

/// Tells the application and its contact that the letter is received.
pub fn tell_received(tx: &mut Tx<'_>, letter: &LetterRow) -> Result<(), Problem> {
    let application = applications::letter_received(tx, letter.application_id)?;
    mails::received(tx, letter, &application)
}

/// 409 when the places are given: a received letter can no longer be changed then.
pub fn check_before_decided(
    tx: &mut Tx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
) -> Result<(), Problem> {
    let programme = programme::unscoped_by_id(tx.db, letter.programme_id)?;
    let is_adopted = readiness::is_adopted(&mut tx.as_read(), programme.id)?;
    readiness::check_before_decided(letter, &programme, application, is_adopted)
}
