//! The names of people and API clients, for those who read what they did (guide §1).

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::identity::policy::Role;
use crate::identity::{clients, people};
use crate::platform::ids::Id;
use crate::platform::names::NameSource;
use crate::platform::part::Part;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

/// What names bring to the program.
pub const PART: Part = Part { hooks: |hooks| hooks.add::<dyn NameSource>(Arc::new(OfActors)), ..Part::NONE };

/// The roles that see progress and sums, but no names.
pub const ROLES_WITHOUT_NAMES: [&str; 2] = [Role::KommunReader.as_str(), Role::MethodDeveloper.as_str()];

/// Whether only roles that see no names are among these.
pub fn sees_no_names(roles: &[&str]) -> bool {
    roles.iter().all(|role| ROLES_WITHOUT_NAMES.contains(role))
}

struct OfActors;

impl NameSource for OfActors {
    fn names(&self, rx: &mut Rx<'_>, ids: &BTreeSet<Id>) -> Result<Vec<(Id, String)>, Problem> {
        let people = people::unscoped_by_ids(rx.db, ids.iter().copied().collect())?;
        let mut names: Vec<(Id, String)> =
            people.into_iter().map(|person| (person.id, person.name)).collect();
        let known: HashSet<Id> = names.iter().map(|(id, _)| *id).collect();
        let others: Vec<Id> = ids.iter().filter(|id| !known.contains(id)).copied().collect();
        if !others.is_empty() {
            names.extend(clients::unscoped_names(rx.db, others)?);
        }
        Ok(names)
    }

    /// Whoever reads their own, without a role, sees names.
    fn are_seen_by(&self, roles: &[&str]) -> bool {
        roles.is_empty() || !sees_no_names(roles)
    }
}
