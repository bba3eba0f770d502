//! Depth-first search for one set that fulfils demands: any, or the one with the greatest sum of lottery numbers.

mod bounds;
mod cliques;
mod demands;
mod multipliers;
mod scarcity;
mod space;

use std::rc::Rc;

use crate::input::Dimension;
use crate::problem::{Bits, Problem};
pub(crate) use bounds::{Balance, Interval, least};
pub(crate) use demands::{Demands, Meter, Quotas, Stop};
use multipliers::{Multipliers, SCALE, worth_at_least};
use scarcity::Scarcity;
use space::{Space, State};

/// A node is hard when it has taken so many nodes per candidate. Less slows down what is large, more what is small.
const PATIENCE: u64 = 4;

/// What to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aim {
    /// The first set that is found.
    Any,
    /// The greatest sum of lottery numbers; of several such sets the one whose sorted list comes first.
    Greatest,
}

/// Prices that were good in an earlier search with the same dimensions.
#[derive(Clone, Default)]
pub(crate) struct Prices(Option<(Vec<Option<Dimension>>, Vec<i64>)>);

/// A set that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) set: Bits,
    /// Its sum of lottery numbers.
    pub(crate) lottery: i64,
}

/// Any set that fulfils the demands; `None` when there is none.
pub(crate) fn any(
    problem: &Problem,
    demands: &Demands,
    prices: &mut Prices,
    meter: &mut Meter<'_>,
) -> Result<Option<Bits>, Stop> {
    let mut best = None;
    run(problem, demands, (Aim::Any, PATIENCE), (&mut best, prices), meter)?;
    Ok(best.map(|found: Found| found.set))
}

/// The set with the greatest sum of lottery numbers; of several the one whose sorted list comes first. `best` may hold one that
/// fulfils the demands, and holds the best one afterwards, also when the search stops before its end.
pub(crate) fn greatest(
    problem: &Problem,
    demands: &Demands,
    best: &mut Option<Found>,
    prices: &mut Prices,
    meter: &mut Meter<'_>,
) -> Result<(), Stop> {
    run(problem, demands, (Aim::Greatest, PATIENCE), (best, prices), meter)
}

fn run(
    problem: &Problem,
    demands: &Demands,
    (aim, patience): (Aim, u64),
    (best, prices): (&mut Option<Found>, &mut Prices),
    meter: &mut Meter<'_>,
) -> Result<(), Stop> {
    meter.count()?;
    let is_weighted = aim == Aim::Greatest || demands.lottery.is_some();
    if demands.quotas == Quotas::Hard && !problem.unreachable.is_empty() {
        return Ok(());
    }
    let mut space = Space::new(problem, demands, (0..problem.len()).collect());
    let mut root = space.root(demands);
    let mut multipliers = None;
    if let (true, Some(state)) = (is_weighted, &mut root) {
        let Ok(intervals) = space.propagate(state) else { return Ok(()) };
        let floor = best.map_or(demands.lottery.unwrap_or(0), |found| found.lottery);
        let start = match &prices.0 {
            Some((dimensions, prices)) if *dimensions == space.dimensions() => prices.clone(),
            _ => vec![0; space.members.len()],
        };
        let found = Multipliers::find(&space, &problem.lottery, state, &intervals, (start, floor));
        prices.0 = Some((space.dimensions(), found.prices.clone()));
        let mut order: Vec<(i64, usize)> =
            found.worth.iter().zip(&space.order).map(|(a, b)| (-a, *b)).collect();
        order.sort_unstable();
        space = Space::new(problem, demands, order.into_iter().map(|(_, index)| index).collect());
        root = space.root(demands);
        let number = |position: usize| {
            let index = space.order.get(position).copied();
            index.and_then(|index| problem.lottery.get(index)).map_or(0, |number| number * SCALE)
        };
        multipliers = Some(Multipliers::new(&space, number, found.prices));
    }
    let Some(root) = root else { return Ok(()) };
    let scarcity = None;
    let least = demands.lottery.unwrap_or(0);
    Search { problem, space: &space, multipliers, scarcity, aim, patience, least, best, meter }.visit(root)
}

struct Search<'a, 'm, 'w> {
    problem: &'a Problem,
    space: &'a Space,
    multipliers: Option<Multipliers>,
    /// Found for the hard node that is nearest above.
    scarcity: Option<Rc<Scarcity>>,
    aim: Aim,
    patience: u64,
    /// The sum of lottery numbers that is demanded.
    least: i64,
    best: &'a mut Option<Found>,
    meter: &'m mut Meter<'w>,
}

