//! Verifies the trail, and with it the data. Every event belongs to a chain that has a head, has its sequence number, the right
//! hashes and the keys of its chain; the head is the last event; no chain is shorter than a checkpoint says. Every audited
//! row is what its newest event says, its history of states is that of its events, and its signatures cover it. Run it in
//! one [`snapshot`](Rx::snapshot).

mod chains;
mod rows;
pub mod runs;
pub mod single;
pub mod verified;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::checkpoints::{Head, KeptCheckpoint};
use super::proven::Proven;
use super::store::GENESIS;
use crate::platform::audit::unreadable::is_of_values;
use crate::platform::db::schema::{audit_chains, audit_events};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

use verified::VerifiedType;

pub use super::store::{AuditRow as StoredEvent, NEWEST_FORMULA, event_hash};

/// The result of verifying one chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChainVerdict {
    /// The name of the chain.
    pub chain: String,
    /// The number of its events, with those of an earlier verification that this one continues.
    pub events: i64,
    /// The number of its last events that no checkpoint covers yet.
    pub uncovered: i64,
    /// The number of its events whose values were erased, of those that were read: of them, the values cannot be verified, nor a
    /// row whose newest event is one of them.
    pub erased: i64,
    /// The number of rows that were compared with their events.
    pub rows: i64,
    /// Whether the chain is unchanged since it was written, and its rows are what it says.
    pub is_intact: bool,
    /// The sequence number of the first event with a fault; absent when the fault is one of the rows.
    pub first_fault: Option<i64>,
    /// The fault: `sequence` (a gap, or an event too many), `previousHash`, `formula` (the version of the hash is not
    /// known), `hash`, `keys` (programme or kommun are not those of the chain), `values` (they were changed, or are missing
    /// and no erasure names the event), `head`, `checkpoint` (the chain differs from a signed checkpoint), `uncovered`
    /// (no checkpoint covers an event though another event is more than a day younger), `unreadable` (an event from this one on
    /// has a value that the program would not write), or `rows` (see `rowFaults`).
    pub fault: Option<String>,
    /// The first rows that are not what their events say, at most 100.
    pub row_faults: Vec<RowFault>,
    /// The hash of the last event. Store it outside the system to detect later whether the last events were deleted.
    pub head_hash: String,
}

/// A row that is not what its events say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RowFault {
    /// The type of the row: `timeEntry`.
    pub resource_type: String,
    /// Its id.
    pub resource_id: String,
    /// The fault: `changed` (a member is not what the newest event says), `missing` (the row is gone), `unknown` (no event
    /// tells of it, or the last one tells that it was deleted), `chain` (an event in another chain tells of it), `history` (its changes of state are not those of its events), `events` (one of its events is missing, or is stored in another form; told only where single rows are verified),
    /// `unreadable` (a value is none that
    /// the program would write), `content` (the hash that was signed is not that of its content), or `signature` (one does not cover that content).
    pub fault: String,
    /// The first member that was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub member: Option<String>,
}

/// The most faults of rows that a verdict lists.
const MOST_FAULTS: usize = 100;

/// How many events or rows are read at a time.
const PAGE: i64 = 500;

/// What is verified.
pub struct Wanted<'a> {
    /// The chains, by their names.
    pub is_asked: &'a dyn Fn(&str) -> bool,
    /// What the checkpoints prove.
    pub proven: &'a Proven,
    /// The checkpoint up to which an earlier verification found everything intact: only later events are read, and the rows
    /// that they name. None for a full verification.
    pub from: Option<&'a KeptCheckpoint>,
    /// The types of rows.
    pub types: &'a [&'static VerifiedType],
    /// How far it is.
    pub progress: &'a Progress<'a>,
}

/// How far a verification is: events and rows that were read, of all that it will read.
pub struct Progress<'a> {
    done: Cell<i64>,
    total: Cell<i64>,
    tell: &'a dyn Fn(i64, i64),
}

impl<'a> Progress<'a> {
    /// Begins with nothing done. `tell` gets done and total, often.
    pub fn new(tell: &'a dyn Fn(i64, i64)) -> Self {
        Self { done: Cell::new(0), total: Cell::new(0), tell }
    }

    fn expect(&self, more: i64) {
        self.total.set(self.total.get() + more);
    }

    fn read(&self, count: usize) {
        self.done.set(self.done.get() + i64::try_from(count).unwrap_or(i64::MAX));
        (self.tell)(self.done.get(), self.total.get().max(self.done.get()));
    }
}

/// The resources that events name, by type.
type Named = BTreeMap<String, BTreeSet<String>>;

/// The verdicts, in the order of the chains' names. A chain is known by its head, by an event or by a checkpoint: one that was
/// deleted is verified as an empty one, and events without a head are events too many.
pub fn verify(rx: &mut Rx<'_>, wanted: &Wanted<'_>) -> Result<Vec<ChainVerdict>, Problem> {
    let heads = audit_chains::table
        .select((audit_chains::name, audit_chains::head_sequence, audit_chains::head_hash))
        .load::<(String, i64, String)>(rx.db)?;
    let heads = heads.into_iter().map(|(name, sequence, hash)| (name, Head { sequence, hash }));
    let mut heads: BTreeMap<String, Head> = heads.collect();
    let with_events: Vec<String> = audit_events::table.select(audit_events::chain).distinct().load(rx.db)?;
    for name in wanted.proven.hashes.keys().chain(&with_events) {
        heads.entry(name.clone()).or_insert_with(|| Head { sequence: 0, hash: GENESIS.to_owned() });
    }
    heads.retain(|name, _| (wanted.is_asked)(name));
    let starts =
        heads.iter().map(|(name, head)| head.sequence - wanted.start_of(name).map_or(0, |at| at.sequence));
    wanted.progress.expect(starts.map(|count| count.max(0)).sum());
    if wanted.from.is_none() {
        rows::expect_all(rx, wanted)?;
    }
    let times = audit_events::table.select(audit_events::at).order(audit_events::at.desc());
    // One that cannot be read is a fault of its chain.
    let newest = match times.first(rx.db).optional().map_err(Problem::from) {
        Err(fault) if is_of_values(&fault) => None,
        newest => newest?,
    };
    let mut named = Named::new();
    let mut verdicts = BTreeMap::new();
    for (name, head) in &heads {
        let verdict = chains::verify_chain(rx, wanted, (name, head), newest, &mut named)?;
        verdicts.insert(name.clone(), verdict);
    }
    rows::verify_rows(rx, wanted, named, &mut verdicts)?;
    Ok(verdicts.into_values().collect())
}

impl Wanted<'_> {
    /// The event from which the verification of a chain continues.
    fn start_of(&self, chain: &str) -> Option<&Head> {
        self.from.and_then(|from| from.heads.get(chain))
    }
}

impl ChainVerdict {
    fn of(chain: &str, head_hash: &str) -> Self {
        Self {
            chain: chain.to_owned(),
            events: 0,
            uncovered: 0,
            erased: 0,
            rows: 0,
            is_intact: true,
            first_fault: None,
            fault: None,
            row_faults: Vec::new(),
            head_hash: head_hash.to_owned(),
        }
    }

    fn broken(self, fault: &str, sequence: i64) -> Self {
        Self { is_intact: false, first_fault: Some(sequence), fault: Some(fault.to_owned()), ..self }
    }

    fn add_row_fault(&mut self, fault: RowFault) {
        self.is_intact = false;
        self.fault.get_or_insert_with(|| "rows".to_owned());
        if self.row_faults.len() < MOST_FAULTS {
            self.row_faults.push(fault);
        }
    }
}
