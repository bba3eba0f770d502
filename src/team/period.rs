//! A stretch of days with an open or a stated end: when somebody takes part, or is employed.

use crate::platform::moment::Day;

/// From a day to a day, both included; without an end it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Day,
    /// Last day; none while open.
    pub to: Option<Day>,
}

impl Period {
    /// From a day to a day.
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

    /// The whole months that it touches: from the first day of its first to the last day of its last.
    pub fn in_months(&self) -> Period {
        Period { from: self.from.month().first_day(), to: self.to.map(|last| last.month().last_day()) }
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
        fn two_overlap_when_some_day_lies_in_both(a in period(), b in period()) {
            let first = Day::new(2020, 12, 1).unwrap();
            let shared = (0_i64..400).map(|n| first.plus_days(n)).any(|day| a.holds(day) && b.holds(day));
            prop_assert_eq!(a.overlaps(&b), shared);
            prop_assert_eq!(b.overlaps(&a), shared);
        }

        #[test]
        fn its_months_hold_all_of_it(a in period(), day in day()) {
            prop_assert!(!a.holds(day) || a.in_months().holds(day));
        }
    }
}
