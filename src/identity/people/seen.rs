//! People as objects of a path. A person belongs to no programme or kommun: the roles that the person holds or has held
//! decide who can see them ([`super::store::visible`]). A permit therefore only checks that its holder can see the person.

use super::store::PersonRow;
use crate::identity::policy::{PersonRead, RoleGrantAction};
use crate::platform::auth::scope::{AuthzKeys, Place, Scope};
use crate::platform::auth::scoped::Scoped;
use crate::platform::db::Db;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// A person whom the caller can see.
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

/// A person to grant a role to. Callers who may grant roles reach anyone whose id they know, because the person may have
/// no role yet where the caller can see people. The answer shows nothing of the person.
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

/// Keys from the first place of the scope, so that a permit with the same roles covers the person.
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
