//! What a set must fulfil in one search, and how much searching is left.

use crate::input::Dimension;
use crate::problem::{Bits, Problem};
use crate::watch::Watch;

/// What a set must fulfil.
#[derive(Clone, Debug)]
pub(crate) struct Demands {
    pub(crate) included: Bits,
    pub(crate) excluded: Bits,
    /// Per dimension: at least so many different categories.
    pub(crate) coverage: [usize; Dimension::ALL.len()],
    /// Per dimension: at most this deviation.
    pub(crate) balance: [Option<i64>; Dimension::ALL.len()],
    /// At least so many metres between any two.
    pub(crate) distance: i64,
    /// At least this sum of lottery numbers.
    pub(crate) lottery: Option<i64>,
    /// At least one of these.
    pub(crate) one_of: Option<Bits>,
    pub(crate) quotas: Quotas,
}

/// How quotas count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotas {
    /// They hold.
    Hard,
    /// They may be broken by so much in all.
    BrokenBy(i64),
}

impl Demands {
    /// Pins and quotas alone.
    pub(crate) fn of(problem: &Problem) -> Self {
        Demands {
            included: problem.pinned_in,
            excluded: problem.pinned_out,
            coverage: [0; Dimension::ALL.len()],
            balance: [None; Dimension::ALL.len()],
            distance: 0,
            lottery: None,
            one_of: None,
            quotas: Quotas::Hard,
        }
    }
}

/// Why a search ended without knowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The node budget is used up.
    Budget,
    /// As many nodes as were allowed for this search are used up, but not the budget.
    Pause,
    /// The watch says that nobody wants the answer.
    Cancelled,
}

/// Counts nodes.
pub(crate) struct Meter<'w> {
    used: u64,
    limit: u64,
    pause: u64,
    watch: &'w dyn Watch,
}

/// After how many nodes the watch is asked.
const ASK_EVERY: u64 = 64;

impl<'w> Meter<'w> {
    pub(crate) fn new(limit: u64, watch: &'w dyn Watch) -> Self {
        Meter { used: 0, limit, pause: u64::MAX, watch }
    }

    /// How many nodes were visited.
    pub(crate) fn used(&self) -> u64 {
        self.used
    }

    /// From now on so many nodes may be visited until a pause; `None` for no pause.
    pub(crate) fn pause_after(&mut self, nodes: Option<u64>) {
        self.pause = nodes.map_or(u64::MAX, |nodes| self.used.saturating_add(nodes));
    }

    /// One more node.
    pub(crate) fn count(&mut self) -> Result<(), Stop> {
        if self.used.is_multiple_of(ASK_EVERY) && self.watch.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        if self.used >= self.limit {
            return Err(Stop::Budget);
        }
        if self.used >= self.pause {
            return Err(Stop::Pause);
        }
        self.used += 1;
        Ok(())
    }
}
