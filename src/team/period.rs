//! A period of days that may be open: when somebody takes part, or is employed.

use crate::platform::moment::Day;

/// From a first to a last day, both included; without a last day it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Day,
    /// Last day; none while open.
    pub to: Option<Day>,
}

impl Period {
    /// The period from a day to a day.
    pub const fn new(from: Day, to: Option<Day>) -> Self {
        Self { from, to }
    }

    /// Whether the day lies in it.
    pub fn holds(&self, day: Day) -> bool {
        self.from <= day && self.to.is_none_or(|last| day <= last)
    }

    /// Whether some day lies in both.
    pub fn overlaps(&self, other: &Period) -> bool {
        self.to.is_none_or(|last| other.from <= last) && other.to.is_none_or(|last| self.from <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day() -> impl Strategy<Value = Day> {
        (0_i64..120).prop_map(|n| Day::new(2021, 1, 1).unwrap().plus_days(n))
    }

    fn period() -> impl Strategy<Value = Period> {
        (day(), prop::option::of(0_i64..60))
            .prop_map(|(from, length)| Period::new(from, length.map(|n| from.plus_days(n))))
    }

    proptest! {
        #[test]
        fn two_periods_overlap_when_a_day_lies_in_both(a in period(), b in period()) {
            let first = Day::new(2020, 12, 1).unwrap();
            let shared = (0_i64..400).map(|n| first.plus_days(n)).any(|day| a.holds(day) && b.holds(day));
            prop_assert_eq!(a.overlaps(&b), shared);
            prop_assert_eq!(b.overlaps(&a), shared);
        }
    }
}
