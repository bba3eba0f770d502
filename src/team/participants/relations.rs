//! Whoever today changed somebody's participation, or added the person anew, made them a subject today.

use super::store;
use crate::identity::roles::AssignmentRow;
use crate::platform::audit::Audited as _;
use crate::platform::audit::writers::written_by;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::{Relation, RelationSource, Thing};
use crate::platform::tx::Rx;

/// The relations to what is about a participant.
pub struct OfParticipations;

impl RelationSource for OfParticipations {
    /// The first participation that somebody registers makes nobody partial: who registers for another is author of the
    /// registration only.
    fn find(
        &self,
        rx: &mut Rx<'_>,
        person: Id,
        things: &[Thing<'_>],
    ) -> Result<Vec<(Id, Relation)>, Problem> {
        // A role is no part of the participation.
        let things: Vec<&Thing<'_>> =
            things.iter().filter(|thing| thing.kind != AssignmentRow::TYPE).collect();
        let subject = |thing: &Thing<'_>| thing.keys.person_id.filter(|subject| *subject != person);
        let people: Vec<Id> = things.iter().filter_map(|thing| subject(thing)).collect();
        if people.is_empty() {
            return Ok(Vec::new());
        }
        let rows = store::unscoped_of_people(rx.db, people)?;
        let today = rx.ctx.today().start();
        let written = written_by(rx, person, rows.iter().map(|row| row.id).collect(), Some(today))?;
        let key = |row: &store::ParticipantRow| (Some(row.person_id), Some(row.programme_id));
        let mut made = Vec::new();
        for (id, action) in written {
            let Some(row) = rows.iter().find(|row| row.id == id) else { continue };
            let is_anew =
                rows.iter().any(|other| key(other) == key(row) && other.created_at < row.created_at);
            if is_anew || !action.ends_with(".created") {
                made.push(key(row));
            }
        }
        let is_made = |thing: &&&Thing<'_>| made.contains(&(subject(thing), thing.keys.programme_id));
        Ok(things.iter().filter(is_made).map(|thing| (thing.id, Relation::MadeToday)).collect())
    }
}
