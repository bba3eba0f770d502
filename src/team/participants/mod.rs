//! Participants: projektmedarbetare, about seven per kommun from different förvaltningar, and SKR's own staff (guide §1,
//! §2). A participant joins a person to a programme for some time; the person owns name and e-mail.
//!
//! A coordinator adds the own kommun's, a programme manager the owner's and who coordinates a kommun. Team members see
//! each other's names and functions, without e-mail and employee number; coordinators also reach each other. Nobody is
//! removed: a participation ends by its last day, at the latest when the kommun leaves, and the role lasts until the
//! month of that day is locked.

mod changes;
mod leaving;
mod requests;
mod roles;
pub mod routes;
mod rules;
mod store;

use serde::Serialize;
use utoipa::ToSchema;

use super::{FinancingForm, Organisation};
use crate::identity::people::PersonListener;
use crate::identity::roles::AssignmentListener;
use crate::platform::audit::Audited as _;
use crate::platform::auth::scope::AuthzKeys;
use crate::platform::hooks::Hooks;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;
use std::sync::Arc;

pub use changes::ShownNames;
pub use leaving::end_team;
pub use roles::end_roles;
pub use store::{
    ParticipantRow, Team, active_in_month, by_id, by_ids, is_of_team, of_person, of_person_on, visible,
};

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[Organisation::LIST, FinancingForm::LIST],
    audited: &[ParticipantRow::AUDITED],
    hooks,
    ..Part::NONE
};

/// A participant.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Participant::example)]
pub struct Participant {
    /// Identity.
    pub id: Id,
    /// In which programme.
    pub programme_id: Id,
    /// Of a kommun, or of the owner.
    pub organisation: Organisation,
    /// Of which kommun.
    pub kommunkod: Option<String>,
    /// How the time is paid for.
    pub financing_form: FinancingForm,
    /// Who it is.
    pub person_id: Id,
    /// Name, as the person writes it.
    pub name: String,
    /// Work e-mail; null for other members of the team.
    pub email: Option<String>,
    /// What the person does: "enhetschef".
    pub function: String,
    /// Förvaltning.
    pub department: String,
    /// Whether the person coordinates the kommun's part.
    pub is_coordinator: bool,
    /// Employee number at the employer; only for manager, economist, auditor, the kommun's coordinator and the person.
    pub employee_number: Option<String>,
    /// First day.
    pub valid_from: Day,
    /// Last day; null while open.
    pub valid_to: Option<Day>,
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

/// Keeps `isCoordinator` and the coordinator's role one thing for those who are in a team: there the participant says
/// so, and the role follows.
pub struct Coordinators;

/// What a participant says of itself to permits.
pub fn keys(row: &ParticipantRow) -> AuthzKeys {
    super::keys(row.programme_id, row.organisation, row.kommunkod.as_deref(), row.person_id)
}

/// What it does when something below it changes.
fn hooks(hooks: &mut Hooks) {
    hooks.add::<dyn PersonListener>(Arc::new(ShownNames));
    hooks.add::<dyn AssignmentListener>(Arc::new(Coordinators));
}
