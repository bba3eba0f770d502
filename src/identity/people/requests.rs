//! The bodies that add and change a person, and how a change is applied to the row.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::PersonRow;
use crate::identity::roles::NewRoleAssignment;
use crate::platform::http::body::Change;
use crate::platform::values::{Email, Name};

/// A person to invite.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Karin Öberg", "email": "karin.oberg@boden.example"}))]
pub struct NewPerson {
    /// Name.
    #[validate(nested)]
    pub name: Name,
    /// Work e-mail; becomes the user name, in lower case.
    #[validate(nested)]
    pub email: Email,
    /// A role to grant at once, also to a person who has the address already.
    #[serde(default)]
    #[validate(nested)]
    pub role: Option<NewRoleAssignment>,
}

/// The fields of a person that can be changed.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Karin Öberg Lind", "email": "karin.oberg.lind@boden.example"}))]
pub struct PersonPatch {
    /// Name; people may change their own.
    #[serde(default)]
    #[schema(value_type = Name)]
    #[validate(nested)]
    pub name: Change<Name>,
    /// Work e-mail and user name; changed by a system administrator.
    #[serde(default)]
    #[schema(value_type = Email)]
    #[validate(nested)]
    pub email: Change<Email>,
}

impl PersonPatch {
    /// The changed row.
    pub fn apply(self, mut row: PersonRow) -> PersonRow {
        let Self { name, email } = self;
        name.map(String::from).apply(&mut row.name);
        email.map(|email| email.to_lowercase()).apply(&mut row.email);
        row.set_sort_and_search();
        row
    }
}
