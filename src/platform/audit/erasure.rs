//! Erasure of the values of an event (guide §6). The event stays with its hashes, and an erasure, which is itself an event in
//! the same chain, names it: verification accepts missing values only then, and the database refuses any other change of
//! an event.

use diesel::prelude::*;

use super::{Chain, Event};
use crate::platform::db::Db;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::schema::audit_events;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

/// The action of an event that names an erased one.
pub const ERASED: &str = "auditEvent.erased";

/// The type of an event in the trail.
const TYPE: &str = "auditEvent";

/// Erases values and salt of an event. That happens at the end of the transaction, when the event that names it is stored.
/// 404 when there is no such event.
pub fn erase(tx: &mut Tx<'_>, id: Id) -> Result<(), Problem> {
    let keys = audit_events::table.find(id).select((audit_events::programme_id, audit_events::kommunkod));
    let keys: Option<(Option<Id>, Option<String>)> = keys.kept().get_result(tx.db).optional()?;
    let (programme_id, kommunkod) = keys.ok_or_else(Problem::not_found)?;
    let chain = Chain::by_keys(programme_id, kommunkod.as_deref());
    tx.events.push(Event {
        chain: chain.ok_or_else(|| Problem::internal("an event without a chain"))?,
        action: ERASED.to_owned(),
        resource_type: TYPE,
        resource_id: id.to_string(),
        role: None,
        before: None,
        after: None,
        reserved_for: None,
    });
    tx.erasures.push(id);
    Ok(())
}

/// Erases what the events that are stored now name.
pub(crate) fn run(db: &mut Db, ids: &[Id]) -> Result<(), Problem> {
    if ids.is_empty() {
        return Ok(());
    }
    let empty = (
        audit_events::before_values.eq(None::<String>),
        audit_events::after_values.eq(None::<String>),
        audit_events::salt.eq(None::<String>),
    );
    let named = audit_events::table.filter(audit_events::id.one_of(ids.iter().copied()));
    diesel::update(named).set(empty).kept().execute(db)?;
    Ok(())
}
