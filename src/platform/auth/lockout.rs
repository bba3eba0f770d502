//! How long somebody who guesses passwords has to wait. Failures are counted per account and per client address;
//! after a few of them each further attempt waits twice as long as the one before, so that a person who has forgotten
//! a password is hardly held up and a program that tries thousands is. Pure arithmetic: the counts are stored elsewhere.

use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};

const FIRST_WAIT_SECONDS: i64 = 30;
const LONGEST_WAIT_SECONDS: i64 = 15 * 60;
const FORGET_AFTER_MINUTES: i64 = 60;

/// Whose failures are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// One account, from wherever.
    Account,
    /// One client address, whatever the account. Many people may share one, so it is allowed more.
    Address,
}

impl Counted {
    /// The failure with this number is the first after which one has to wait.
    pub const fn limit(self) -> u32 {
        match self {
            Counted::Account => 5,
            Counted::Address => 20,
        }
    }
}

/// The failures so far, none of them more than an hour after the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: u32,
    /// When the last one was, by the real time (`wall`).
    pub last: Instant,
}

impl Failures {
    /// The count with one more failure at `wall`; it begins again at 1 after an hour without any.
    pub fn one_more(earlier: Option<Self>, wall: Instant) -> Self {
        let count =
            earlier.filter(|failures| !failures.is_forgotten(wall)).map_or(0, |failures| failures.count);
        Self { count: count.saturating_add(1), last: wall }
    }

    /// Whether an hour has passed without a failure: the row says nothing any more and may go.
    pub fn is_forgotten(self, wall: Instant) -> bool {
        wall >= self.last.plus_minutes(FORGET_AFTER_MINUTES)
    }
}

/// Whether a password may be tried. Ordered, so that the stricter of two is their `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It may.
    Allowed,
    /// Not before so many seconds have passed.
    Wait {
        /// Whole seconds, rounded up.
        seconds: u64,
    },
}

impl Verdict {
    /// The refusal `loginLocked` with its `Retry-After`, when there is one.
    pub fn permit(self) -> Result<(), Problem> {
        match self {
            Verdict::Allowed => Ok(()),
            Verdict::Wait { seconds } => Err(Problem::new(Code::LoginLocked).after(seconds)),
        }
    }
}

/// Whether a password may be tried at `wall`, after these failures.
pub fn verdict(failures: Option<Failures>, counted: Counted, wall: Instant) -> Verdict {
    let Some(failures) = failures.filter(|failures| !failures.is_forgotten(wall)) else {
        return Verdict::Allowed;
    };
    let wait = wait_millis(failures.count, counted);
    // Another process's clock may be ahead of this one's; that must not make anybody's wait longer.
    let passed = wall.millis().saturating_sub(failures.last.millis()).max(0);
    match u64::try_from(wait.saturating_sub(passed)) {
        Ok(left) if left > 0 => Verdict::Wait { seconds: left.div_ceil(1000) },
        _ => Verdict::Allowed,
    }
}

fn wait_millis(count: u32, counted: Counted) -> i64 {
    let Some(beyond) = count.checked_sub(counted.limit()) else {
        return 0;
    };
    // 30 s · 2⁵ is above the longest wait already, and a larger shift could overflow.
    let seconds = FIRST_WAIT_SECONDS << beyond.min(5);
    seconds.min(LONGEST_WAIT_SECONDS) * 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_604_000_000_000);

    fn after(count: u32, counted: Counted, millis: i64) -> Verdict {
        verdict(Some(Failures { count, last: NOW }), counted, NOW.plus_millis(millis))
    }

    #[test]
    fn four_failures_of_an_account_and_nineteen_of_an_address_are_free() {
        assert_eq!(verdict(None, Counted::Account, NOW), Verdict::Allowed);
        assert_eq!(after(4, Counted::Account, 0), Verdict::Allowed);
        assert_eq!(after(19, Counted::Address, 0), Verdict::Allowed);
    }

    #[test]
    fn the_wait_doubles_from_half_a_minute_to_a_quarter_of_an_hour() {
        for (counted, first) in [(Counted::Account, 5), (Counted::Address, 20)] {
            for (more, seconds) in
                [(0, 30), (1, 60), (2, 120), (3, 240), (4, 480), (5, 900), (6, 900), (99, 900)]
            {
                assert_eq!(after(first + more, counted, 0), Verdict::Wait { seconds }, "{counted:?} {more}");
            }
        }
        assert_eq!(after(u32::MAX, Counted::Account, 0), Verdict::Wait { seconds: 900 });
    }

    #[test]
    fn what_is_left_is_rounded_up_and_ends() {
        assert_eq!(after(5, Counted::Account, 1), Verdict::Wait { seconds: 30 });
        assert_eq!(after(5, Counted::Account, 29_999), Verdict::Wait { seconds: 1 });
        assert_eq!(after(5, Counted::Account, 30_000), Verdict::Allowed);
    }

    #[test]
    fn a_clock_that_goes_back_makes_no_wait_longer() {
        assert_eq!(after(5, Counted::Account, -3_600_000), Verdict::Wait { seconds: 30 });
    }

    #[test]
    fn an_hour_without_failure_begins_the_count_again() {
        let ten = Some(Failures { count: 10, last: NOW });
        let almost = NOW.plus_minutes(60).plus_millis(-1);
        assert_eq!(Failures::one_more(ten, almost), Failures { count: 11, last: almost });
        let hour = NOW.plus_minutes(60);
        assert_eq!(Failures::one_more(ten, hour), Failures { count: 1, last: hour });
        assert_eq!(Failures::one_more(None, NOW), Failures { count: 1, last: NOW });
        assert!(Failures { count: 1, last: NOW }.is_forgotten(hour));
    }

    #[test]
    fn the_stricter_of_two_counts_and_becomes_a_refusal() {
        let both = after(5, Counted::Account, 0).max(after(22, Counted::Address, 0));
        assert_eq!(both, Verdict::Wait { seconds: 120 });
        let refusal = both.permit().unwrap_err();
        assert_eq!((refusal.code, refusal.retry_after), (Code::LoginLocked, Some(120)));
        assert!(Verdict::Allowed.max(Verdict::Allowed).permit().is_ok());
    }
}
