//! Verifies the trail: every row belongs to a chain that has a head, has its sequence number, the right hashes and the keys
//! of its chain, the head is the last event, and no chain is shorter than the newest checkpoint says. Run it in one
//! [`snapshot`](Rx::snapshot).

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::Chain;
use super::checkpoints::{Checkpoint, Head};
use super::erasure::ERASED;
use super::store::{AuditRow, GENESIS, event_hash, values_hash};
use crate::platform::db::schema::{audit_chains, audit_events};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

pub use super::store::{AuditRow as StoredEvent, NEWEST_FORMULA};

/// The result of verifying one chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChainVerdict {
    /// The name of the chain.
    pub chain: String,
    /// The number of events that were checked.
    pub events: i64,
    /// Whether the chain is unchanged since it was written.
    pub is_intact: bool,
    /// The sequence number of the first event with a fault.
    pub first_fault: Option<i64>,
    /// The fault: `sequence` (a gap, or an event too many), `previousHash`, `formula` (the version of the hash is not
    /// known), `hash`, `keys` (programme or kommun are not those of the chain), `values` (they were changed, or are missing
    /// and no erasure names the event), `head`, or `checkpoint` (the chain differs from the newest signed checkpoint, or
    /// the signature of that checkpoint is not valid).
    pub fault: Option<String>,
    /// The hash of the last event. Store it outside the system to detect later whether the last events were deleted.
    pub head_hash: String,
}

/// How many events are read at a time.
const PAGE: i64 = 1000;

/// Verifies the chains that are asked for by their names. A chain is known by its head, by an event or by the checkpoint: one
/// that was deleted is verified as an empty one, and events without a head are events too many.
pub fn verify(
    rx: &mut Rx<'_>,
    is_asked: impl Fn(&str) -> bool,
    checkpoint: Option<&Checkpoint>,
) -> Result<Vec<ChainVerdict>, Problem> {
    let heads = audit_chains::table
        .select((audit_chains::name, audit_chains::head_sequence, audit_chains::head_hash))
        .load::<(String, i64, String)>(rx.db)?;
    let heads = heads.into_iter().map(|(name, sequence, hash)| (name, Head { sequence, hash }));
    let mut heads: BTreeMap<String, Head> = heads.collect();
    let kept = checkpoint.and_then(|checkpoint| checkpoint.heads.as_ref());
    let with_events: Vec<String> = audit_events::table.select(audit_events::chain).distinct().load(rx.db)?;
    for name in kept.into_iter().flat_map(BTreeMap::keys).chain(&with_events) {
        heads.entry(name.clone()).or_insert_with(|| Head { sequence: 0, hash: GENESIS.to_owned() });
    }
    let is_forged = checkpoint.is_some_and(|checkpoint| checkpoint.heads.is_none());
    let mut verdicts = Vec::with_capacity(heads.len());
    for (name, head) in heads.into_iter().filter(|(name, _)| is_asked(name)) {
        let verdict = verify_chain(rx, &name, &head, kept.and_then(|kept| kept.get(&name)))?;
        let events = verdict.events;
        let is_unproven = is_forged && verdict.is_intact;
        verdicts.push(if is_unproven { broken(verdict, "checkpoint", events) } else { verdict });
    }
    Ok(verdicts)
}

fn verify_chain(
    rx: &mut Rx<'_>,
    chain: &str,
    head: &Head,
    kept: Option<&Head>,
) -> Result<ChainVerdict, Problem> {
    let mut verdict = ChainVerdict {
        chain: chain.to_owned(),
        events: 0,
        is_intact: true,
        first_fault: None,
        fault: None,
        head_hash: head.hash.clone(),
    };
    let mut previous = GENESIS.to_owned();
    let mut last_read = i64::MIN;
    // The events without values, by their place, and the events that an erasure names.
    let (mut empty, mut erased) = (BTreeMap::<i64, Id>::new(), BTreeSet::<String>::new());
    loop {
        let page: Vec<AuditRow> = audit_events::table
            .filter(audit_events::chain.eq(chain))
            .filter(audit_events::sequence.gt(last_read))
            .order(audit_events::sequence)
            .limit(PAGE)
            .select(AuditRow::as_select())
            .load(rx.db)?;
        if page.is_empty() {
            break;
        }
        for row in page {
            last_read = row.sequence;
            if row.sequence != verdict.events + 1 || row.sequence > head.sequence {
                return Ok(broken(verdict, "sequence", row.sequence));
            }
            verdict.events += 1;
            if let Some(fault) = fault_of(&row, &previous) {
                return Ok(broken(verdict, fault, row.sequence));
            }
            if kept.is_some_and(|kept| kept.sequence == row.sequence && kept.hash != row.hash) {
                return Ok(broken(verdict, "checkpoint", row.sequence));
            }
            if row.salt.is_none() {
                empty.insert(row.sequence, row.id);
            }
            if row.action == ERASED {
                erased.insert(row.resource_id);
            }
            previous = row.hash;
        }
    }
    if let Some((at, _)) = empty.into_iter().find(|(_, id)| !erased.contains(&id.to_string())) {
        return Ok(broken(verdict, "values", at));
    }
    if verdict.events != head.sequence || previous != head.hash {
        let at = verdict.events;
        return Ok(broken(verdict, "head", at));
    }
    if kept.is_some_and(|kept| verdict.events < kept.sequence) {
        let first_missing = verdict.events + 1;
        return Ok(broken(verdict, "checkpoint", first_missing));
    }
    Ok(verdict)
}

fn fault_of(row: &AuditRow, previous: &str) -> Option<&'static str> {
    if row.previous_hash != previous {
        return Some("previousHash");
    }
    let Some(hash) = event_hash(row) else { return Some("formula") };
    if row.hash != hash {
        return Some("hash");
    }
    // The first formula does not cover the keys.
    if Chain::by_keys(row.programme_id, row.kommunkod.as_deref()).is_none_or(|of| of.name() != row.chain) {
        return Some("keys");
    }
    let values = (row.before_values.as_deref(), row.after_values.as_deref());
    match &row.salt {
        Some(salt) if row.values_hash != values_hash(salt, values.0, values.1) => Some("values"),
        // The salt is erased together with the values.
        None if values != (None, None) => Some("values"),
        _ => None,
    }
}

fn broken(verdict: ChainVerdict, fault: &str, sequence: i64) -> ChainVerdict {
    ChainVerdict { is_intact: false, first_fault: Some(sequence), fault: Some(fault.to_owned()), ..verdict }
}
