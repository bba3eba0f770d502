//! `/me`: who one is, and what one may do where, so that a frontend shows what can be done and nothing else.
//!
//! For everyone who has logged in.

mod permissions;
pub mod routes;

use serde::Serialize;
use utoipa::ToSchema;

use crate::identity::people::PersonState;
use crate::identity::roles::SignerRole;
use crate::platform::http::answer::Link;
use crate::platform::http::list::WholeList;
use crate::platform::ids::Id;
use crate::platform::part::Part;

/// What it brings to the program.
pub const PART: Part =
    Part { routes: routes::routes, code_lists: &[CallerKind::LIST, PlaceKind::LIST], ..Part::NONE };

crate::codes! {
    /// What kind of caller it is.
    pub enum CallerKind as "callerKinds" {
        /// A person.
        Person = "person", "person", "person";
        /// A system.
        Client = "client", "API-klient", "API client";
    }
}

/// Who the caller is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Me::example)]
pub struct Me {
    /// The person's or the API client's identity.
    pub id: Id,
    /// Which of them.
    pub kind: CallerKind,
    /// Name.
    pub name: String,
    /// Work e-mail; a person's.
    pub email: Option<String>,
    /// State of the login; a person's.
    pub status: Option<PersonState>,
    /// The session that this request came through.
    pub session_id: Option<Id>,
    /// The roles that hold now.
    pub roles: Vec<HeldRole>,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// A role that holds now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeldRole {
    /// The role.
    pub role: crate::identity::policy::Role,
    /// For a signatory: in which capacity.
    pub signer_role: Option<SignerRole>,
    /// The programme it holds in; absent for the installation.
    pub programme_id: Option<Id>,
    /// The kommun it holds in; absent for the programme or the owner.
    pub kommunkod: Option<String>,
    /// The letter it holds for (signatory).
    pub subject_id: Option<Id>,
}

/// What the caller may do: every action that was asked for, in the order of the policy table.
pub type Permissions = WholeList<Permission>;

/// Whether and where the caller may do one action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Permission::example)]
pub struct Permission {
    /// Stable name of the action.
    pub action: String,
    /// What it is, in the language asked for.
    pub description: String,
    /// Whether it may be done at all where it was asked for (anywhere, if no place was). The state of a single thing,
    /// and whose work it is, can still stand in the way.
    pub is_allowed: bool,
    /// The places, with the roles that give them.
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
        /// The owner's own people in a programme.
        Owner = "owner", "ägarens egna i ett program", "the owner's own people in a programme";
        /// What belongs to oneself.
        Own = "own", "det egna", "one's own";
        /// One single thing.
        Subject = "subject", "en enda sak", "one single thing";
    }
}

/// A place where the caller may do something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PermittedPlace {
    /// The role that gives it; `self` for what is everyone's own.
    pub role: String,
    /// How far the role reaches.
    pub place: PlaceKind,
    /// The programme.
    pub programme_id: Option<Id>,
    /// The kommun.
    pub kommunkod: Option<String>,
    /// The single thing.
    pub subject_id: Option<Id>,
}
