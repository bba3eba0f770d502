//! Participants: projektmedarbetare, about seven per kommun from different förvaltningar, and SKR's own staff (guide §1, §2). A
//! participant links a person to a programme for a period; name and e-mail belong to the person.
//!
//! A coordinator adds the team of their own kommun, a programme manager the owner's staff and the coordinators of kommuner.
//! Team members see each other's names and functions, without e-mail and employee number; coordinators of different kommuner
//! see each other with e-mail. Participants are never deleted: a participation ends with its last day, at the latest when the
//! kommun leaves. The role of participant lasts until the month of that day is locked.

mod assignment_listener;
mod commands;
mod names;
mod person_listener;
mod relations;
mod requests;
pub mod routes;
mod rules;
mod store;
mod view;

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{FinancingForm, Organisation};
use crate::identity::people::PersonListener;
use crate::identity::roles::AssignmentListener;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;
use crate::platform::relations::RelationSource;

pub use commands::{end_coordinators, end_roles, end_team, lock_teams};
pub use names::Named;
pub use store::{
    ParticipantRow, Team, unscoped_active_between, unscoped_active_in_month, unscoped_among, unscoped_by_id,
    unscoped_by_ids, unscoped_of_person, unscoped_with_number, visible_with_people_locked,
};

/// What participants bring to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[Organisation::LIST, FinancingForm::LIST],
    hooks: |hooks| {
        hooks.add::<dyn PersonListener>(Arc::new(person_listener::ShownNames));
        hooks.add::<dyn RelationSource>(Arc::new(relations::OfParticipations));
        hooks.add::<dyn AssignmentListener>(Arc::new(assignment_listener::Coordinators));
    },
    ..Part::audited::<ParticipantRow>()
};

/// A participant.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Participant::example)]
pub struct Participant {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// Whether the person works for a kommun or for the owner.
    pub organisation: Organisation,
    /// The kommun; null for the owner's staff.
    pub kommunkod: Option<String>,
    /// The kommun's name.
    pub kommun_name: Option<String>,
    /// How the time is paid for.
    pub financing_form: FinancingForm,
    /// The person.
    pub person_id: Id,
    /// Name, as the person writes it.
    pub name: String,
    /// Work e-mail; null for other members of the team.
    pub email: Option<String>,
    /// What the person does: "enhetschef".
    pub function: String,
    /// Department (förvaltning).
    pub department: String,
    /// Whether the person coordinates the kommun's part.
    pub is_coordinator: bool,
    /// Employee number at the employer. Only the manager, the economist, the auditor, the kommun's coordinator and the person
    /// see it; for others it is null.
    pub employee_number: Option<String>,
    /// First day.
    pub valid_from: Day,
    /// Last day; null if no last day is set.
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
