//! People: one row per human, known by work e-mail. A person owns the login, the participants and the employments
//! (guide §1). Making a participant, a role or a signer invites the person by mail.

mod commands;
mod information;
mod invite;
mod joining;
mod requests;
pub mod routes;
mod rules;
mod seen;
mod store;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Audited as _;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::platform::workflow::{AllowedTransition, WorkflowTable};

pub use information::{INFORMATION_VERSION, information};
pub use invite::{add, informed, invite, invited, link_to, set_password};
pub use requests::NewPerson;
pub use rules::{WORKFLOW, readable, readable_if_changed};
pub use seen::{Reachable, Seen};
pub use store::{PersonRow, any, by_email, by_id, by_ids};

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[PersonState::LIST],
    audited: &[PersonRow::AUDITED],
    workflow: Some(WorkflowTable::of::<PersonRow>),
    ..Part::NONE
};

crate::codes! {
    /// States of a person's login.
    pub enum PersonState as "personStates" {
        /// Has a link to choose a password with.
        Invited = "invited", "inbjuden", "invited";
        /// Can log in.
        Active = "active", "aktiv", "active";
        /// Cannot log in; everything done stays.
        Disabled = "disabled", "avstängd", "disabled";
    }
}

/// A person.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Person::example)]
pub struct Person {
    /// Identity.
    pub id: Id,
    /// Name as the person writes it.
    pub name: String,
    /// Work e-mail, lower case, unique; the user name.
    pub email: String,
    /// Whether the person can log in.
    pub status: PersonState,
    /// What the caller may do next.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// What areas above do when somebody's name or address changes, because they show it; runs inside the same transaction
/// (wired in `app.rs`).
pub trait PersonListener: Send + Sync {
    /// What follows from the change.
    fn changed(&self, tx: &mut Tx<'_>, before: &PersonRow, after: &PersonRow) -> Result<(), Problem>;
}
