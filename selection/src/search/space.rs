//! One search's view of the pool: applicants in the search's own order, who excludes whom, and the layers (dimensions) that
//! limit how many of a category can be chosen.

#![expect(
    clippy::indexing_slicing,
    reason = "the hot part: positions and categories are made here, and in range"
)]

use std::ops::Range;

use super::bounds::{Balance, Contradiction, Interval, Limits, Violation, cover, fit, least, narrow};
use super::demands::{Demands, Quotas};
use crate::input::Dimension;
use crate::problem::{Bits, Partition, Problem};

/// Applicants are known by their position in `order`.
pub(crate) struct Space {
    pub(crate) places: usize,
    /// By position: the applicant's index in the problem.
    pub(crate) order: Vec<usize>,
    pub(crate) layers: Vec<Layer>,
    /// By category: who belongs to it.
    pub(crate) members: Vec<Bits>,
    /// By position: with whom it cannot be chosen.
    pub(crate) conflicts: Vec<Bits>,
    /// By how much quotas may be broken in all, if they may.
    allowance: Option<i64>,
}

/// A partition of the pool, with what is demanded of it.
pub(crate) struct Layer {
    /// Its categories among those of all layers.
    pub(crate) range: Range<usize>,
    /// By position: the category.
    pub(crate) of: Vec<usize>,
    dimension: Option<Dimension>,
    coverage: usize,
    balance: Option<i64>,
    hard: Vec<Interval>,
    limits: Option<Vec<Limits>>,
}

/// A node of the search.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) candidates: Bits,
    pub(crate) chosen: Bits,
    /// By category.
    pub(crate) counts: Vec<usize>,
    pub(crate) remaining: usize,
}

impl Space {
    pub(crate) fn new(problem: &Problem, demands: &Demands, order: Vec<usize>) -> Self {
        let allowance = match demands.quotas {
            Quotas::Hard => None,
            Quotas::BrokenBy(total) => {
                Some(total - problem.unreachable.iter().map(|(_, _, min)| i64::from(*min)).sum::<i64>())
            }
        };
        let mut space = Space {
            places: problem.places,
            order,
            layers: Vec::new(),
            members: Vec::new(),
            conflicts: Vec::new(),
            allowance,
        };
        for (at, partition) in problem.partitions.iter().enumerate() {
            let (coverage, balance) = (demands.coverage[at], demands.balance[at]);
            if partition.has_quotas || coverage > 0 || balance.is_some() {
                space.add_dimension(partition, coverage, balance);
            }
        }
        if let Some(wanted) = demands.one_of {
            let hard = vec![Interval { lo: 0, hi: space.places }, Interval { lo: 1, hi: space.places }];
            space.add(hard, |index| usize::from(wanted.contains(index)));
        }
        space.find_conflicts(problem, demands);
        space
    }

    fn add_dimension(&mut self, partition: &Partition, coverage: usize, balance: Option<i64>) {
        let places = self.places;
        let quotas = || partition.categories.iter().map(|category| (category.min, category.max));
        let hard = quotas().map(|(min, max)| match self.allowance {
            None => Interval { lo: min, hi: max },
            Some(_) => Interval { lo: 0, hi: places },
        });
        let limits = self.allowance.map(|_| quotas().map(|(min, max)| Limits { min, max }).collect());
        self.add(hard.collect(), |index| partition.of[index]);
        if let Some(layer) = self.layers.last_mut() {
            layer.dimension = Some(partition.dimension);
            (layer.coverage, layer.balance, layer.limits) = (coverage, balance, limits);
        }
    }

    fn add(&mut self, hard: Vec<Interval>, category: impl Fn(usize) -> usize) {
        let first = self.members.len();
        let of: Vec<usize> = self.order.iter().map(|index| first + category(*index)).collect();
        self.members.resize(first + hard.len(), Bits::default());
        for (position, category) in of.iter().enumerate() {
            self.members[*category].insert(position);
        }
        let range = first..self.members.len();
        let (coverage, balance, limits, dimension) = (0, None, None, None);
        self.layers.push(Layer { range, of, dimension, coverage, balance, hard, limits });
    }

    /// Pairs that are too near, and those of a category of which at most one can come.
    fn find_conflicts(&mut self, problem: &Problem, demands: &Demands) {
        let order = &self.order;
        let near = order.iter().map(|index| {
            let metres = problem.distances_from(*index);
            let is_near = |other: &usize| other != index && metres[*other] < demands.distance;
            let near = order.iter().enumerate().filter(|(_, other)| is_near(other));
            near.map(|(position, _)| position).collect()
        });
        self.conflicts = near.collect();
        let Some(root) = self.root(demands) else { return };
        let Ok(intervals) = self.tighten(&root) else { return };
        // What holds at the root holds everywhere.
        for layer in &mut self.layers {
            layer.hard = intervals[layer.range.clone()].to_vec();
        }
        for layer in &self.layers {
            let alone = layer.coverage == self.places;
            for category in layer.range.clone().filter(|category| alone || intervals[*category].hi <= 1) {
                let members = self.members[category];
                for position in members.iter() {
                    self.conflicts[position] = self.conflicts[position].or(&members);
                    self.conflicts[position].remove(position);
                }
            }
        }
    }

