//! A month submission: a kommun's coordinator submits the attested reports of a month to SKR; a programme manager does so for
//! the owner's staff (guide §4), on the month's last day at the earliest. A month may have several: late reports come with a
//! later one. A submission has no states; a report belongs to its latest submission until it is returned. The submission
//! also lists who was missing.
//!
//! The kommun's coordinator reads the submissions of the kommun; SKR's manager and economist and ESF's auditor read all of the
//! programme.

mod commands;
mod requests;
pub mod routes;
mod rules;
mod store;
mod view;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::part::Part;
use crate::team::Organisation;

pub use rules::is_submittable;
pub use store::{SubmissionRow, unscoped_of_month};

/// What month submissions bring to the program.
pub const PART: Part = Part { routes: routes::routes, ..Part::audited::<SubmissionRow>() };

/// A month submission.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = MonthSubmission::example)]
pub struct MonthSubmission {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// Whether a kommun's or the owner's.
    pub organisation: Organisation,
    /// The kommun; null for the owner's.
    pub kommunkod: Option<String>,
    /// The kommun's name.
    pub kommun_name: Option<String>,
    /// The calendar month of work.
    pub month: Month,
    /// The reports that it contains.
    pub report_ids: Vec<Id>,
    /// The participants whose report was not ready: open, returned, waiting for attest, or without a report.
    pub missing_participant_ids: Vec<Id>,
    /// Recorded minutes of its reports.
    pub total_minutes: i32,
    /// A comment to SKR.
    pub comment: Option<String>,
    /// Who submitted it.
    pub submitted_by: Id,
    /// Their name.
    pub submitted_by_name: Option<String>,
    /// When it was submitted.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
