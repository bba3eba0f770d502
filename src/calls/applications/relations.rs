//! The contact and the named coordinator of a kommun's applications, by account and by address, and who handed one over today.

use super::store;
use crate::identity::people;
use crate::platform::audit::writers::written_by;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::{Relation, RelationSource, Thing};
use crate::platform::tx::Rx;

/// The relations to a kommun's case by its applications.
pub struct OfApplications;

impl RelationSource for OfApplications {
    /// An application whose address was never proved counts for nothing: anybody can send one in anybody's name.
    fn find(
        &self,
        rx: &mut Rx<'_>,
        person: Id,
        things: &[Thing<'_>],
    ) -> Result<Vec<(Id, Relation)>, Problem> {
        let cases = Thing::cases(things);
        if cases.is_empty() {
            return Ok(Vec::new());
        }
        let kommuner = cases.iter().map(|(_, kommunkod)| (*kommunkod).to_owned()).collect();
        let rows = store::unscoped_proved_of(rx.db, kommuner)?;
        let email = people::unscoped_by_id(rx.db, person)?.email;
        let today = rx.ctx.today().start();
        let written = written_by(rx, person, rows.iter().map(|row| row.id).collect(), Some(today))?;
        let mut found = Vec::new();
        for row in &rows {
            let is_contact = row.contact_person_id == Some(person) || row.contact_email == email;
            let is_coordinator = row.coordinator_email.as_ref() == Some(&email);
            let mut actions = written.iter().filter(|(id, _)| *id == row.id);
            let has_handed_over = actions.any(|(_, action)| action.ends_with(".handedOver"));
            let of_kommun = cases.iter().filter(|(_, kommunkod)| *kommunkod == row.kommunkod);
            for (thing, _) in of_kommun {
                found.extend(is_contact.then_some((*thing, Relation::Contact)));
                found.extend(is_coordinator.then_some((*thing, Relation::TeamMember)));
                found.extend(has_handed_over.then_some((*thing, Relation::MadeToday)));
            }
        }
        Ok(found)
    }
}
