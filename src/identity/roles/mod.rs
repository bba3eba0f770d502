//! Role assignments: dated, several per person. [`rules`] says who may grant which role (guide §1, "Granting").

mod commands;
mod relations;
mod requests;
pub mod routes;
mod rules;
mod store;
mod view;

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::identity::policy::Role;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::relations::RelationSource;
use crate::platform::tx::Tx;

pub use commands::{create, end, end_granted, grant, keeping_an_administrator, unknown_place};
pub use requests::NewRoleAssignment;
pub use rules::GRANTS;
pub use store::{
    AssignmentRow, acknowledge, unscoped_ever_held, unscoped_held_from, unscoped_held_now, unscoped_holders,
    unscoped_holders_in_kommuner, unscoped_of_person, unscoped_same, unscoped_to_acknowledge,
};

/// What roles bring to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[Role::LIST, SignerRole::LIST],
    hooks: |hooks| hooks.add::<dyn RelationSource>(Arc::new(relations::OfRoles)),
    ..Part::audited::<AssignmentRow>()
};

crate::codes! {
    /// The capacity in which a person signs (guide §3).
    pub enum SignerRole as "signerRoles" {
        /// Kommunchef, kommundirektör, stadsdirektör.
        MunicipalDirector = "municipalDirector", "kommunchef", "municipal director";
        /// Kommunstyrelsens ordförande.
        ExecutiveBoardChair = "executiveBoardChair", "kommunstyrelsens ordförande", "chair of the executive board";
        /// Signs on the kommun's delegation.
        Delegate = "delegate", "delegat", "delegate";
        /// The person who worked the reported time.
        Employee = "employee", "medarbetare", "employee";
        /// Attests a colleague's time.
        Attester = "attester", "attestant", "attester";
    }
}

/// A role that a person has, has had or will have.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = RoleAssignment::example)]
pub struct RoleAssignment {
    /// Identity.
    pub id: Id,
    /// The person who has the role.
    pub person_id: Id,
    /// The role.
    pub role: Role,
    /// For a signatory: the capacity in which the person signs.
    pub signer_role: Option<SignerRole>,
    /// The programme in which the role is valid; null for the installation.
    pub programme_id: Option<Id>,
    /// The kommun in which the role is valid; null for the programme or the owner.
    pub kommunkod: Option<String>,
    /// The letter for which the role is valid (signatory).
    pub subject_id: Option<Id>,
    /// First day.
    pub valid_from: Day,
    /// Last day; null while open.
    pub valid_to: Option<Day>,
    /// When it was granted.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// A role to grant.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The person who gets the role.
    pub person_id: Id,
    /// The role.
    pub role: Role,
    /// The capacity in which the person signs (signatory).
    pub signer_role: Option<SignerRole>,
    /// The programme in which the role is valid.
    pub programme_id: Option<Id>,
    /// The kommun in which the role is valid.
    pub kommunkod: Option<String>,
    /// The letter for which the role is valid (signatory).
    pub subject_id: Option<Id>,
    /// First day.
    pub valid_from: Day,
    /// Last day.
    pub valid_to: Option<Day>,
}

/// Implemented by higher areas whose resources grant roles, so that they can object when a caller grants or ends such a role
/// directly. It runs inside the same transaction (registered by the `hooks` of the resource's `Part`).
pub trait AssignmentListener: Send + Sync {
    /// Every objection. `before` is none when the role is being granted.
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        before: Option<&AssignmentRow>,
        wanted: &Wanted,
    ) -> Result<Vec<FieldError>, Problem>;
}

impl Wanted {
    /// A role in a kommun of a programme from `day` on; without a kommun, in the programme or among the owner's own staff.
    pub fn new(person_id: Id, role: Role, programme_id: Id, kommunkod: Option<&str>, day: Day) -> Self {
        Self {
            person_id,
            role,
            signer_role: None,
            programme_id: Some(programme_id),
            kommunkod: kommunkod.map(str::to_owned),
            subject_id: None,
            valid_from: day,
            valid_to: None,
        }
    }
}
