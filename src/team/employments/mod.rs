//! Employments: at which employer, to which share and in which job category (lönegrupp) a participant works (guide §2,
//! §4, §5). The category decides the unit cost of an hour, so it changes only by a new employment decision, from the
//! first of a month.
//!
//! A coordinator registers those of the own kommun's people, manager and economist all of the programme's; people see
//! their own. Nothing is removed: an employment ends by its last day.

mod changes;
mod requests;
pub mod routes;
mod rules;
mod store;

use serde::Serialize;
use utoipa::ToSchema;

use super::{EmployerKind, Organisation};
use crate::platform::audit::Audited as _;
use crate::platform::auth::scope::AuthzKeys;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::part::Part;

pub use store::{EmploymentRow, has_any, of_person, on_day};

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[EmployerKind::LIST],
    audited: &[EmploymentRow::AUDITED],
    ..Part::NONE
};

/// An employment.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Employment::example)]
pub struct Employment {
    /// Identity.
    pub id: Id,
    /// In which programme it counts.
    pub programme_id: Id,
    /// The person who is employed.
    pub person_id: Id,
    /// With a kommun's people, or the owner's.
    pub organisation: Organisation,
    /// With which kommun's.
    pub kommunkod: Option<String>,
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

/// What an employment says of itself to permits.
pub fn keys(row: &EmploymentRow) -> AuthzKeys {
    super::keys(row.programme_id, row.organisation, row.kommunkod.as_deref(), row.person_id)
}
