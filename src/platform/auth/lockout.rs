//! What failed logins lead to. They are counted for each account at each client address, for each address, and for each
//! account. An account is locked only for the address that has failed there, and an address for all accounts: strangers
//! cannot lock the owner out. After the first few failures each one doubles the wait, which hardly delays a person who has
//! forgotten a password, but stops a program that tries thousands. For an account that many addresses try, every answer only
//! takes longer, and its owner is told once. Pure arithmetic: the identity area stores the counts.

use std::time::Duration;

use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};

const FIRST_WAIT_SECONDS: i64 = 30;
const LONGEST_WAIT_SECONDS: i64 = 15 * 60;
const FORGET_AFTER_MINUTES: i64 = 60;

/// The failures of an account, at whatever address, from which on its answers take longer.
const SLOW_FROM: u32 = 10;

/// The longest that an answer is delayed.
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// What failures are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// One account, from any address. It is never locked: see [`delay`].
    Account,
    /// One account at one client address; of IPv6 a /64.
    AccountAtAddress,
    /// One account at one IPv6 network /48.
    AccountAtNetwork,
    /// One client address, for any account. Its limit is higher, because many people may share an address.
    Address,
    /// One IPv6 network /48, for any account.
    Network,
}

impl Counted {
    /// The number of failures from which on the next attempt has to wait; none if it never has to.
    pub const fn limit(self) -> Option<u32> {
        match self {
            Counted::Account => None,
            Counted::AccountAtAddress => Some(5),
            Counted::AccountAtNetwork | Counted::Address => Some(20),
            Counted::Network => Some(80),
        }
    }
}

/// The failures so far, each within an hour of the previous one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: u32,
    /// When the last one happened (`wall`).
    pub last: Instant,
}

impl Failures {
    /// Adds a failure at `wall`. After an hour without failures the count starts again at 1.
    pub fn one_more(earlier: Option<Self>, wall: Instant) -> Self {
        let count =
            earlier.filter(|failures| !failures.is_forgotten(wall)).map_or(0, |failures| failures.count);
        Self { count: count.saturating_add(1), last: wall }
    }

    /// Whether an hour has passed without a failure. The row can then be deleted.
    pub fn is_forgotten(self, wall: Instant) -> bool {
        wall >= self.last.plus_minutes(FORGET_AFTER_MINUTES)
    }
}

/// Whether a login may be tried. The stricter of two verdicts is their `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It may be tried.
    Allowed,
    /// Not yet.
    Wait {
        /// Whole seconds to wait, rounded up.
        seconds: u64,
    },
}

impl Verdict {
    /// 429 `loginLocked` with `Retry-After`, unless the login may be tried.
    pub fn check(self) -> Result<(), Problem> {
        match self {
            Verdict::Allowed => Ok(()),
            Verdict::Wait { seconds } => Err(Problem::new(Code::LoginLocked).retry_after(seconds)),
        }
    }
}

/// Whether a login may be tried at `wall`, after these failures.
pub fn verdict(failures: Option<Failures>, counted: Counted, wall: Instant) -> Verdict {
    let Some(failures) = failures.filter(|failures| !failures.is_forgotten(wall)) else {
        return Verdict::Allowed;
    };
    let wait = wait_millis(failures.count, counted);
    // The clock of another process may be ahead of ours. That must not lengthen the wait.
    let passed = wall.millis().saturating_sub(failures.last.millis()).max(0);
    match u64::try_from(wait.saturating_sub(passed)) {
        Ok(left) if left > 0 => Verdict::Wait { seconds: left.div_ceil(1000) },
        _ => Verdict::Allowed,
    }
}

/// How long an answer about an account is delayed after these failures of the account. The right password has to wait, too:
/// otherwise a guess would be told by its time.
pub fn delay(failures: Option<Failures>, wall: Instant) -> Duration {
    let failures = failures.filter(|failures| !failures.is_forgotten(wall));
    match failures.and_then(|failures| failures.count.checked_sub(SLOW_FROM)) {
        // 250 ms · 2⁵ already exceeds the longest delay.
        Some(beyond) => Duration::from_millis(250 << beyond.min(5)).min(LONGEST_DELAY),
        None => Duration::ZERO,
    }
}

