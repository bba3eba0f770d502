//! Who has written a row, and in which order, as the trail keeps it.

use diesel::prelude::*;

use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::schema::audit_events;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

/// What the person has done to these rows, ever or since a moment: the row and the action, `timeEntry.created`.
pub fn written_by(
    rx: &mut Rx<'_>,
    person: Id,
    rows: Vec<Id>,
    since: Option<Instant>,
) -> Result<Vec<(Id, String)>, Problem> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let texts: Vec<String> = rows.iter().map(Id::to_string).collect();
    let mut events = audit_events::table
        .filter(audit_events::resource_id.one_of(texts))
        .filter(audit_events::actor_id.assume_not_null().eq(person))
        .select((audit_events::resource_id, audit_events::action))
        .distinct()
        .into_boxed();
    if let Some(since) = since {
        events = events.filter(audit_events::at.ge(since));
    }
    let found: Vec<(String, String)> = events.load(rx.db)?;
    Ok(found.into_iter().filter_map(|(id, action)| Some((id.parse().ok()?, action))).collect())
}

/// What happened to these rows, in the order of their chain: the row, the action, and the place of its event. Its order holds
/// also for what happened in the same instant.
pub fn order_of(rx: &mut Rx<'_>, rows: &[Id], actions: &[&str]) -> Result<Vec<(Id, String, i64)>, Problem> {
    let events = audit_events::table
        .filter(audit_events::resource_id.one_of(rows.iter().map(Id::to_string)))
        .filter(audit_events::action.one_of(actions.iter().map(|action| (*action).to_owned())))
        .order(audit_events::sequence)
        .select((audit_events::resource_id, audit_events::action, audit_events::sequence));
    let found: Vec<(String, String, i64)> = events.load(rx.db)?;
    let known = found.into_iter().filter_map(|(id, action, place)| Some((id.parse().ok()?, action, place)));
    Ok(known.collect())
}
