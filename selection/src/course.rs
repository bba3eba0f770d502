//! The way through the goals: one after the other, each one's best value is demanded of what follows.

use crate::input::{Dimension, Goal};
use crate::problem::{Bits, Partition, Problem};
use crate::search::{self, Balance, Demands, Found, Interval, Meter, Prices, Stop};

/// With more pairs at exactly the dispersion's distance than these, none of them is tried by itself.
const MAX_PAIRS: usize = 8;

/// How many nodes each distance gets at first.
const FIRST_NODES: u64 = 10_000;

/// A set, and what has been demanded of it so far. The set always fulfils the demands.
#[derive(Clone)]
pub(crate) struct Course<'p> {
    problem: &'p Problem,
    pub(crate) demands: Demands,
    pub(crate) set: Bits,
    pub(crate) prices: Prices,
    /// Once the dispersion is known to be the greatest possible: one of these pairs is chosen. Empty when they are too many.
    pairs: Vec<Bits>,
}

impl<'p> Course<'p> {
    /// Any set that fulfils the demands; `None` when there is none.
    pub(crate) fn begin(
        problem: &'p Problem,
        demands: Demands,
        meter: &mut Meter<'_>,
    ) -> Result<Option<Self>, Stop> {
        let mut prices = Prices::default();
        let set = search::any(problem, &demands, &mut prices, meter)?;
        Ok(set.map(|set| Course { problem, demands, set, prices, pairs: Vec::new() }))
    }

    /// Finds a goal's best value and demands it from now on. `bound` is a value that is known to be the best possible or better. When
    /// the search stops, the set is the best that was found.
    pub(crate) fn improve(
        &mut self,
        goal: Goal,
        bound: Option<i64>,
        meter: &mut Meter<'_>,
    ) -> Result<i64, Stop> {
        match goal {
            Goal::Coverage(dimension) => self.improve_coverage(dimension, bound, meter)?,
            Goal::Balance(dimension) => self.improve_balance(dimension, bound, meter)?,
            Goal::Dispersion => self.improve_dispersion(bound, meter)?,
            Goal::Lottery => self.improve_lottery(meter)?,
        }
        let value = self.problem.value(goal, self.set);
        self.demand(goal, value);
        if goal == Goal::Dispersion {
            self.find_pairs(value);
        }
        Ok(value)
    }

    /// Demands from now on that goals are at least as good as values that no set with these demands exceeds. False when no set
    /// reaches them; the demands are then as before.
    pub(crate) fn hold_all(&mut self, goals: &[(Goal, i64)], meter: &mut Meter<'_>) -> Result<bool, Stop> {
        let is_reached = |set: Bits| {
            goals.iter().all(|(goal, value)| !goal.is_worse(self.problem.value(*goal, set), *value))
        };
        let mut wanted = self.clone();
        goals.iter().for_each(|(goal, value)| wanted.demand(*goal, *value));
        if !is_reached(self.set) && !wanted.search(meter)? {
            self.prices = wanted.prices;
            return Ok(false);
        }
        *self = wanted;
        if let Some((_, metres)) = goals.iter().find(|(goal, _)| *goal == Goal::Dispersion) {
            self.find_pairs(*metres);
        }
        Ok(true)
    }

    fn demand(&mut self, goal: Goal, value: i64) {
        let demands = &mut self.demands;
        match goal {
            Goal::Coverage(dimension) => {
                if let Some(own) = demands.coverage.get_mut(dimension as usize) {
                    *own = usize::try_from(value).unwrap_or(0);
                }
            }
            Goal::Balance(dimension) => {
                if let Some(own) = demands.balance.get_mut(dimension as usize) {
                    *own = Some(value);
                }
            }
            Goal::Dispersion => demands.distance = value,
            Goal::Lottery => demands.lottery = Some(value),
        }
    }

    /// Looks for a set that fulfils the demands, and takes it.
    fn search(&mut self, meter: &mut Meter<'_>) -> Result<bool, Stop> {
        let found = search::any(self.problem, &self.demands, &mut self.prices, meter)?;
        self.set = found.unwrap_or(self.set);
        Ok(found.is_some())
    }

