//! Cliques of the conflict graph: of each at most one can be chosen, so their number limits how many more can come.

#![expect(clippy::indexing_slicing, reason = "the hot part: positions come from sets of the same space")]

use super::bounds::Interval;
use super::scarcity::Scarcity;
use super::space::{Space, State};
use crate::problem::Bits;

/// Divides a set into cliques, greedily in the order of positions.
pub(crate) fn cliques(space: &Space, mut set: Bits) -> Vec<Bits> {
    let mut cliques = Vec::with_capacity(64);
    while let Some(first) = set.first() {
        let mut clique: Bits = std::iter::once(first).collect();
        let mut common = set.and(&space.conflicts[first]);
        while let Some(next) = common.first() {
            clique.insert(next);
            common = common.and(&space.conflicts[next]);
        }
        set = set.minus(&clique);
        cliques.push(clique);
    }
    cliques
}

/// The smallest set found of which at least one must be chosen; `None` when it is seen that no choice is left. `state` still
/// needs somebody.
pub(crate) fn branches(
    space: &Space,
    state: &State,
    intervals: &[Interval],
    scarcity: Option<&Scarcity>,
) -> Option<Bits> {
    let all = cliques(space, state.candidates);
    if all.len() >= state.remaining
        && scarcity.is_some_and(|scarcity| scarcity.refutes(space, state, intervals, &all))
    {
        return None;
    }
    let mut best = one_needed(all, state.remaining)?;
    for (category, interval) in intervals.iter().enumerate() {
        let needed = interval.lo.saturating_sub(state.counts[category]);
        if needed > 0 {
            let members = state.candidates.and(&space.members[category]);
            let set = one_needed(cliques(space, members), needed)?;
            if set.len() < best.len() {
                best = set;
            }
        }
    }
    Some(best)
}

/// When `needed` must come from these cliques, the smallest ones that cannot all be passed over. `None` when they are too few.
fn one_needed(mut cliques: Vec<Bits>, needed: usize) -> Option<Bits> {
    let spare = cliques.len().checked_sub(needed)?;
    cliques.sort_by_key(Bits::len);
    Some(cliques.iter().take(spare + 1).fold(Bits::default(), |set, clique| set.or(clique)))
}
