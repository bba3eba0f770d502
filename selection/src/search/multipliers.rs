//! An upper bound for the sum of lottery numbers. Each category has a price (a Lagrange multiplier): whoever belongs to it is worth that
//! much less, and what the set's counts bring is added again at its best. Good prices are found once, at the root, by
//! following the subgradient. Prices are whole numbers, so that the bound is exact and the same on every machine.

#![expect(
    clippy::indexing_slicing,
    reason = "the hot part: positions and categories come from the same space"
)]

use super::bounds::Interval;
use super::space::{Space, State};
use crate::problem::Bits;

/// Lottery numbers are counted in sixteenths, so that prices are fine enough.
pub(crate) const SCALE: i64 = 16;
const STEPS: usize = 400;
/// After so many steps without a better bound they become shorter.
const PATIENCE: usize = 8;

/// Prices by category, and what each position is worth under them.
#[derive(Clone)]
pub(crate) struct Multipliers {
    pub(crate) prices: Vec<i64>,
    /// By position.
    pub(crate) worth: Vec<i64>,
    /// By layer: its categories by falling price.
    by_price: Vec<Vec<usize>>,
}

/// A bound, and what it consists of.
pub(crate) struct Bound {
    pub(crate) value: i64,
    /// Who was the best of a clique, by falling worth.
    pub(crate) best: Vec<usize>,
}

impl Multipliers {
    /// `value` is what a position is worth without prices.
    pub(crate) fn new(space: &Space, value: impl Fn(usize) -> i64, prices: Vec<i64>) -> Self {
        let worth = |position: usize| {
            let prices: i64 = space.layers.iter().map(|layer| prices[layer.of[position]]).sum();
            value(position) - prices
        };
        let by_price = space.layers.iter().map(|layer| {
            let mut categories: Vec<usize> = layer.range.clone().collect();
            categories.sort_by_key(|category| (-prices[*category], *category));
            categories
        });
        let by_price = by_price.collect();
        let worth = (0..space.order.len()).map(worth).collect();
        Multipliers { prices, worth, by_price }
    }

    /// What the counts of a layer bring at most, beyond those that are chosen already, and the counts that bring it. Among equal
    /// prices those of `wished` come first.
    pub(super) fn counts(
        &self,
        space: &Space,
        state: &State,
        intervals: &[Interval],
        wished: &[usize],
    ) -> (i64, Vec<usize>) {
        let mut counts: Vec<usize> = intervals.iter().map(|interval| interval.lo).collect();
        let mut value = 0;
        for (layer, by_price) in space.layers.iter().zip(&self.by_price) {
            let mut left = space.places.saturating_sub(layer.range.clone().map(|at| counts[at]).sum());
            for same in by_price.chunk_by(|a, b| self.prices[*a] == self.prices[*b]) {
                for category in same.iter().filter(|_| !wished.is_empty()) {
                    let most = intervals[*category].hi.min(wished[*category].max(counts[*category]));
                    let more = left.min(most - counts[*category]);
                    counts[*category] += more;
                    left -= more;
                }
                for category in same {
                    let more = left.min(intervals[*category].hi - counts[*category]);
                    counts[*category] += more;
                    left -= more;
                }
            }
            for category in layer.range.clone() {
                value += self.prices[category] * (counts[category] as i64 - state.counts[category] as i64);
            }
        }
        (value, counts)
    }

    /// The bound of a node, when positions are in the order of falling worth. `None` when too few can come.
    pub(crate) fn bound(&self, space: &Space, state: &State, intervals: &[Interval]) -> Option<Bound> {
        let (mut left, mut best) = (state.candidates, Vec::with_capacity(state.remaining));
        while best.len() < state.remaining {
            let first = left.first()?;
            best.push(first);
            left.remove(first);
            let mut common = left.and(&space.conflicts[first]);
            while let Some(next) = common.first() {
                left.remove(next);
                common = common.and(&space.conflicts[next]);
            }
        }
        let value = best.iter().map(|position| self.worth[*position]).sum::<i64>();
        Some(Bound { value: value + self.counts(space, state, intervals, &[]).0, best })
    }

    /// The same when positions are in any order: for the search of good prices.
    fn bound_unsorted(
        &self,
        space: &Space,
        state: &State,
        sorted: &mut [usize],
    ) -> Option<(i64, Vec<usize>)> {
        sorted.sort_by_key(|position| (-self.worth[*position], *position));
        let (mut left, mut best) = (state.candidates, Vec::with_capacity(state.remaining));
        for (at, position) in sorted.iter().enumerate() {
            if best.len() == state.remaining {
                break;
            }
            if !left.contains(*position) {
                continue;
            }
            best.push(*position);
            left.remove(*position);
            let mut common = left.and(&space.conflicts[*position]);
            for next in &sorted[at + 1..] {
                if common.is_empty() {
                    break;
                }
                if common.contains(*next) {
                    left.remove(*next);
                    common = common.and(&space.conflicts[*next]);
                }
            }
        }
        let is_enough = best.len() == state.remaining;
        is_enough.then(|| (best.iter().map(|position| self.worth[*position]).sum(), best))
    }

    /// Looks for prices that make the bound of a node low. `floor` is the sum that would be good enough.
    pub(crate) fn find(
        space: &Space,
        lottery: &[i64],
        root: &State,
        intervals: &[Interval],
        (start, floor): (Vec<i64>, i64),
    ) -> Self {
        let value = |position: usize| lottery[space.order[position]] * SCALE;
        let chosen: i64 = root.chosen.iter().map(value).sum();
        let mut sorted: Vec<usize> = root.candidates.iter().collect();
        let mut own = Multipliers::new(space, value, start);
        let (mut lowest, mut best) = (i64::MAX, own.clone());
        let (mut length, mut waited) = (1.0, 0);
        for _ in 0..STEPS {
            let Some((worth, picked)) = own.bound_unsorted(space, root, &mut sorted) else { break };
            let mut wished = root.counts.clone();
            picked.iter().for_each(|at| space.layers.iter().for_each(|layer| wished[layer.of[*at]] += 1));
            let (brought, counts) = own.counts(space, root, intervals, &wished);
            let total = chosen + worth + brought;
            if total < lowest.saturating_sub(SCALE) {
                (lowest, best, waited) = (total, own.clone(), 0);
            } else {
                waited += 1;
                if waited > PATIENCE {
                    (own, waited, length) = (best.clone(), 0, length * 0.6);
                    if length < 0.003 {
                        break;
                    }
                    continue;
                }
            }
            if lowest < floor * SCALE {
                break;
            }
            let slope: Vec<i64> = wished.iter().zip(&counts).map(|(a, b)| *a as i64 - *b as i64).collect();
            let square: i64 = slope.iter().map(|slope| slope * slope).sum();
            if square == 0 {
                break;
            }
            let target = (floor * SCALE).max(lowest - lowest / 10);
            let step = length * ((total - target).max(1000 * SCALE) as f64) / square as f64;
            let moved =
                own.prices.iter().zip(&slope).map(|(price, slope)| price + (step * *slope as f64) as i64);
            own = Multipliers::new(space, value, moved.collect());
        }
        best
    }
}

/// The positions of a set whose worth is at least `least`, when positions are in the order of falling worth.
pub(crate) fn worth_at_least(multipliers: &Multipliers, set: Bits, least: i64) -> Bits {
    set.iter().take_while(|position| multipliers.worth[*position] >= least).collect()
}
