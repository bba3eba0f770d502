//! A month submission: a kommun's coordinator hands the attested reports of a month over to SKR; a manager does so for
//! the owner's own staff (guide §4), on its last day at the earliest. Several per month: what was late comes with a later
//! one. It has no states of its own; a report belongs to its latest submission until it is returned. It also says who was
//! missing at the time.
//!
//! Read by the kommun's coordinator, and for all of the programme by SKR's manager, economist and ESF's auditor.

mod requests;
pub mod routes;
mod rules;
mod store;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Audited as _;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::part::Part;
use crate::team::Organisation;

pub use rules::is_submittable;
pub use store::{SubmissionRow, of_month};

/// What it brings to the program.
pub const PART: Part = Part { routes: routes::routes, audited: &[SubmissionRow::AUDITED], ..Part::NONE };

/// A month submission.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = MonthSubmission::example)]
pub struct MonthSubmission {
    /// Identity.
    pub id: Id,
    /// The programme it lies in.
    pub programme_id: Id,
    /// A kommun's, or the owner's own.
    pub organisation: Organisation,
    /// The kommun, unless it is the owner's.
    pub kommunkod: Option<String>,
    /// The calendar month of work.
    pub month: Month,
    /// The reports that it handed over.
    pub report_ids: Vec<Id>,
    /// Those whose report was not ready then: open, returned, waiting for attest, or none at all.
    pub missing_participant_ids: Vec<Id>,
    /// Recorded minutes of its reports.
    pub total_minutes: i32,
    /// What the submitter wants to say.
    pub comment: Option<String>,
    /// Who submitted it.
    pub submitted_by: Id,
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
