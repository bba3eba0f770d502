//! Who has written a row, as the trail keeps it.

use diesel::prelude::*;

use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::schema::audit_events;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

/// Those of these rows that the person has made, changed or moved on.
pub fn written_by(rx: &mut Rx<'_>, person: Id, rows: Vec<Id>) -> Result<Vec<Id>, Problem> {
    let texts: Vec<String> = rows.iter().map(Id::to_string).collect();
    let events = audit_events::table
        .filter(audit_events::resource_id.one_of(texts))
        .filter(audit_events::actor_id.assume_not_null().eq(person))
        .select(audit_events::resource_id)
        .distinct();
    let found: Vec<String> = events.load(rx.db)?;
    Ok(found.iter().filter_map(|id| id.parse().ok()).collect())
}
