//! What roles make of a person, then and now: the contact of a kommun's case, a signer, a member of its team, and who put
//! another person there today.

use super::store::{self, AssignmentRow};
use crate::identity::policy::Role;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::{Relation, RelationSource, Thing};
use crate::platform::tx::Rx;

/// The relations that roles give.
pub struct OfRoles;

impl RelationSource for OfRoles {
    fn find(
        &self,
        rx: &mut Rx<'_>,
        person: Id,
        things: &[Thing<'_>],
    ) -> Result<Vec<(Id, Relation)>, Problem> {
        let mut found = Vec::new();
        if things.iter().any(Thing::is_about_kommun) {
            let held = store::unscoped_of_person(rx.db, person)?;
            found.extend(each(&held, things, |role, thing| {
                relation(role.role).filter(|_| is_kommun_of(role, thing))
            }));
        }
        let replaced = replaced_today(rx, person, things)?;
        found.extend(each(&replaced, things, |role, thing| {
            is_place_of(role, thing).then_some(Relation::MadeToday)
        }));
        Ok(found)
    }
}

fn each<'t>(
    roles: &'t [AssignmentRow],
    things: &'t [Thing<'_>],
    relation: impl Fn(&AssignmentRow, &Thing<'_>) -> Option<Relation> + Copy + 't,
) -> impl Iterator<Item = (Id, Relation)> + 't {
    let pairs = roles.iter().flat_map(move |role| things.iter().map(move |thing| (role, thing)));
    pairs.filter_map(move |(role, thing)| Some((thing.id, relation(role, thing)?)))
}

/// A kommun is the same in every programme.
fn is_kommun_of(role: &AssignmentRow, thing: &Thing<'_>) -> bool {
    thing.is_about_kommun() && thing.keys.kommunkod == role.kommunkod.as_deref()
}

fn is_place_of(role: &AssignmentRow, thing: &Thing<'_>) -> bool {
    thing.is_about_kommun() && thing.is_in(role.programme_id, role.kommunkod.as_deref())
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

/// The roles of contacts and signers that this person gave today where another person had the role before. The first one comes
/// with a registration, and who registers for another is author of that only.
fn replaced_today(rx: &mut Rx<'_>, person: Id, things: &[Thing<'_>]) -> Result<Vec<AssignmentRow>, Problem> {
    let made = [Role::Applicant, Role::Signatory];
    let programmes: Vec<Id> = things.iter().filter_map(|thing| thing.keys.programme_id).collect();
    let mut granted = store::unscoped_granted_today(rx, person, programmes.clone(), &made)?;
    granted.retain(|role| role.person_id != person);
    if granted.is_empty() {
        return Ok(granted);
    }
    let all = store::unscoped_ever_in(rx, programmes, &made)?;
    granted.retain(|new| {
        let mut before = all.iter().filter(|old| {
            (old.role, old.programme_id, &old.kommunkod) == (new.role, new.programme_id, &new.kommunkod)
                && old.created_at < new.created_at
        });
        before.any(|old| match new.role {
            Role::Signatory => (old.subject_id, old.signer_role) == (new.subject_id, new.signer_role),
            _ => true,
        })
    });
    Ok(granted)
}
