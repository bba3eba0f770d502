//! What follows when a letter is received, and when a received one is undone: the older letter, the application and the
//! mail.

use super::mails;
use super::rules::{self};
use super::store::{self, LetterRow};
use super::{LetterState, writing};
use crate::calls::applications::{self, ApplicationRow};
use crate::platform::problem::{Code, Problem};
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;
use crate::programmes::programme;

/// Ends the letter that was received before this one, which is about to be. 409 when the places are given, and when this
/// one came too late and the older in time: it would take the place of what qualifies the kommun.
pub fn replace_older(
    tx: &mut Tx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
) -> Result<(), Problem> {
    let Some(older) = store::received(tx.db, letter.application_id)? else { return Ok(()) };
    check_before_decided(tx, &older, application)?;
    let deadline = writing::deadline_of(tx, application)?;
    let is_late = letter.received_at.is_some_and(|at| at > deadline);
    if is_late && older.received_at.is_some_and(|at| at <= deadline) {
        return Err(Problem::new(Code::StateConflict).detail(
            "En avsiktsförklaring som kom i tid är redan mottagen; en försenad ersätter den inte.",
            "A letter that came in time has been received already; a late one does not replace it.",
        ));
    }
    let older = LetterRow::locked(tx, older.id)?;
    tx.automatic(&older, older.clone(), LetterState::Superseded, None)?;
    Ok(())
}

/// Tells the application and its contact that the letter is received.
pub fn tell(tx: &mut Tx<'_>, letter: &LetterRow) -> Result<(), Problem> {
    let application = applications::letter_received(tx, letter.application_id)?;
    mails::received(tx, letter, &application)
}

/// 409 when the places are given: a received letter stays as it is then.
pub fn check_before_decided(
    tx: &mut Tx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
) -> Result<(), Problem> {
    let programme = programme::by_id(tx.db, letter.programme_id)?;
    if rules::is_before_decided(programme.status) && rules::is_open(application.status) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict)
        .detail(
            "Platserna är beslutade: en mottagen avsiktsförklaring kan inte längre återsändas, återkallas, ändras eller ersättas.",
            "The places are decided: a received letter can no longer be returned, revoked, changed or replaced.",
        )
        .member("currentStatus", letter.status.as_str()))
}
