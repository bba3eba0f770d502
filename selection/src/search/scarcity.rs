//! A bound for how many can still come that knows which categories are scarce. Everybody counts for one, less the prices of their
//! categories; of each clique at most the best counts, and what the set's counts bring under these prices is added again. Without prices
//! it is the number of cliques. Good prices are found at a node that turns out to be hard, and hold for what is below it.

#![expect(
    clippy::indexing_slicing,
    reason = "the hot part: positions and categories come from the same space"
)]

use super::bounds::Interval;
use super::multipliers::Multipliers;
use super::space::{Space, State};
use crate::problem::Bits;

/// What one counts for, so that prices can be fine.
const ONE: i64 = 1 << 16;
const STEPS: usize = 120;
/// After so many steps without a better bound they become shorter.
const PATIENCE: usize = 6;

/// Prices, and what each position counts for under them.
#[derive(Clone)]
pub(crate) struct Scarcity(Multipliers);

impl Scarcity {
    /// Looks for prices that make the bound of a node low. `cliques` divide its candidates.
    pub(crate) fn find(space: &Space, node: &State, intervals: &[Interval], cliques: &[Bits]) -> Self {
        let one = |_| ONE;
        let mut own = Multipliers::new(space, one, vec![0; space.members.len()]);
        let (mut lowest, mut best) = (i64::MAX, own.clone());
        let (mut length, mut waited) = (1.0, 0);
        let target = node.remaining as i64 * ONE - ONE;
        for _ in 0..STEPS {
            let (mut total, mut wished) = (0, node.counts.clone());
            for (worth, position) in cliques.iter().filter_map(|clique| most(&own, *clique)) {
                total += worth;
                space.layers.iter().for_each(|layer| wished[layer.of[position]] += 1);
            }
            let (brought, counts) = own.counts(space, node, intervals, &wished);
            total += brought;
            if total < lowest {
                (lowest, best, waited) = (total, own.clone(), 0);
            } else {
                waited += 1;
                if waited > PATIENCE {
                    (own, waited, length) = (best.clone(), 0, length * 0.6);
                    continue;
                }
            }
            let slope: Vec<i64> = wished.iter().zip(&counts).map(|(a, b)| *a as i64 - *b as i64).collect();
            let square: i64 = slope.iter().map(|slope| slope * slope).sum();
            if square == 0 || lowest <= target {
                break;
            }
            let step = length * (total - target) as f64 / square as f64;
            let moved =
                own.prices.iter().zip(&slope).map(|(price, slope)| price + (step * *slope as f64) as i64);
            own = Multipliers::new(space, one, moved.collect());
        }
        Scarcity(best)
    }

    /// Whether it shows that too few can come.
    pub(crate) fn refutes(
        &self,
        space: &Space,
        node: &State,
        intervals: &[Interval],
        cliques: &[Bits],
    ) -> bool {
        let worth: i64 =
            cliques.iter().filter_map(|clique| most(&self.0, *clique)).map(|(worth, _)| worth).sum();
        worth + self.0.counts(space, node, intervals, &[]).0 < node.remaining as i64 * ONE
    }
}

/// Who of a clique is worth most, when it is worth something.
fn most(prices: &Multipliers, clique: Bits) -> Option<(i64, usize)> {
    let best = clique.iter().map(|position| (prices.worth[position], position)).max()?;
    (best.0 > 0).then_some(best)
}
