//! Keeps participants up to date with their person's name and e-mail address.

use super::requests::named;
use super::store::{self, ParticipantRow};
use crate::identity::people::{PersonListener, PersonRow};
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

/// Updates a person's participants when the name or the e-mail address changes, and when the person logs in or accepts after being
/// added. The sort name and the search text follow the
/// name. Version and time of change follow both, because a participant is shown with both.
pub struct ShownNames;

impl PersonListener for ShownNames {
    fn changed(&self, tx: &mut Tx<'_>, before: &PersonRow, after: &PersonRow) -> Result<(), Problem> {
        if (&before.name, &before.email) == (&after.name, &after.email) {
            return Ok(());
        }
        for row in store::unscoped_of_person_anywhere(tx.db, after.id)? {
            let row = tx.locked::<ParticipantRow>(row.id)?;
            // Readers see what was sent until the person has logged in or accepted.
            if row.given_name.is_none() {
                tx.update("personChanged", &row, named(row.clone(), after))?;
            }
        }
        Ok(())
    }

    fn acknowledged(&self, tx: &mut Tx<'_>, person: &PersonRow) -> Result<(), Problem> {
        for row in store::unscoped_of_person_anywhere(tx.db, person.id)? {
            if row.given_name.is_none() {
                continue;
            }
            let row = tx.locked::<ParticipantRow>(row.id)?;
            if row.shown_as(person) == (&person.name, &person.email) {
                store::forget_given(tx, row.id)?;
                continue;
            }
            let known = ParticipantRow { given_name: None, given_email: None, ..row.clone() };
            tx.update("personChanged", &row, named(known, person))?;
        }
        Ok(())
    }
}
