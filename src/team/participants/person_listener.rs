//! Keeps participants up to date with their person's name and e-mail address.

use super::requests::named;
use super::store::{self, ParticipantRow};
use crate::identity::people::{PersonListener, PersonRow};
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

/// Updates a person's participants when the name or the e-mail address changes. The sort name and the search text follow the
/// name. Version and time of change follow both, because a participant is shown with both.
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