impl Search<'_, '_, '_> {
    fn visit(&mut self, state: State) -> Result<(), Stop> {
        self.meter.count()?;
        let above = self.scarcity.clone();
        let done = self.branch(state);
        self.scarcity = above;
        done
    }

    fn branch(&mut self, mut state: State) -> Result<(), Stop> {
        let (begun, mut is_probed) = (self.meter.used(), false);
        loop {
            let Some(branches) = self.reduce(&mut state) else { return Ok(()) };
            if state.remaining == 0 {
                self.keep(&state);
                return Ok(());
            }
            // Probing costs a node per candidate, so it is for nodes that have turned out to be hard.
            let patience = if is_probed { u64::MAX } else { self.patience * state.candidates.len() as u64 };
            let mut is_done = true;
            for position in self.in_order(&state, branches) {
                if self.meter.used() - begun > patience {
                    is_done = false;
                    break;
                }
                let mut next = state.clone();
                self.space.take(&mut next, position);
                self.visit(next)?;
                if self.aim == Aim::Any && self.best.is_some() {
                    return Ok(());
                }
                state.candidates.remove(position);
            }
            if is_done {
                return Ok(());
            }
            if self.multipliers.is_none() {
                let Ok(intervals) = self.space.propagate(&mut state) else { return Ok(()) };
                if state.remaining == 0 {
                    // What was dropped has left only those who had to come.
                    continue;
                }
                let cliques = cliques::cliques(self.space, state.candidates);
                self.scarcity = Some(Rc::new(Scarcity::find(self.space, &state, &intervals, &cliques)));
            }
            self.probe(&mut state)?;
            is_probed = true;
        }
    }

    /// Drops candidates that cannot come, as is seen when they are chosen and what follows is drawn.
    fn probe(&mut self, state: &mut State) -> Result<(), Stop> {
        for position in state.candidates.iter() {
            self.meter.count()?;
            let mut with = state.clone();
            self.space.take(&mut with, position);
            if self.reduce(&mut with).is_none() {
                state.candidates.remove(position);
            }
        }
        Ok(())
    }

    /// The smallest sum of lottery numbers that is still of interest.
    fn floor(&self) -> i64 {
        self.best.map_or(self.least, |found| found.lottery.max(self.least))
    }

    /// Draws what follows. A set of which at least one must come; `None` when nothing is left of interest.
    fn reduce(&self, state: &mut State) -> Option<Bits> {
        let intervals = self.worthwhile(state)?;
        if state.remaining == 0 {
            Some(Bits::default())
        } else {
            cliques::branches(self.space, state, &intervals, self.scarcity.as_deref())
        }
    }

    /// Propagates, and drops candidates that are worth too little; `None` when nothing is left of interest.
    fn worthwhile(&self, state: &mut State) -> Option<Vec<Interval>> {
        loop {
            let intervals = self.space.propagate(state).ok()?;
            let Some(multipliers) = &self.multipliers else { return Some(intervals) };
            let bound = multipliers.bound(self.space, state, &intervals)?;
            let spare = self.lottery(state) * SCALE + bound.value - self.floor() * SCALE;
            if spare < 0 {
                return None;
            }
            // Whoever comes in takes the place of at least the least of the best.
            let Some(last) = bound.best.last().and_then(|position| multipliers.worth.get(*position)) else {
                return Some(intervals);
            };
            let left = worth_at_least(multipliers, state.candidates, last - spare);
            if left == state.candidates {
                return Some(intervals);
            }
            state.candidates = left;
        }
    }

    fn lottery(&self, state: &State) -> i64 {
        let numbers = self.space.indexes(state.chosen);
        numbers.iter().filter_map(|index| self.problem.lottery.get(index)).sum()
    }

    /// With lottery numbers the most valuable first, otherwise who excludes the fewest.
    fn in_order(&self, state: &State, branches: Bits) -> Vec<usize> {
        let mut positions: Vec<usize> = branches.iter().collect();
        if self.multipliers.is_none() {
            let excluded = |position: &usize| {
                self.space.conflicts.get(*position).map_or(0, |all| all.and(&state.candidates).len())
            };
            positions.sort_by_cached_key(excluded);
        }
        positions
    }

    fn keep(&mut self, state: &State) {
        let set = self.space.indexes(state.chosen);
        let lottery = self.lottery(state);
        let is_better = match self.best {
            None => true,
            Some(best) => {
                let is_before = self.problem.is_before(set, best.set);
                lottery > best.lottery || lottery == best.lottery && is_before
            }
        };
        if lottery >= self.least && is_better {
            *self.best = Some(Found { set, lottery });
        }
    }
}

#[cfg(test)]
mod tests;
