//! The changes of letters. Whatever changes a letter and its application locks the application first, so that such
//! transactions do not deadlock.

mod receipt;
mod signing;
mod status;
mod writing;

use crate::calls::applications::ApplicationRow;
use crate::calls::avsiktsforklaringar::store;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

pub use signing::sign;
pub use writing::{change, create, delete};

/// The letter's application, locked.
pub fn locked_application(tx: &mut Tx<'_>, letter_id: Id) -> Result<ApplicationRow, Problem> {
    let id = store::unscoped_application_of(tx.db, letter_id)?;
    tx.locked::<ApplicationRow>(id)
}
