//! Verifies the chains: every event has its sequence number and the right hashes, the head is the last event, and no
//! chain is shorter than the newest checkpoint says.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::checkpoints::{Checkpoint, Head};
use super::store::{AuditRow, GENESIS, event_hash, values_hash};
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::schema::{audit_chains, audit_events};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

pub use super::store::AuditRow as StoredEvent;

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
    /// The fault: `sequence`, `previousHash`, `hash`, `values`, `head` or `checkpoint` (the chain differs from the
    /// newest signed checkpoint, or the signature of that checkpoint is not valid).
    pub fault: Option<String>,
    /// The hash of the last event. Store it outside the system to detect later whether the last events were deleted.
    pub head_hash: String,
}

/// How many events are read at a time.
const PAGE: i64 = 1000;

/// Verifies the chains with these names, or all chains. The caller must read the checkpoint first: events that are
/// appended afterwards only make the chains longer.
pub fn verify(
    rx: &mut Rx<'_>,
    names: Option<&[String]>,
    checkpoint: Option<&Checkpoint>,
) -> Result<Vec<ChainVerdict>, Problem> {
    let mut heads = audit_chains::table
        .select((audit_chains::name, audit_chains::head_sequence, audit_chains::head_hash))
        .order(audit_chains::name)
        .into_boxed();
    if let Some(names) = names {
        heads = heads.filter(audit_chains::name.one_of(names));
    }
    let mut heads: BTreeMap<String, (i64, String)> = heads
        .load::<(String, i64, String)>(rx.db)?
        .into_iter()
        .map(|(name, sequence, hash)| (name, (sequence, hash)))
        .collect();
    let kept = checkpoint.and_then(|checkpoint| checkpoint.heads.as_ref());
    for name in kept.into_iter().flat_map(BTreeMap::keys) {
        // A deleted chain is verified as an empty one.
        if names.is_none_or(|names| names.contains(name)) {
            heads.entry(name.clone()).or_insert_with(|| (0, GENESIS.to_owned()));
        }
    }
    let is_forged = checkpoint.is_some_and(|checkpoint| checkpoint.heads.is_none());
    let mut verdicts = Vec::with_capacity(heads.len());
    for (name, (sequence, hash)) in heads {
        let verdict = verify_chain(rx, &name, sequence, &hash, kept.and_then(|kept| kept.get(&name)))?;
        let events = verdict.events;
        let is_unproven = is_forged && verdict.is_intact;
        verdicts.push(if is_unproven { broken(verdict, "checkpoint", events) } else { verdict });
    }
    Ok(verdicts)
}

fn verify_chain(
    rx: &mut Rx<'_>,
    chain: &str,
    head_sequence: i64,
    head_hash: &str,
    kept: Option<&Head>,
) -> Result<ChainVerdict, Problem> {
    let mut verdict = ChainVerdict {
        chain: chain.to_owned(),
        events: 0,
        is_intact: true,
        first_fault: None,
        fault: None,
        head_hash: head_hash.to_owned(),
    };
    let mut previous = GENESIS.to_owned();
    loop {
        let page: Vec<AuditRow> = audit_events::table
            .filter(audit_events::chain.eq(chain))
            .filter(audit_events::sequence.gt(verdict.events))
            // Later events belong to transactions that committed after the head was read.
            .filter(audit_events::sequence.le(head_sequence))
            .order(audit_events::sequence)
            .limit(PAGE)
            .select(AuditRow::as_select())
            .load(rx.db)?;
        if page.is_empty() {
            break;
        }
        for row in page {
            verdict.events += 1;
            if let Some(fault) = fault_of(&row, verdict.events, &previous) {
                return Ok(broken(verdict, fault, row.sequence));
            }
            if kept.is_some_and(|kept| kept.sequence == row.sequence && kept.hash != row.hash) {
                return Ok(broken(verdict, "checkpoint", row.sequence));
            }
            previous = row.hash;
        }
    }
    if verdict.events != head_sequence || previous != head_hash {
        let at = verdict.events;
        return Ok(broken(verdict, "head", at));
    }
    if kept.is_some_and(|kept| verdict.events < kept.sequence) {
        let first_missing = verdict.events + 1;
        return Ok(broken(verdict, "checkpoint", first_missing));
    }
    Ok(verdict)
}

fn fault_of(row: &AuditRow, expected_sequence: i64, previous: &str) -> Option<&'static str> {
    if row.sequence != expected_sequence {
        return Some("sequence");
    }
    if row.previous_hash != previous {
        return Some("previousHash");
    }
    if row.hash != event_hash(row) {
        return Some("hash");
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
