//! Single rows against their events, for whoever proves one thing and not a whole trail: each row is what its newest event says,
//! and none of its events was changed. Whether events were taken out of their chain, only the verification of the chain tells.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::verified::VerifiedType;
use super::{ChainVerdict, PAGE, Progress, RowFault, Wanted, chains, rows};
use crate::platform::audit::erasure::ERASED;
use crate::platform::audit::proven::Proven;
use crate::platform::audit::store::{AuditRow, GENESIS};
use crate::platform::audit::unreadable::is_of_values;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::schema::audit_events;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

/// The faults of these rows, by their types. Run it in one [`snapshot`](Rx::snapshot).
pub fn faults_of(rx: &mut Rx<'_>, asked: &[(&VerifiedType, BTreeSet<Id>)]) -> Result<Vec<RowFault>, Problem> {
    let (proven, progress) = (Proven::default(), Progress::new(&|_, _| ()));
    let wanted = Wanted { is_asked: &|_| true, proven: &proven, from: None, types: &[], progress: &progress };
    // Nobody knows the chain of a row that cannot be read. This one is told.
    let mut verdicts = BTreeMap::from([(String::new(), ChainVerdict::of("", GENESIS))]);
    let mut of_events = Vec::new();
    for (of, ids) in asked {
        let ids: Vec<Id> = ids.iter().copied().collect();
        for these in ids.chunks(usize::try_from(PAGE).unwrap_or(usize::MAX)) {
            rows::verify_these(rx, &wanted, of, these, &mut verdicts)?;
            of_events.extend(changed_events(rx, of, these)?);
        }
    }
    let mut found: Vec<RowFault> = verdicts.into_values().flat_map(|verdict| verdict.row_faults).collect();
    found.extend(of_events);
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
    let fault_of = |event: &AuditRow| {
        let is_gone = event.salt.is_none() && !erased.contains(&event.id.to_string());
        // Whether it continues the event before it is a question about the chain.
        let fault = chains::fault_of(event, &event.previous_hash).or(is_gone.then_some("values"))?;
        Some(rows::fault(resource_type, &event.resource_id, fault, None))
    };
    Ok(events.iter().filter_map(fault_of).collect())
}
