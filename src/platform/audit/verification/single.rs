//! Single rows against their events, for whoever proves one thing and not a whole trail: each row is what its newest event says
//! and holds only values that the program writes, and none of its events was changed. Whether events were taken out of their chain, only the verification of the chain tells.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::verified::VerifiedType;
use super::{ChainVerdict, PAGE, Progress, RowFault, Wanted, chains, rows};
use crate::platform::audit::erasure::ERASED;
use crate::platform::audit::proven::Proven;
use crate::platform::audit::store::{AuditRow, GENESIS};
use crate::platform::audit::unreadable::is_of_values;
use crate::platform::db::intact;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::schema::{audit_events, status_changes};
use crate::platform::db::texts;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

/// The faults of these rows, by their types. Run it in one [`snapshot`](Rx::snapshot).
pub fn faults_of(rx: &mut Rx<'_>, asked: &[(&VerifiedType, BTreeSet<Id>)]) -> Result<Vec<RowFault>, Problem> {
    let (proven, progress) = (Proven::default(), Progress::new(&|_, _| ()));
    let wanted = Wanted { is_asked: &|_| true, proven: &proven, from: None, types: &[], progress: &progress };
    // Nobody knows the chain of a row that cannot be read. This one is told.
    let mut verdicts = BTreeMap::from([(String::new(), ChainVerdict::of("", GENESIS))]);
    let mut found = Vec::new();
    for (of, ids) in asked {
        let ids: Vec<Id> = ids.iter().copied().collect();
        for these in ids.chunks(usize::try_from(PAGE).unwrap_or(usize::MAX)) {
            rows::verify_these(rx, &wanted, of, these, &mut verdicts)?;
            found.extend(changed_events(rx, of, these)?);
            let values = intact::values_of(rx.db, of.rows.table, these)?;
            found.extend(
                values.into_iter().map(|(id, column)| {
                    rows::fault(of.audited.code, &id.to_string(), "changed", Some(&column))
                }),
            );
        }
    }
    found.extend(verdicts.into_values().flat_map(|verdict| verdict.row_faults));
    Ok(found)
}

/// The events of these rows that are not what their hashes say. Erased values are no fault when an erasure names the event.
fn changed_events(rx: &mut Rx<'_>, of: &VerifiedType, ids: &[Id]) -> Result<Vec<RowFault>, Problem> {
    let resource_type = of.audited.code;
    let events = audit_events::table
        .filter(audit_events::resource_id.one_of(ids.iter().map(ToString::to_string)))
        .filter(audit_events::resource_type.eq(resource_type))
        .select(AuditRow::as_select())
        .load(rx.db)
        .map_err(Problem::from);
    let events: Vec<AuditRow> = match events {
        Err(fault) if is_of_values(&fault) => {
            return Ok(vec![rows::fault(resource_type, "?", "unreadable", None)]);
        }
        events => events?,
    };
    let empty: BTreeSet<String> =
        events.iter().filter(|event| event.salt.is_none()).map(|event| event.id.to_string()).collect();
    let erased: BTreeSet<String> = match empty.is_empty() {
        true => BTreeSet::new(),
        false => audit_events::table
            .filter(audit_events::resource_id.one_of(empty.iter().cloned()))
            .filter(audit_events::action.eq(ERASED))
            .select(audit_events::resource_id)
            .load::<String>(rx.db)?
            .into_iter()
            .collect(),
    };
    let mut found = in_other_forms(rx, of, ids, &events)?;
    found.extend(with_gaps(resource_type, &events));
    let fault_of = |event: &AuditRow| {
        let is_gone = event.salt.is_none() && !erased.contains(&event.id.to_string());
        // Whether it continues the event before it is a question about the chain.
        let fault = chains::fault_of(event, &event.previous_hash).or(is_gone.then_some("values"))?;
        Some(rows::fault(resource_type, &event.resource_id, fault, None))
    };
    found.extend(events.iter().filter_map(fault_of));
    Ok(found)
}

/// Events and changes of state that the database keeps as values of another type, though they read as the same.
fn in_other_forms(
    rx: &mut Rx<'_>,
    of: &VerifiedType,
    ids: &[Id],
    events: &[AuditRow],
) -> Result<Vec<RowFault>, Problem> {
    let resource_type = of.audited.code;
    let events: BTreeMap<Id, &str> =
        events.iter().map(|event| (event.id, event.resource_id.as_str())).collect();
    let of_events = intact::values_of(rx.db, "audit_events", &events.keys().copied().collect::<Vec<_>>())?;
    let steps: Vec<(Id, Id)> = status_changes::table
        .filter(status_changes::resource_type.eq(resource_type))
        .filter(status_changes::resource_id.one_of(ids.iter().copied()))
        .select((status_changes::id, status_changes::resource_id))
        .load(rx.db)?;
    let steps: BTreeMap<Id, String> = steps.into_iter().map(|(id, of)| (id, of.to_string())).collect();
    let of_steps = intact::values_of(rx.db, "status_changes", &steps.keys().copied().collect::<Vec<_>>())?;
    let of_event = |(id, column): &(Id, String)| {
        let resource = events.get(id).copied().unwrap_or("?");
        rows::fault(resource_type, resource, "events", Some(column))
    };
    let of_step = |(id, column): &(Id, String)| {
        let resource = steps.get(id).map_or("?", String::as_str);
        rows::fault(resource_type, resource, "history", Some(column))
    };
    Ok(of_events.iter().map(of_event).chain(of_steps.iter().map(of_step)).collect())
}

