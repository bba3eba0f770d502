//! Keeps participations up to date with their person's name and address.

use super::requests::named;
use super::store::{self, ParticipantRow};
use crate::identity::people::{PersonListener, PersonRow};
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

/// Updates a person's participations when the name or the address changes: their sort order and search text, and, because
/// they show both, their version and time of change.
pub struct ShownNames;

impl PersonListener for ShownNames {
    fn changed(&self, tx: &mut Tx<'_>, before: &PersonRow, after: &PersonRow) -> Result<(), Problem> {
        if (&before.name, &before.email) == (&after.name, &after.email) {
            return Ok(());
        }
        for row in store::unscoped_of_person_anywhere(tx.db, after.id)? {
            let row = tx.locked::<ParticipantRow>(row.id)?;
            tx.update("personChanged", &row, named(row.clone(), after))?;
        }
        Ok(())
    }
}
