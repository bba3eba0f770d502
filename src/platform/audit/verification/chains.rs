//! One chain of events: sequence, hashes, keys, values, head, checkpoints.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{count_star, max, min};
use diesel::prelude::*;

use super::{ChainVerdict, Named, PAGE, Wanted};
use crate::platform::audit::Chain;
use crate::platform::audit::checkpoints::Head;
use crate::platform::audit::erasure::ERASED;
use crate::platform::audit::store::{AuditRow, GENESIS, event_hash, values_hash};
use crate::platform::audit::unreadable::is_of_values;
use crate::platform::db::schema::audit_events;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

/// Verifies a chain and notes the resources that its events name. `newest` is the time of the newest event of all.
pub(super) fn verify_chain(
    rx: &mut Rx<'_>,
    wanted: &Wanted<'_>,
    (chain, head): (&str, &Head),
    newest: Option<Instant>,
    named: &mut Named,
) -> Result<ChainVerdict, Problem> {
    let mut state = State::begin(rx, wanted, chain, head)?;
    if state.verdict.is_intact {
        loop {
            let page = audit_events::table
                .filter(audit_events::chain.eq(chain))
                .filter(audit_events::sequence.gt(state.last_read))
                .order(audit_events::sequence)
                .limit(PAGE)
                .select(AuditRow::as_select())
                .load(rx.db)
                .map_err(Problem::from);
            let page: Vec<AuditRow> = match page {
                // One event of a page must not keep the other chains from being verified.
                Err(fault) if is_of_values(&fault) => {
                    let at = state.verdict.events + 1;
                    return Ok(state.verdict.broken("unreadable", at));
                }
                page => page?,
            };
            if page.is_empty() {
                break;
            }
            wanted.progress.read(page.len());
            for row in page {
                named.entry(row.resource_type.clone()).or_default().insert(row.resource_id.clone());
                if let Some(fault) = state.take(row) {
                    let at = state.last_read;
                    return Ok(state.verdict.broken(fault, at));
                }
            }
        }
    }
    Ok(state.end(newest))
}

struct State<'a> {
    verdict: ChainVerdict,
    head: &'a Head,
    /// The hashes that checkpoints hold of this chain.
    kept: Option<&'a BTreeMap<i64, String>>,
    /// Up to where the newest checkpoint covers the chain.
    covered: i64,
    last_read: i64,
    previous: String,
    /// The events without values, by their place, and the events that an erasure names.
    empty: BTreeMap<i64, Id>,
    erased: BTreeSet<String>,
    /// The oldest event that is not covered: the first one, unless somebody chose its time.
    oldest_uncovered: Option<(Instant, i64)>,
}

impl<'a> State<'a> {
    fn begin(rx: &mut Rx<'_>, wanted: &Wanted<'a>, chain: &str, head: &'a Head) -> Result<Self, Problem> {
        let covering = wanted.proven.newest.as_ref().and_then(|newest| newest.heads.get(chain));
        let mut state = Self {
            verdict: ChainVerdict::of(chain, &head.hash),
            head,
            kept: wanted.proven.hashes.get(chain),
            covered: covering.map_or(0, |head| head.sequence),
            last_read: i64::MIN,
            previous: GENESIS.to_owned(),
            empty: BTreeMap::new(),
            erased: BTreeSet::new(),
            oldest_uncovered: None,
        };
        let Some(start) = wanted.start_of(chain) else { return Ok(state) };
        // What was verified before is not read again, but nothing may have been added to it or taken from it.
        let earlier = audit_events::table
            .filter(audit_events::chain.eq(chain))
            .filter(audit_events::sequence.le(start.sequence));
        let (count, first, last): (i64, Option<i64>, Option<i64>) = earlier
            .select((count_star(), min(audit_events::sequence), max(audit_events::sequence)))
            .first(rx.db)?;
        let at_start = earlier.filter(audit_events::sequence.eq(start.sequence));
        let hash: Option<String> = at_start.select(audit_events::hash).first(rx.db).optional()?;
        state.verdict.events = count;
        state.last_read = start.sequence;
        state.previous.clone_from(&start.hash);
        if (count, first, last) != (start.sequence, Some(1), Some(start.sequence)) {
            state.verdict = state.verdict.broken("sequence", last.unwrap_or_default());
        } else if hash.as_ref() != Some(&start.hash) {
            state.verdict = state.verdict.broken("checkpoint", start.sequence);
        }
        Ok(state)
    }

    /// Takes the next event. Returns its fault.
    fn take(&mut self, row: AuditRow) -> Option<&'static str> {
        self.last_read = row.sequence;
        if row.sequence != self.verdict.events + 1 || row.sequence > self.head.sequence {
            return Some("sequence");
        }
        self.verdict.events += 1;
        if let Some(fault) = fault_of(&row, &self.previous) {
            return Some(fault);
        }
        let kept = self.kept.and_then(|kept| kept.get(&row.sequence));
        if kept.is_some_and(|hash| *hash != row.hash) {
            return Some("checkpoint");
        }
        if row.salt.is_none() {
            self.verdict.erased += 1;
            self.empty.insert(row.sequence, row.id);
        }
        if row.action == ERASED {
            self.erased.insert(row.resource_id);
        }
        if row.sequence > self.covered {
            self.verdict.uncovered += 1;
            let this = (row.at, row.sequence);
            self.oldest_uncovered = Some(self.oldest_uncovered.map_or(this, |oldest| oldest.min(this)));
        }
        self.previous = row.hash;
        None
    }

    fn end(self, newest: Option<Instant>) -> ChainVerdict {
        let Self { verdict, head, kept, previous, empty, erased, oldest_uncovered, .. } = self;
        if !verdict.is_intact {
            return verdict;
        }
        if let Some((at, _)) = empty.into_iter().find(|(_, id)| !erased.contains(&id.to_string())) {
            return verdict.broken("values", at);
        }
        let last_kept = kept.and_then(|kept| kept.last_key_value());
        if let Some((last_kept, _)) = last_kept
            && verdict.events < *last_kept
        {
            let first_missing = verdict.events + 1;
            return verdict.broken("checkpoint", first_missing);
        }
        if verdict.events != head.sequence || previous != head.hash {
            let at = verdict.events;
            return verdict.broken("head", at);
        }
        match oldest_uncovered {
            Some((since, at)) if newest.is_some_and(|newest| newest > since.plus_days(1)) => {
                verdict.broken("uncovered", at)
            }
            _ => verdict,
        }
    }
}

/// What is wrong with an event that should continue `previous`.
pub(super) fn fault_of(row: &AuditRow, previous: &str) -> Option<&'static str> {
    if row.previous_hash != previous {
        return Some("previousHash");
    }
    let Some(hash) = event_hash(row) else { return Some("formula") };
    if row.hash != hash {
        return Some("hash");
    }
    // The first formula does not cover the keys, and no event of the first two is reserved.
    let is_of_chain = |of: Chain| of.name() == row.chain;
    let is_reserved_later = row.formula < 3 && row.reserved_for.is_some();
    if is_reserved_later
        || !Chain::by_keys(row.programme_id, row.kommunkod.as_deref()).is_some_and(is_of_chain)
    {
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