/// The resources of which an event is missing between the first and the newest: each change raises the version by one, from 1.
/// An event whose values were erased may be any of them.
fn with_gaps(resource_type: &str, events: &[AuditRow]) -> Vec<RowFault> {
    let mut versions: BTreeMap<&str, (BTreeSet<i64>, usize)> = BTreeMap::new();
    for event in events {
        let (told, erased) = versions.entry(&event.resource_id).or_default();
        let after = event.after_values.as_deref().and_then(|after| serde_json::from_str::<Value>(after).ok());
        told.extend(after.and_then(|after| after.get("version")?.as_i64()));
        *erased += usize::from(event.salt.is_none());
    }
    let has_gap = |(told, erased): &(BTreeSet<i64>, usize)| {
        let all = told.last().map_or(0, |newest| usize::try_from(*newest).unwrap_or(usize::MAX));
        told.len() + erased < all
    };
    let with_gap = versions.iter().filter(|(_, of)| has_gap(of));
    with_gap.map(|(resource, _)| rows::fault(resource_type, resource, "events", None)).collect()
}

/// A column of JSON text with the name that its value has in events, and what the program would write there.
pub struct Written {
    /// The column.
    pub column: &'static str,
    /// The member in the events.
    pub member: &'static str,
    /// The value of the row as the program writes it.
    pub text: Option<String>,
}

impl Written {
    /// A value of a row; nothing is written of none.
    pub fn of(column: &'static str, member: &'static str, value: &impl Serialize) -> Result<Self, Problem> {
        let text = serde_json::to_string(value).map_err(Problem::internal)?;
        Ok(Self { column, member, text: Some(text).filter(|text| text != "null") })
    }
}

/// The columns of a row whose text is not the one that the program wrote, though it may say the same: spaces, another order of
/// members, members that the program does not know.
pub fn rewritten(
    rx: &mut Rx<'_>,
    of: &VerifiedType,
    id: Id,
    row: &[Written],
) -> Result<Vec<RowFault>, Problem> {
    let (resource_type, table) = (of.audited.code, of.rows.table);
    // Told already, and no text that could be read.
    if !intact::values_of(rx.db, table, &[id])?.is_empty() {
        return Ok(Vec::new());
    }
    let columns: Vec<String> = row.iter().map(|written| written.column.to_owned()).collect();
    let stored = texts::of(rx.db, table, &columns, id)?;
    if stored.iter().zip(row).all(|(stored, written)| *stored == written.text) {
        return Ok(Vec::new());
    }
    let told = newest_values(rx, resource_type, id)?.unwrap_or_default();
    let is_other = |(stored, written): &(&Option<String>, &Written)| {
        !is_as_written(stored.as_deref(), written.text.as_deref(), told.get(written.member))
    };
    let others = stored.iter().zip(row).filter(is_other);
    let fault =
        |written: &Written| rows::fault(resource_type, &id.to_string(), "changed", Some(written.member));
    Ok(others.map(|(_, written)| fault(written)).collect())
}

/// Whether a text is what the program writes now, or what an earlier version wrote, whose types had fewer members: then it is
/// another value, without a character that says nothing, and the trail tells the same.
fn is_as_written(stored: Option<&str>, written: Option<&str>, told: Option<&Value>) -> bool {
    if stored == written {
        return true;
    }
    let (Some(stored), Some(written)) = (stored, written) else { return false };
    let Ok(value) = serde_json::from_str::<Value>(stored) else { return false };
    let is_dense = serde_json::to_string(&value).is_ok_and(|dense| dense.len() == stored.len());
    is_dense && serde_json::from_str::<Value>(written).is_ok_and(|now| now != value) && told == Some(&value)
}

/// What the newest event of a row says of it, if it was not erased.
fn newest_values(rx: &mut Rx<'_>, resource_type: &str, id: Id) -> Result<Option<Value>, Problem> {
    let newest: Option<Option<String>> = audit_events::table
        .filter(audit_events::resource_id.eq(id.to_string()))
        .filter(audit_events::resource_type.eq(resource_type))
        .order(audit_events::sequence.desc())
        .select(audit_events::after_values)
        .first(rx.db)
        .optional()?;
    Ok(newest.flatten().and_then(|after| serde_json::from_str(&after).ok()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_the_program_wrote_is_as_written() {
        let now = Some(r#"{"b":1,"a":null}"#);
        let told = json!({"a": null, "b": 1});
        assert!(is_as_written(now, now, Some(&told)) && is_as_written(None, None, None));
        for entered in
            [r#"{"a":null,"b":1}"#, r#"{"b":1, "a":null}"#, r#"{"b":1}"#, r#"{"b":1,"a":null,"c":2}"#, "{"]
        {
            assert!(!is_as_written(Some(entered), now, Some(&told)), "{entered}");
        }
        // As an earlier version wrote it, of which the trail tells.
        assert!(is_as_written(Some(r#"{"b":1}"#), now, Some(&json!({"b": 1}))));
        assert!(!is_as_written(Some(r#"{"b":1 }"#), now, Some(&json!({"b": 1}))));
        assert!(!is_as_written(None, now, None) && !is_as_written(now, None, None));
    }
}
