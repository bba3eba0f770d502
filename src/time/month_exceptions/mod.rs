//! Exceptions from a closed or locked month: the programme manager lets a whole kommun, or one person, go on entering and
//! signing time for a month until an instant, with a reason (guide §4).
//!
//! Read by SKR, the auditor and the kommun's coordinator. Each use is kept in the audit trail.

mod requests;
pub mod routes;
mod rules;
mod store;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::Audited as _;
use crate::platform::auth::scope::AuthzKeys;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::part::Part;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

pub use store::{ExceptionRow, valid_for};

/// What it brings to the program.
pub const PART: Part = Part { routes: routes::routes, audited: &[ExceptionRow::AUDITED], ..Part::NONE };

/// An exception from a month's end.
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
    /// The kommun; absent for one of the owner's staff.
    pub kommunkod: Option<String>,
    /// The one person it holds for; absent when it holds for the whole kommun.
    pub participant_id: Option<Id>,
    /// When the exception ends.
    pub expires_at: Instant,
    /// Whether it holds now.
    pub is_valid: bool,
    /// Why it was granted.
    pub reason: String,
    /// Who granted it.
    pub granted_by: Option<Id>,
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

/// What an exception says of itself to permits.
pub fn keys(row: &ExceptionRow) -> AuthzKeys {
    AuthzKeys {
        programme_id: Some(row.programme_id),
        kommunkod: row.kommunkod.clone(),
        ..AuthzKeys::default()
    }
}

/// Keeps in the audit trail that the exception has let something through.
pub fn note_use(tx: &mut Tx<'_>, row: &ExceptionRow) -> Result<(), Problem> {
    tx.audit_changed("used", row, row)
}
