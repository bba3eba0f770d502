//! The goals' values of a set: computed from the set alone, without any search.

use super::{Bits, Partition, Problem};
use crate::input::Goal;

impl Problem {
    /// The value of a goal.
    pub(crate) fn value(&self, goal: Goal, set: Bits) -> i64 {
        self.value_with(goal, set, self.places)
    }

    /// The value of a goal with another number of places.
    pub(crate) fn value_with(&self, goal: Goal, set: Bits, places: usize) -> i64 {
        match goal {
            Goal::Coverage(dimension) => {
                counts(self.partition(dimension), set).filter(|count| *count > 0).count() as i64
            }
            Goal::Balance(dimension) => {
                let partition = self.partition(dimension);
                let categories = partition.categories.len();
                counts(partition, set).map(|count| (categories * count).abs_diff(places) as i64).sum()
            }
            Goal::Dispersion => self.dispersion(set),
            Goal::Lottery => set.iter().filter_map(|index| self.lottery.get(index)).sum(),
        }
    }

    /// The values of all goals.
    pub(crate) fn values(&self, set: Bits) -> Vec<i64> {
        self.goals.iter().map(|goal| self.value(*goal, set)).collect()
    }

    /// The smallest distance between two of the set; 0 for less than two.
    fn dispersion(&self, set: Bits) -> i64 {
        let nearest = |index: usize| {
            let to_later = self.distances_from(index).iter().enumerate().skip(index + 1);
            to_later.filter(|(other, _)| set.contains(*other)).map(|(_, metres)| *metres).min()
        };
        set.iter().filter_map(nearest).min().unwrap_or(0)
    }
}

/// How many of each category are in the set.
fn counts(partition: &Partition, set: Bits) -> impl Iterator<Item = usize> {
    partition.categories.iter().map(move |category| category.members.and(&set).len())
}
