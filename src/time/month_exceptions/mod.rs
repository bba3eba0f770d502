//! Exceptions from a closed or locked month: the programme manager lets a whole kommun, or one person, continue to enter and
//! sign time for a month until an instant, with a reason (guide §4).
//!
//! SKR, the auditor and the kommun's coordinator read them. Each use is recorded in the audit trail.

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

pub use commands::note_use;
pub use store::{ExceptionRow, unscoped_valid_among, unscoped_valid_for, valid_for};
pub use view::of_month;

/// What month exceptions bring to the program.
pub const PART: Part = Part { routes: routes::routes, ..Part::audited::<ExceptionRow>() };

/// An exception from the end of a month.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = MonthException::example)]
pub struct MonthException {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// The month.
    pub month: Month,
    /// The kommun; null for one of the owner's staff.
    pub kommunkod: Option<String>,
    /// The kommun's name.
    pub kommun_name: Option<String>,
    /// The one person that it is valid for; null when it is valid for the whole kommun.
    pub participant_id: Option<Id>,
    /// Their name.
    pub participant_name: Option<String>,
    /// When the exception ends.
    pub expires_at: Instant,
    /// Whether it is valid now.
    pub is_valid: bool,
    /// Why it was granted.
    pub reason: String,
    /// Who granted it.
    pub granted_by: Option<Id>,
    /// Their name.
    pub granted_by_name: Option<String>,
    /// When it was granted.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
