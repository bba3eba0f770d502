//! What roles make of a person, then and now: the contact of a kommun's case, a signer, a member of its team.

use super::store;
use crate::identity::policy::Role;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::{Relation, RelationSource, Thing};
use crate::platform::tx::Rx;

/// The relations that roles give.
pub struct OfRoles;

impl RelationSource for OfRoles {
    /// A kommun is the same in every programme.
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
        let held = store::unscoped_of_person(rx.db, person)?;
        let mut found = Vec::new();
        for (thing, kommunkod) in cases {
            let there = held.iter().filter(|role| role.kommunkod.as_deref() == Some(kommunkod));
            found.extend(there.filter_map(|role| Some((thing, relation(role.role)?))));
        }
        Ok(found)
    }
}

/// What a role in the kommun makes of its holder in the kommun's own case. SKR's staff are nothing to it.
fn relation(role: Role) -> Option<Relation> {
    match role {
        Role::Applicant => Some(Relation::Contact),
        Role::Signatory => Some(Relation::Signer),
        Role::Participant | Role::Coordinator | Role::Attester | Role::KommunReader | Role::Registrar => {
            Some(Relation::TeamMember)
        }
        Role::SystemAdmin
        | Role::ProgrammeManager
        | Role::Economist
        | Role::ProcessSupporter
        | Role::MethodDeveloper
        | Role::Auditor
        | Role::HrIntegration => None,
    }
}
