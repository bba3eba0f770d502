//! The rows that were deleted, as their events tell.

use diesel::prelude::*;

use crate::platform::db::Db;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::schema::audit_events;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;

/// The event of a deleted row.
#[derive(Clone, Debug, Queryable)]
pub struct Deletion {
    /// The row's id.
    pub resource_id: String,
    /// When it was deleted.
    pub at: Instant,
    /// The row as it was, JSON text.
    pub before_values: String,
}

/// The deletions of a type of rows at this time or later whose values are not erased, oldest first.
pub fn since(db: &mut Db, resource_type: &str, since: Instant) -> Result<Vec<Deletion>, Problem> {
    let deleted = audit_events::table
        .filter(audit_events::action.eq(format!("{resource_type}.deleted")))
        .filter(audit_events::at.ge(since))
        // Only a deleted row has nothing after. These two are the condition of the index.
        .filter(audit_events::after_values.is_null())
        .filter(audit_events::before_values.is_not_null());
    let shown = (audit_events::resource_id, audit_events::at, audit_events::before_values.assume_not_null());
    Ok(deleted.order((audit_events::at, audit_events::id)).select(shown).kept().load(db)?)
}
