//! People as objects of a path. A person belongs to no programme or kommun: the roles that the person holds or has held
//! decide who can see them ([`super::store::visible`]). A permit therefore only checks that its holder can see the person.

use std::ops::Deref;

use super::store::PersonRow;
use crate::identity::policy::PersonRead;
use crate::platform::auth::scope::{AuthzKeys, HasKeys, Place, Scope};
use crate::platform::auth::scoped::Scoped;
use crate::platform::db::Db;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// A person whom the caller can see.
#[derive(Clone)]
pub struct Seen {
    pub(super) row: PersonRow,
    reached: FirstPlace,
}

impl Deref for Seen {
    type Target = PersonRow;

    fn deref(&self) -> &PersonRow {
        &self.row
    }
}

impl HasKeys for Seen {
    fn keys(&self) -> AuthzKeys<'_> {
        self.reached.keys(self.row.id)
    }
}

impl Scoped for Seen {
    fn find(db: &mut Db, scope: &Scope, id: Id) -> Result<Option<Self>, Problem> {
        let row = PersonRow::find(db, scope, id)?;
        Ok(row.map(|row| Self { row, reached: FirstPlace::of(scope) }))
    }
}

crate::resource!(Seen at "/people/{personId}", read by PersonRead);

/// The first place of the scope in which the person was found. The person gets its keys, so that a permit with the same
/// roles covers the person.
#[derive(Clone)]
struct FirstPlace(Option<Place>);

impl FirstPlace {
    fn of(scope: &Scope) -> Self {
        Self(scope.grants.first().map(|grant| grant.place.clone()))
    }

    fn keys(&self, person_id: Id) -> AuthzKeys<'_> {
        let keys = AuthzKeys { person_id: Some(person_id), ..AuthzKeys::default() };
        match &self.0 {
            Some(Place::Programme(programme)) => AuthzKeys { programme_id: Some(*programme), ..keys },
            Some(Place::Kommun(programme, kommun)) => {
                AuthzKeys { programme_id: Some(*programme), kommunkod: Some(kommun), ..keys }
            }
            _ => keys,
        }
    }
}