/// Whether the owner is told of the failures now: at one count only, so once until an hour has passed without failures or a
/// login has succeeded.
pub fn is_told(failures: Failures) -> bool {
    failures.count == SLOW_FROM
}

fn wait_millis(count: u32, counted: Counted) -> i64 {
    let Some(beyond) = counted.limit().and_then(|limit| count.checked_sub(limit)) else {
        return 0;
    };
    // 30 s · 2⁵ already exceeds the longest wait, and a larger shift could overflow.
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
    fn four_failures_of_an_account_and_nineteen_of_an_address_cause_no_wait() {
        assert_eq!(verdict(None, Counted::AccountAtAddress, NOW), Verdict::Allowed);
        assert_eq!(after(4, Counted::AccountAtAddress, 0), Verdict::Allowed);
        assert_eq!(after(19, Counted::Address, 0), Verdict::Allowed);
    }

    #[test]
    fn the_wait_doubles_from_30_seconds_to_15_minutes() {
        for (counted, first) in
            [(Counted::AccountAtAddress, 5), (Counted::Address, 20), (Counted::Network, 80)]
        {
            for (more, seconds) in
                [(0, 30), (1, 60), (2, 120), (3, 240), (4, 480), (5, 900), (6, 900), (99, 900)]
            {
                assert_eq!(after(first + more, counted, 0), Verdict::Wait { seconds }, "{counted:?} {more}");
            }
        }
        assert_eq!(after(u32::MAX, Counted::AccountAtAddress, 0), Verdict::Wait { seconds: 900 });
    }

    #[test]
    fn the_remaining_wait_is_rounded_up_and_ends() {
        assert_eq!(after(5, Counted::AccountAtAddress, 1), Verdict::Wait { seconds: 30 });
        assert_eq!(after(5, Counted::AccountAtAddress, 29_999), Verdict::Wait { seconds: 1 });
        assert_eq!(after(5, Counted::AccountAtAddress, 30_000), Verdict::Allowed);
    }

    #[test]
    fn an_account_is_never_locked_but_its_answers_take_longer() {
        assert_eq!(after(u32::MAX, Counted::Account, 0), Verdict::Allowed);
        let slow = |count| delay(Some(Failures { count, last: NOW }), NOW).as_millis();
        assert_eq!([0, 9, 10, 11, 14, 15, 99, u32::MAX].map(slow), [0, 0, 250, 500, 4000, 5000, 5000, 5000]);
        assert_eq!(delay(None, NOW), Duration::ZERO);
        let old = Failures { count: 99, last: NOW.plus_minutes(-60) };
        assert_eq!(delay(Some(old), NOW), Duration::ZERO);
        let told = (1..=100).filter(|count| is_told(Failures { count: *count, last: NOW }));
        assert_eq!(told.collect::<Vec<_>>(), [10]);
    }

    #[test]
    fn a_clock_that_goes_back_does_not_lengthen_the_wait() {
        assert_eq!(after(5, Counted::AccountAtAddress, -3_600_000), Verdict::Wait { seconds: 30 });
    }

    #[test]
    fn an_hour_without_failure_restarts_the_count() {
        let ten = Some(Failures { count: 10, last: NOW });
        let almost = NOW.plus_minutes(60).plus_millis(-1);
        assert_eq!(Failures::one_more(ten, almost), Failures { count: 11, last: almost });
        let hour = NOW.plus_minutes(60);
        assert_eq!(Failures::one_more(ten, hour), Failures { count: 1, last: hour });
        assert_eq!(Failures::one_more(None, NOW), Failures { count: 1, last: NOW });
        assert!(Failures { count: 1, last: NOW }.is_forgotten(hour));
    }

    #[test]
    fn the_stricter_of_two_verdicts_is_the_refusal() {
        let both = after(5, Counted::AccountAtAddress, 0).max(after(22, Counted::Address, 0));
        assert_eq!(both, Verdict::Wait { seconds: 120 });
        let refusal = both.check().unwrap_err();
        assert_eq!((refusal.code, refusal.retry_after), (Code::LoginLocked, Some(120)));
        assert!(Verdict::Allowed.max(Verdict::Allowed).check().is_ok());
    }
}
