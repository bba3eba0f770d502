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

/// The action of the event of a deleted row.
pub fn action(resource_type: &str) -> String {
    format!("{resource_type}.deleted")
}

/// The events of this action at this time or later, of deleted rows whose values are not erased.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn events(action: String, since: Instant) -> _ {
    audit_events::table
        .filter(audit_events::action.eq(action))
        .filter(audit_events::at.ge(since))
        // Only a deleted row has nothing after. These two are the condition of the index.
        .filter(audit_events::after_values.is_null())
        .filter(audit_events::before_values.is_not_null())
}

/// The deletions of a type of rows at this time or later whose values are not erased, oldest first.
pub fn since(db: &mut Db, resource_type: &str, since: Instant) -> Result<Vec<Deletion>, Problem> {
    let deleted = events(action(resource_type), since);
    let shown = (audit_events::resource_id, audit_events::at, audit_events::before_values.assume_not_null());
    Ok(deleted.order((audit_events::at, audit_events::id)).select(shown).kept().load(db)?)
}