    /// Whether a set reaches `value`. If so, it is taken; the demands stay.
    fn try_value(&mut self, goal: Goal, value: i64, meter: &mut Meter<'_>) -> Result<bool, Stop> {
        let before = self.demands.clone();
        self.demand(goal, value);
        let found = self.search(meter);
        self.demands = before;
        found
    }

    fn improve_coverage(
        &mut self,
        dimension: Dimension,
        bound: Option<i64>,
        meter: &mut Meter<'_>,
    ) -> Result<(), Stop> {
        let goal = Goal::Coverage(dimension);
        let categories = self.problem.partition(dimension).categories.len().min(self.problem.places) as i64;
        let mut wanted = bound.map_or(categories, |bound| bound.min(categories));
        while wanted > self.problem.value(goal, self.set) && !self.try_value(goal, wanted, meter)? {
            wanted -= 1;
        }
        Ok(())
    }

    fn improve_balance(
        &mut self,
        dimension: Dimension,
        bound: Option<i64>,
        meter: &mut Meter<'_>,
    ) -> Result<(), Stop> {
        let goal = Goal::Balance(dimension);
        let partition = self.problem.partition(dimension);
        let least = least_by_quotas(self.problem.places, partition);
        let mut wanted = bound.map_or(least, |bound| bound.max(least));
        while wanted < self.problem.value(goal, self.set) {
            if can_deviate(partition.categories.len(), self.problem.places, wanted)
                && self.try_value(goal, wanted, meter)?
            {
                break;
            }
            wanted += 1;
        }
        Ok(())
    }

    /// Halves the distances that are still possible. A distance just above the best may take very long to refute or reach, and a
    /// smaller one none: so each gets few nodes at first, and those that are left get more, until the best is known.
    fn improve_dispersion(&mut self, bound: Option<i64>, meter: &mut Meter<'_>) -> Result<(), Stop> {
        let steps = &self.problem.steps;
        let reached = |set| {
            let metres = self.problem.value(Goal::Dispersion, set);
            steps.partition_point(|step| *step < metres)
        };
        let mut low = reached(self.set);
        let mut high = bound.map_or(steps.len(), |bound| steps.partition_point(|step| *step <= bound));
        if self.problem.places < 2 {
            return Ok(());
        }
        let mut allowed = FIRST_NODES;
        // Reached: the step `low`. Not possible: the step `high`. Not known with so few nodes: the step `top`.
        while low + 1 < high {
            let mut top = high;
            while low + 1 < top {
                let middle = low + (top - low) / 2;
                let Some(metres) = steps.get(middle) else { break };
                meter.pause_after(Some(allowed));
                let found = self.try_value(Goal::Dispersion, *metres, meter);
                meter.pause_after(None);
                match found {
                    Ok(true) => low = reached(self.set),
                    Ok(false) => (high, top) = (middle, middle),
                    Err(Stop::Pause) => top = middle,
                    Err(stop) => return Err(stop),
                }
            }
            allowed *= 4;
        }
        Ok(())
    }

    fn improve_lottery(&mut self, meter: &mut Meter<'_>) -> Result<(), Stop> {
        let lottery = self.problem.value(Goal::Lottery, self.set);
        let mut best = Some(Found { set: self.set, lottery });
        let mut result = Ok(());
        let none = [Bits::default()];
        let pairs: &[Bits] = if self.pairs.is_empty() { &none } else { &self.pairs };
        for pair in pairs {
            let mut demands = self.demands.clone();
            demands.included = demands.included.or(pair);
            result = search::greatest(self.problem, &demands, &mut best, &mut self.prices, meter);
            if result.is_err() {
                break;
            }
        }
        self.set = best.map_or(self.set, |found| found.set);
        result
    }

