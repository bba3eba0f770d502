//! Rate limits as token buckets (GCRA): one bucket per logged-in caller, and one per address for requests without
//! login. A full bucket holds one minute's quota, which may be used at once. Each process has its own buckets.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::Clock as GovernorClock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};

/// Idle buckets are dropped once per this many requests.
const CLEAR_EVERY: u64 = 4096;

/// Whose requests a bucket counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Caller(Id),
    Address(String),
}

type Buckets = RateLimiter<Key, DashMapStateStore<Key>, WallTime, StateInformationMiddleware>;

/// One limit and its buckets.
struct Limit {
    name: &'static str,
    per_minute: u32,
    buckets: Buckets,
}

/// The limits in force; a limit whose setting is 0 is off (`None`).
pub struct Limits {
    callers: Option<Limit>,
    anonymous: Option<Limit>,
    requests: AtomicU64,
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Limits")
    }
}

/// The state of a bucket after one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BucketState {
    name: &'static str,
    per_minute: u32,
    /// Requests that may still be made at once.
    remaining: u32,
    /// Seconds until the bucket is full again or, after a refusal, until the next request is accepted.
    reset: u64,
    is_over: bool,
}

impl Limits {
    /// From `REQUESTS_PER_MINUTE` and `ANONYMOUS_REQUESTS_PER_MINUTE`.
    pub fn new(config: &Config, clock: &Clock) -> Self {
        Self::per_minute(config.requests_per_minute, config.anonymous_requests_per_minute, clock)
    }

    fn per_minute(callers: u32, anonymous: u32, clock: &Clock) -> Self {
        Self {
            callers: Limit::new("caller", callers, clock),
            anonymous: Limit::new("address", anonymous, clock),
            requests: AtomicU64::new(0),
        }
    }

    pub(super) fn check(&self, key: &Key) -> Option<BucketState> {
        let limit = match key {
            Key::Caller(_) => self.callers.as_ref(),
            Key::Address(_) => self.anonymous.as_ref(),
        }?;
        if self.requests.fetch_add(1, Ordering::Relaxed) % CLEAR_EVERY == CLEAR_EVERY - 1 {
            self.clear();
        }
        Some(limit.check(key))
    }

    /// Drops the buckets that are full again.
    fn clear(&self) {
        for limit in [&self.callers, &self.anonymous].into_iter().flatten() {
            limit.buckets.retain_recent();
            limit.buckets.shrink_to_fit();
        }
    }
}

impl Limit {
    fn new(name: &'static str, per_minute: u32, clock: &Clock) -> Option<Self> {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute)?);
        let buckets = Buckets::new(quota, DashMapStateStore::default(), WallTime::new(clock.clone()));
        Some(Self { name, per_minute, buckets })
    }

    fn check(&self, key: &Key) -> BucketState {
        let Self { name, per_minute, .. } = *self;
        match self.buckets.check_key(key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let used = per_minute.saturating_sub(remaining);
                let reset = ceil_seconds(state.quota().replenish_interval() * used);
                BucketState { name, per_minute, remaining, reset, is_over: false }
            }
            Err(until) => {
                let reset = ceil_seconds(until.wait_time_from(self.buckets.clock().now())).max(1);
                BucketState { name, per_minute, remaining: 0, reset, is_over: true }
            }
        }
    }
}

fn ceil_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

impl BucketState {
    pub(super) fn refusal(&self) -> Option<Problem> {
        self.is_over.then(|| Problem::new(Code::TooManyRequests).retry_after(self.reset))
    }

    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-09).
    pub(super) fn add_to(&self, headers: &mut HeaderMap) {
        let Self { name, per_minute, remaining, reset, .. } = self;
        let policy = format!("\"{name}\";q={per_minute};w=60");
        let state = format!("\"{name}\";r={remaining};t={reset}");
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// The time for the buckets. It follows the real time, but never goes back. Otherwise, after the machine's clock is set
/// back, no bucket would refill until the clock has caught up, and everybody would be refused meanwhile.
struct WallTime {
    clock: Clock,
    passed: Mutex<Passed>,
}

struct Passed {
    last: i64,
    millis: u64,
}

impl WallTime {
    fn new(clock: Clock) -> Self {
        let last = clock.wall().millis();
        Self { clock, passed: Mutex::new(Passed { last, millis: 0 }) }
    }
}

impl GovernorClock for WallTime {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let wall = self.clock.wall().millis();
        passed.millis += u64::try_from(wall - passed.last).unwrap_or(0);
        passed.last = wall;
        Duration::from_millis(passed.millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::moment::Instant;

    fn address(name: &str) -> Key {
        Key::Address(name.to_owned())
    }

    fn clock() -> Clock {
        Clock::fixed(Instant::from_millis(1_700_000_000_000))
    }

    #[test]
    fn a_full_bucket_allows_a_minutes_quota_and_then_refills_one_by_one() {
        let clock = clock();
        let limits = Limits::per_minute(0, 3, &clock);
        let remaining: Vec<_> = (0..3).map(|_| limits.check(&address("a")).unwrap().remaining).collect();
        assert_eq!(remaining, [2, 1, 0]);
        let over = limits.check(&address("a")).unwrap();
        assert!(over.is_over);
        assert_eq!(over.reset, 20);
        assert!(!limits.check(&address("b")).unwrap().is_over);
        clock.advance(19_999);
        assert!(limits.check(&address("a")).unwrap().is_over);
        clock.advance(1);
        assert!(!limits.check(&address("a")).unwrap().is_over);
        assert!(limits.check(&address("a")).unwrap().is_over);
    }

    #[test]
    fn advancing_the_demo_clock_does_not_refill_a_bucket() {
        let clock = clock();
        let limits = Limits::per_minute(0, 1, &clock);
        assert!(!limits.check(&address("a")).unwrap().is_over);
        clock.advance_now(clock.now().plus_millis(86_400_000));
        assert!(limits.check(&address("a")).unwrap().is_over);
    }

    #[test]
    fn setting_the_clock_back_does_not_stop_refilling() {
        let clock = clock();
        let limits = Limits::per_minute(0, 1, &clock);
        limits.check(&address("a")).unwrap();
        clock.advance(-3_600_000);
        assert_eq!(limits.check(&address("a")).unwrap().reset, 60);
        clock.advance(60_000);
        assert!(!limits.check(&address("a")).unwrap().is_over);
    }

    #[test]
    fn idle_keys_are_dropped_and_a_limit_of_zero_is_off() {
        let clock = clock();
        let limits = Limits::per_minute(0, 2, &clock);
        assert_eq!(limits.check(&Key::Caller(crate::platform::ids::Ids::seeded(1).id(clock.now()))), None);
        limits.check(&address("a"));
        clock.advance(120_000);
        limits.check(&address("b"));
        limits.clear();
        assert_eq!(limits.anonymous.as_ref().unwrap().buckets.len(), 1);
    }

    #[test]
    fn the_headers_show_quota_and_remaining_requests() {
        let limits = Limits::per_minute(0, 60, &clock());
        let mut headers = HeaderMap::new();
        limits.check(&address("a")).unwrap().add_to(&mut headers);
        assert_eq!(headers.get("ratelimit-policy").unwrap(), "\"address\";q=60;w=60");
        assert_eq!(headers.get("ratelimit").unwrap(), "\"address\";r=59;t=1");
    }
}
