//! People as other resources reach them. A person lies in no programme or kommun; who sees them is decided by the roles
//! that they hold or have held ([`super::store::visible`]), so a permit asks only whether its holder sees them at all.

use super::store::PersonRow;
use crate::identity::policy::{PersonRead, RoleGrantAction};
use crate::platform::auth::scope::{AuthzKeys, Place, Scope};
use crate::platform::auth::scoped::Scoped;
use crate::platform::db::Db;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// A person whom the caller may see.
#[derive(Clone)]
pub struct Seen {
    /// The person.
    pub row: PersonRow,
    keys: AuthzKeys,
}

impl Scoped for Seen {
    fn keys(&self) -> AuthzKeys {
        self.keys.clone()
    }

    fn find(db: &mut Db, scope: &Scope, id: Id) -> Result<Option<Self>, Problem> {
        let row = PersonRow::find(db, scope, id)?;
        Ok(row.map(|row| Self { keys: keys_within(scope, row.id), row }))
    }
}

crate::resource!(Seen at "/people/{personId}", read by PersonRead);

/// A person to grant a role to: whoever may grant roles reaches anyone whose id they have, because the person may hold
/// no role yet where the granter sees people. Nothing of the person is told.
#[derive(Clone)]
pub struct Reachable {
    /// The person.
    pub row: PersonRow,
    keys: AuthzKeys,
}

impl Scoped for Reachable {
    fn keys(&self) -> AuthzKeys {
        self.keys.clone()
    }

    fn find(db: &mut Db, scope: &Scope, id: Id) -> Result<Option<Self>, Problem> {
        let row = PersonRow::find(db, &Scope::everything(), id)?;
        Ok(row.map(|row| Self { keys: keys_within(scope, row.id), row }))
    }
}

crate::resource!(Reachable at "/people/{personId}", read by RoleGrantAction);

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