    /// The smallest distance between two chosen is exactly this from now on, so one of the pairs at this distance is chosen.
    fn find_pairs(&mut self, metres: i64) {
        self.pairs.clear();
        if self.problem.places < 2 {
            return;
        }
        let candidates = Bits::first_of(self.problem.len()).minus(&self.demands.excluded);
        for index in candidates.iter() {
            let later = self.problem.distances_from(index).iter().enumerate().skip(index + 1);
            let at_distance = later.filter(|(other, own)| **own == metres && candidates.contains(*other));
            self.pairs.extend(at_distance.map(|(other, _)| [index, other].into_iter().collect::<Bits>()));
        }
        match self.pairs.as_slice() {
            [only] => self.demands.included = self.demands.included.or(only),
            pairs if pairs.len() > MAX_PAIRS => {}
            _ => return,
        }
        self.pairs.clear();
    }

    /// Of all sets that are as good, the one whose sorted list comes first.
    pub(crate) fn first_in_order(&mut self, meter: &mut Meter<'_>) -> Result<(), Stop> {
        if self.demands.lottery.is_some() {
            // Hardly ever do two sets have the same sum: one question instead of one for each place.
            let others = Bits::first_of(self.problem.len()).minus(&self.set);
            match self.with_one_of(self.demands.clone(), others, meter)? {
                None => return Ok(()),
                Some(set) if self.problem.is_before(set, self.set) => self.set = set,
                Some(_) => {}
            }
        }
        let mut demands = self.demands.clone();
        let mut settled = Bits::default();
        while let Some(next) = self.first_by_code(self.set.minus(&settled)) {
            let is_before = |other: &usize| self.problem.codes.get(*other) < self.problem.codes.get(next);
            let open = Bits::first_of(self.problem.len()).minus(&settled).minus(&demands.excluded);
            let before: Bits = open.iter().filter(is_before).collect();
            if let Some(set) = self.with_one_of(demands.clone(), before, meter)? {
                self.set = set;
                continue;
            }
            settled.insert(next);
            demands.included.insert(next);
            demands.excluded = demands.excluded.or(&before);
        }
        Ok(())
    }

    fn first_by_code(&self, set: Bits) -> Option<usize> {
        set.iter().min_by_key(|index| self.problem.codes.get(*index))
    }

    fn with_one_of(
        &mut self,
        mut demands: Demands,
        one_of: Bits,
        meter: &mut Meter<'_>,
    ) -> Result<Option<Bits>, Stop> {
        if one_of.minus(&demands.excluded).is_empty() {
            return Ok(None);
        }
        demands.one_of = Some(one_of);
        search::any(self.problem, &demands, &mut self.prices, meter)
    }
}

/// The least deviation that the quotas allow, when everything else is left aside.
fn least_by_quotas(places: usize, partition: &Partition) -> i64 {
    let quotas = partition.categories.iter().map(|category| Interval { lo: category.min, hi: category.max });
    let quotas: Vec<_> = quotas.collect();
    search::least(Balance::new(places, quotas.len()), &quotas).unwrap_or(0)
}

/// Whether Σ |K·count − n| can be `value` at all for K counts whose sum is n: twice what `above` categories with `sum` in all are above
/// the mean, when the others can take the rest without being above it.
fn can_deviate(categories: usize, places: usize, value: i64) -> bool {
    let (k, n, low) = (categories as i64, places as i64, (places / categories.max(1)) as i64);
    value % 2 == 0
        && (0..k).any(|above| {
            let twice = value / 2 + above * n;
            let sum = twice / k;
            twice % k == 0
                && (above > 0 || sum == 0)
                && sum >= above * (low + 1)
                && sum <= n
                && n - sum <= (k - above) * low
        })
}

#[cfg(test)]
mod tests {
    use super::can_deviate;

    #[test]
    fn deviations_are_those_that_some_counts_have() {
        for (k, n) in [(1, 4), (2, 3), (3, 7), (4, 6), (5, 12), (4, 8)] {
            let mut all = vec![(0, 0)];
            for _ in 0..k {
                let counts = |(sum, deviation): (usize, usize)| {
                    (0..=n - sum).map(move |count| (sum + count, deviation + (k * count).abs_diff(n)))
                };
                all = all.into_iter().flat_map(counts).collect();
                all.sort_unstable();
                all.dedup();
            }
            for value in 0..=2 * k * n {
                assert_eq!(can_deviate(k, n, value as i64), all.contains(&(n, value)), "{k} {n} {value}");
            }
        }
    }
}
