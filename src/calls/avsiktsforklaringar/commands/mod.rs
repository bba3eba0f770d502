//! The changes of letters. Whatever changes a letter and its application locks the application first, so that such
//! transactions do not deadlock.

mod receipt;
mod signing;
mod status;
mod writing;

use crate::calls::applications::ApplicationRow;
use crate::calls::avsiktsforklaringar::rules;
use crate::calls::avsiktsforklaringar::store::{self, LetterRow};
use crate::identity::policy::Role;
use crate::identity::{people, roles};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::programmes::programme;

pub use signing::sign;
pub use writing::{change, create, delete};

/// The letter's application, locked.
pub fn locked_application(tx: &mut Tx<'_>, letter_id: Id) -> Result<ApplicationRow, Problem> {
    let id = store::unscoped_application_of(tx.db, letter_id)?;
    tx.locked::<ApplicationRow>(id)
}

/// When this application's letter must be received.
pub fn deadline_of(tx: &mut Tx<'_>, application: &ApplicationRow) -> Result<Instant, Problem> {
    let programme = programme::unscoped_by_id(tx.db, application.programme_id)?;
    Ok(rules::deadline(programme.avsiktsforklaring_deadline, application.respond_by))
}

/// When this letter must be received: its own deadline, or a later one that the application got after the letter was begun.
fn latest_deadline(
    tx: &mut Tx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
) -> Result<Instant, Problem> {
    Ok(letter.deadline.max(deadline_of(tx, application)?))
}

/// The addresses of the people who apply for the kommun; none of them signs.
fn applicants(tx: &mut Tx<'_>, application: &ApplicationRow) -> Result<Vec<String>, Problem> {
    let (programme, kommun) = (application.programme_id, application.kommunkod.as_str());
    let mut addresses = vec![application.contact_email.to_lowercase()];
    for assignment in roles::unscoped_holders(&mut tx.as_read(), Role::Applicant, programme, Some(kommun))? {
        addresses.push(people::unscoped_by_id(tx.db, assignment.person_id)?.email);
    }
    addresses.sort_unstable();
    addresses.dedup();
    Ok(addresses)
}
