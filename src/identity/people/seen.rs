//! People as other resources reach them. A person lies in no programme or kommun; who sees them is decided by the roles
//! that they hold or have held ([`super::store::visible`]), so a permit asks only whether its holder sees them at all.

use super::store::{self, PersonRow};
use crate::identity::policy::{PersonRead, RoleGrantAction};
use crate::platform::auth::action::{Action as _, ActionRow};
use crate::platform::auth::found::Resource;
use crate::platform::auth::scope::{AuthzKeys, Place, Scope};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

/// A person whom the caller may see.
#[derive(Clone)]
pub struct Seen {
    /// The person.
    pub row: PersonRow,
    keys: AuthzKeys,
}

impl Resource for Seen {
    type Key = Id;
    const PARAMETER: &'static str = "personId";
    const READ: &'static ActionRow = PersonRead::ROW;

    fn find(rx: &mut Rx<'_>, scope: &Scope, key: &Id) -> Result<Option<Self>, Problem> {
        let row = store::find(rx.db, scope, *key)?;
        Ok(row.map(|row| Self { keys: keys_within(scope, row.id), row }))
    }

    fn keys(&self) -> AuthzKeys {
        self.keys.clone()
    }
}

/// A person to grant a role to: whoever may grant roles reaches anyone whose id they have, because the person may hold
/// no role yet where the granter sees people. Nothing of the person is told.
#[derive(Clone)]
pub struct Reachable {
    /// The person.
    pub row: PersonRow,
    keys: AuthzKeys,
}

impl Resource for Reachable {
    type Key = Id;
    const PARAMETER: &'static str = "personId";
    const READ: &'static ActionRow = RoleGrantAction::ROW;

    fn find(rx: &mut Rx<'_>, scope: &Scope, key: &Id) -> Result<Option<Self>, Problem> {
        let row = store::find(rx.db, &Scope::everything(), *key)?;
        Ok(row.map(|row| Self { keys: keys_within(scope, row.id), row }))
    }

    fn keys(&self) -> AuthzKeys {
        self.keys.clone()
    }
}

/// Keys that the scope's own places hold, so that a permit with the same roles covers the person.
fn keys_within(scope: &Scope, person_id: Id) -> AuthzKeys {
    let mut keys = AuthzKeys { person_id: Some(person_id), ..AuthzKeys::default() };
    match scope.grants.first().map(|grant| &grant.place) {
        Some(Place::Programme(programme)) => keys.programme_id = Some(*programme),
        Some(Place::Kommun(programme, kommun)) => {
            keys.programme_id = Some(*programme);
            keys.kommunkod = Some(kommun.clone());
        }
        _ => {}
    }
    keys
}
