//! What is sent to add and change a person.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::PersonRow;
use crate::identity::roles::NewRoleAssignment;
use crate::platform::http::body::Change;
use crate::reference::swedish_key;

/// A person to add.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Karin Öberg", "email": "karin.oberg@boden.example"}))]
pub struct NewPerson {
    /// Name.
    #[schema(min_length = 1, max_length = 200)]
    #[validate(custom(function = "super::rules::readable"))]
    pub name: String,
    /// Work e-mail; becomes the user name, in lower case.
    #[schema(format = "email", max_length = 254)]
    pub email: String,
    /// A role to grant at once. With it, somebody who has an account already joins by the address.
    #[serde(default)]
    #[validate(nested)]
    pub role: Option<NewRoleAssignment>,
}

/// What may be changed of a person.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Karin Öberg Lind"}))]
pub struct PersonPatch {
    /// Name; everyone may change their own.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    #[validate(custom(function = "super::rules::readable_if_changed"))]
    pub name: Change<String>,
    /// Work e-mail and user name; changed by a system administrator.
    #[serde(default)]
    #[schema(value_type = String, format = "email", max_length = 254)]
    pub email: Change<String>,
}

impl PersonPatch {
    /// The changed row.
    pub fn apply(self, mut row: PersonRow) -> PersonRow {
        let Self { name, email } = self;
        name.apply(&mut row.name);
        email.apply(&mut row.email);
        row.email = row.email.to_lowercase();
        row.sort_name = swedish_key(&row.name);
        row.search_text = format!("{} {}", row.name.to_lowercase(), row.email);
        row
    }
}
