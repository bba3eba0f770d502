//! Keeps a participant's `isCoordinator` and the role of coordinator consistent.

use super::store;
use crate::identity::policy::Role;
use crate::identity::roles::{AssignmentListener, AssignmentRow, Wanted};
use crate::platform::problem::{FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;

/// Refuses to grant or end the role of coordinator directly for somebody in a team. For them, `isCoordinator` of the
/// participant is what callers set, and the role is updated from it.
pub struct Coordinators;

impl AssignmentListener for Coordinators {
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&AssignmentRow>,
        wanted: &Wanted,
    ) -> Result<Vec<FieldError>, Problem> {
        let (Role::Coordinator, Some(programme_id)) = (wanted.role, wanted.programme_id) else {
            return Ok(Vec::new());
        };
        let today = tx.ctx.today();
        let mut rows = store::unscoped_of_person(tx.db, wanted.person_id, programme_id)?;
        rows.retain(|row| row.kommunkod == wanted.kommunkod && row.valid_to.is_none_or(|last| today <= last));
        let is_wrong = match before {
            Some(_) => rows.iter().any(|row| row.is_coordinator),
            None => rows.iter().any(|row| !row.is_coordinator),
        };
        let words = Localized::fixed(
            "Personen är med i teamet: ändra isCoordinator eller datumen på medarbetaren, så följer rollen med.",
            "The person is in the team: change isCoordinator or the dates of the participant, and the role changes too.",
        );
        let pointer = if before.is_some() { "/validTo" } else { "/role" };
        Ok(is_wrong.then(|| FieldError::new(pointer, "inTheTeam", words)).into_iter().collect())
    }
}
