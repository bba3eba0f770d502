//! `/me`: the caller and the caller's permissions, so that a frontend can show only what the caller may do.
//!
//! For every caller who has logged in.

mod permissions;
pub mod routes;
mod view;

use serde::Serialize;
use utoipa::ToSchema;

use crate::identity::people::PersonState;
use crate::identity::policy::Role;
use crate::identity::roles::SignerRole;
use crate::platform::http::answer::Link;
use crate::platform::http::list::WholeList;
use crate::platform::ids::Id;
use crate::platform::part::Part;

/// What `/me` brings to the program.
pub const PART: Part =
    Part { routes: routes::routes, code_lists: &[CallerKind::LIST, PlaceKind::LIST], ..Part::NONE };

crate::codes! {
    /// The kind of a caller.
    pub enum CallerKind as "callerKinds" {
        /// A person.
        Person = "person", "person", "person";
        /// A system.
        Client = "client", "API-klient", "API client";
    }
}

/// The caller.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Me::example)]
pub struct Me {
    /// Identity of the person or the API client.
    pub id: Id,
    /// Whether the caller is a person or an API client.
    pub kind: CallerKind,
    /// Name.
    pub name: String,
    /// Work e-mail of a person.
    pub email: Option<String>,
    /// State of a person's login.
    pub status: Option<PersonState>,
    /// The session with which this request was made.
    pub session_id: Option<Id>,
    /// The present roles.
    pub roles: Vec<HeldRole>,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// A present role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeldRole {
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
}

/// The permissions of the caller: every requested action, in the order of the policy table.
pub type Permissions = WholeList<Permission>;

/// Whether and where the caller may do one action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Permission::example)]
pub struct Permission {
    /// Stable name of the action.
    pub action: String,
    /// Description of the action, in the language of the request.
    pub description: String,
    /// Whether the caller may do the action in the requested place (anywhere, if the request names none). The state of an
    /// object, or whose work it is, can still prevent the action.
    pub is_allowed: bool,
    /// The places where the caller may do the action, with the roles that allow it.
    pub scope: Vec<PermittedPlace>,
}

crate::codes! {
    /// How far a permission reaches.
    pub enum PlaceKind as "permissionPlaces" {
        /// The whole installation.
        Everywhere = "everywhere", "överallt", "everywhere";
        /// A programme.
        Programme = "programme", "ett program", "a programme";
        /// A kommun in a programme.
        Kommun = "kommun", "en kommun i ett program", "a kommun in a programme";
        /// The owner's own staff in a programme.
        Owner = "owner", "ägarens egna i ett program", "the owner's own staff in a programme";
        /// What belongs to the caller.
        Own = "own", "det egna", "the caller's own";
        /// One object.
        Subject = "subject", "en enda sak", "one object";
    }
}

/// A place where the caller may do something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PermittedPlace {
    /// The role that allows the action; `self` for what belongs to the caller.
    pub role: String,
    /// How far the role reaches.
    pub place: PlaceKind,
    /// The programme.
    pub programme_id: Option<Id>,
    /// The kommun.
    pub kommunkod: Option<String>,
    /// The object.
    pub subject_id: Option<Id>,
}
