//! People: one row per human, identified by work e-mail. A person has one login, and can have several participants and
//! employments (guide §1). Adding a participant, a role or a signer invites the person by mail. Whoever has given a person a role
//! by their address sees them when they next log in or accept: before that, an address would tell who has an account.

mod commands;
mod information;
mod requests;
pub mod routes;
mod rules;
mod seen;
mod store;
mod view;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::platform::workflow::AllowedTransition;

pub use commands::{
    acknowledge, add, informed, invite, invited, is_seen, link_to, pretend_to_invite, set_password,
};
pub use information::{INFORMATION_VERSION, information};
pub use requests::NewPerson;
pub use rules::WORKFLOW;
pub use seen::Seen;
pub use store::{
    PersonRow, unscoped_among, unscoped_any, unscoped_by_email, unscoped_by_id, unscoped_by_ids,
};

/// What people bring to the program.
pub const PART: Part =
    Part { routes: routes::routes, code_lists: &[PersonState::LIST], ..Part::of::<PersonRow>() };

crate::codes! {
    /// The states of a person's login.
    pub enum PersonState as "personStates" {
        /// Has a link for choosing a password.
        Invited = "invited", "inbjuden", "invited";
        /// Can log in.
        Active = "active", "aktiv", "active";
        /// Cannot log in; what the person has done is kept.
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
    /// Name, as the person writes it.
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

/// Implemented by higher areas that store a person's name or e-mail address, so that they can update it. It runs inside the
/// same transaction (registered by the `hooks` of the resource's `Part`).
pub trait PersonListener: Send + Sync {
    /// Called after the person was changed.
    fn changed(&self, tx: &mut Tx<'_>, before: &PersonRow, after: &PersonRow) -> Result<(), Problem>;

    /// Called when the person has logged in or accepted after getting a role: what was sent about them gives way to what they
    /// say about themself.
    fn acknowledged(&self, tx: &mut Tx<'_>, person: &PersonRow) -> Result<(), Problem>;
}