    /// The state in which everybody of `included` is chosen; `None` when they exclude each other.
    pub(crate) fn root(&self, demands: &Demands) -> Option<State> {
        let positions = |set: Bits| {
            self.order.iter().enumerate().filter(move |(_, index)| set.contains(**index)).map(|(at, _)| at)
        };
        let candidates = Bits::first_of(self.order.len()).minus(&positions(demands.excluded).collect());
        let counts = vec![0; self.members.len()];
        let mut state = State { candidates, chosen: Bits::default(), counts, remaining: self.places };
        for position in positions(demands.included) {
            if state.remaining == 0 || !state.candidates.contains(position) {
                return None;
            }
            self.take(&mut state, position);
        }
        Some(state)
    }

    /// Chooses a candidate.
    pub(crate) fn take(&self, state: &mut State, position: usize) {
        state.candidates.remove(position);
        state.candidates = state.candidates.minus(&self.conflicts[position]);
        state.chosen.insert(position);
        state.remaining -= 1;
        for layer in &self.layers {
            state.counts[layer.of[position]] += 1;
        }
    }

    /// The intervals of all categories.
    fn tighten(&self, state: &State) -> Result<Vec<Interval>, Contradiction> {
        let mut intervals = Vec::with_capacity(self.members.len());
        for layer in &self.layers {
            for (category, hard) in layer.range.clone().zip(&layer.hard) {
                let count = state.counts[category];
                let available = state.candidates.and(&self.members[category]).len().min(state.remaining);
                let interval = Interval { lo: hard.lo.max(count), hi: hard.hi.min(count + available) };
                if interval.lo > interval.hi {
                    return Err(Contradiction);
                }
                intervals.push(interval);
            }
        }
        for layer in &self.layers {
            let own = &mut intervals[layer.range.clone()];
            let counts = &state.counts[layer.range.clone()];
            cover(own, counts, layer.coverage)?;
            if let Some(limit) = layer.balance {
                narrow(own, limit, Balance::new(self.places, counts.len()))?;
            }
            // Asked again, because what is narrowed may promise a category that was not promised before.
            let extra = cover(own, counts, layer.coverage)?;
            fit(own, counts, state.remaining, extra)?;
        }
        if let Some(allowance) = self.allowance {
            self.spend(&mut intervals, allowance)?;
        }
        Ok(intervals)
    }

    /// Quotas may be broken by `allowance` in all: what one layer must break is not left for another.
    fn spend(&self, intervals: &mut [Interval], allowance: i64) -> Result<(), Contradiction> {
        let least_of = |layer: &Layer| match &layer.limits {
            Some(limits) => least(Violation::new(self.places, limits), &intervals[layer.range.clone()]),
            None => Some(0),
        };
        let costs: Vec<i64> = self.layers.iter().map(least_of).collect::<Option<_>>().ok_or(Contradiction)?;
        let spare = allowance - costs.iter().sum::<i64>();
        if spare < 0 {
            return Err(Contradiction);
        }
        for (layer, own) in self.layers.iter().zip(costs) {
            if let Some(limits) = &layer.limits {
                let tally = Violation::new(self.places, limits);
                narrow(&mut intervals[layer.range.clone()], own + spare, tally)?;
            }
        }
        Ok(())
    }

    /// Tightens, drops candidates of categories that are full, and takes those that cannot be left out, until nothing changes.
    pub(crate) fn propagate(&self, state: &mut State) -> Result<Vec<Interval>, Contradiction> {
        loop {
            let intervals = self.tighten(state)?;
            let (mut left, mut forced) = (state.candidates, Bits::default());
            for (category, interval) in intervals.iter().enumerate() {
                let count = state.counts[category];
                let needed = interval.lo.saturating_sub(count);
                if interval.hi == count {
                    left = left.minus(&self.members[category]);
                } else if needed > 0 {
                    let available = state.candidates.and(&self.members[category]);
                    if available.len() == needed {
                        forced = forced.or(&available);
                    }
                }
            }
            if left != state.candidates {
                state.candidates = left;
            } else if !forced.is_empty() {
                self.take_all(state, forced)?;
            } else if state.candidates.len() < state.remaining {
                return Err(Contradiction);
            } else {
                return Ok(intervals);
            }
        }
    }

    /// Chooses candidates that cannot be left out.
    fn take_all(&self, state: &mut State, forced: Bits) -> Result<(), Contradiction> {
        for position in forced.iter() {
            if state.remaining == 0 || !state.candidates.contains(position) {
                return Err(Contradiction);
            }
            self.take(state, position);
        }
        Ok(())
    }

    /// A set of positions as indexes of the problem.
    pub(crate) fn indexes(&self, positions: Bits) -> Bits {
        positions.iter().map(|position| self.order[position]).collect()
    }

    /// Which dimensions limit the search: multipliers of one search fit another with the same ones.
    pub(crate) fn dimensions(&self) -> Vec<Option<Dimension>> {
        self.layers.iter().map(|layer| layer.dimension).collect()
    }
}
