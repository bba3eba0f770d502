//! The bodies that grant and end a role.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::Wanted;
use crate::identity::policy::Role;
use crate::platform::http::body::Field;
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::reference::Kommunkod;

/// A role to grant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "role": "coordinator",
    "programmeId": "0175a2e1-7c00-7000-8000-000000000001",
    "kommunkod": "2582",
    "validFrom": "2021-01-01",
    "validTo": null
}))]
pub struct NewRoleAssignment {
    /// The role.
    pub role: Role,
    /// The programme in which the role is valid; leave it out for the installation.
    #[serde(default)]
    pub programme_id: Option<Id>,
    /// The kommun in which the role is valid; leave it out for the programme, or for the owner's own staff.
    #[serde(default)]
    #[validate(nested)]
    pub kommunkod: Option<Kommunkod>,
    /// First day; today if left out.
    #[serde(default)]
    pub valid_from: Option<Day>,
    /// Last day; open if left out.
    #[serde(default)]
    pub valid_to: Option<Day>,
}

impl NewRoleAssignment {
    /// The role to grant to this person.
    pub fn wanted(self, person_id: Id, today: Day) -> Wanted {
        let Self { role, programme_id, kommunkod, valid_from, valid_to } = self;
        Wanted {
            person_id,
            role,
            signer_role: None,
            programme_id,
            kommunkod: kommunkod.map(String::from),
            subject_id: None,
            valid_from: valid_from.unwrap_or(today),
            valid_to,
        }
    }
}

/// The field of a role that can be changed: its last day.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"validTo": "2022-12-31"}))]
pub struct RoleAssignmentPatch {
    /// The last day on which the role is valid. Yesterday ends the role at once, null leaves it open.
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    pub valid_to: Field<Day>,
}
