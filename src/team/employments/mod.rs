//! Employments: the employer, share of full time and job category (lönegrupp) of a participant (guide §2, §4, §5). The
//! category decides the unit cost of an hour, so it changes only by a new employment decision. A post begins and ends on any
//! day; the category of the first one that is held in a month holds for the whole month.
//!
//! A coordinator registers the employments of the own kommun's team, manager and economist those of the whole programme;
//! people see their own. Nothing is removed: an employment ends with its last day.

mod commands;
mod numbers;
mod requests;
pub mod routes;
mod rules;
mod store;
mod view;

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{EmployerKind, Organisation, ParticipantListener};
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;

pub use rules::of_month;
pub use store::{EmploymentRow, unscoped_of_people, unscoped_of_person, unscoped_on_day};

/// What employments bring to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[EmployerKind::LIST],
    hooks: |hooks| hooks.add::<dyn ParticipantListener>(Arc::new(numbers::Numbers)),
    ..Part::audited::<EmploymentRow>()
};

/// An employment.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Employment::example)]
pub struct Employment {
    /// Identity.
    pub id: Id,
    /// The programme that it counts in.
    pub programme_id: Id,
    /// The person who is employed.
    pub person_id: Id,
    /// Whether in a kommun's team or among the owner's staff.
    pub organisation: Organisation,
    /// The kommun; null for the owner's staff.
    pub kommunkod: Option<String>,
    /// The kommun's name.
    pub kommun_name: Option<String>,
    /// The employer's name.
    pub employer_name: String,
    /// The employer's organisation number, ten digits.
    pub organisation_number: String,
    /// What kind of employer it is.
    pub employer_kind: EmployerKind,
    /// Share of full time, percent.
    pub employment_percent: i32,
    /// Job category (lönegrupp).
    pub job_category: String,
    /// The employment decision.
    pub decision_reference: Option<String>,
    /// Other public money that pays for the post, in words.
    pub other_public_funding: Option<String>,
    /// First day.
    pub valid_from: Day,
    /// Last day; null while open.
    pub valid_to: Option<Day>,
    /// When it was registered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
