//! The only source of time. No other code reads the system clock (clippy.toml forbids it), so a test can run on any day
//! and the demonstration can pass months in minutes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::moment::{Day, Instant};

/// Two times: [`now`](Clock::now) for the domain (deadlines, months, roles, links, audit) and [`wall`](Clock::wall) for
/// tokens, sessions, lockout, rate limits and idempotency keys (domain guide §6). They differ only in the demonstration
/// and in tests, where `now` is ahead of `wall` by an offset.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The fixed time in milliseconds since 1970, or [`RUNNING`] when the system clock is used.
    frozen: AtomicI64,
    offset: AtomicI64,
}

const RUNNING: i64 = i64::MIN;

impl Clock {
    /// The system clock.
    pub fn system() -> Self {
        Self::with_offset(0)
    }

    /// The system clock, with `now` ahead by `offset` milliseconds (the demonstration).
    pub fn with_offset(offset: i64) -> Self {
        Self(Arc::new(Inner { frozen: AtomicI64::new(RUNNING), offset: AtomicI64::new(offset) }))
    }

    /// A clock that stands still until it is moved (tests).
    pub fn fixed(at: Instant) -> Self {
        Self(Arc::new(Inner { frozen: AtomicI64::new(at.millis()), offset: AtomicI64::new(0) }))
    }

    /// The time for the domain.
    pub fn now(&self) -> Instant {
        self.wall().plus_millis(self.0.offset.load(Ordering::SeqCst))
    }

    /// Today in Sweden, by [`now`](Self::now).
    pub fn today(&self) -> Day {
        self.now().day()
    }

    /// The real time. The demonstration does not move it.
    pub fn wall(&self) -> Instant {
        let frozen = self.0.frozen.load(Ordering::SeqCst);
        if frozen == RUNNING { Instant::from_millis(machine_millis()) } else { Instant::from_millis(frozen) }
    }

    /// By how many milliseconds `now` is ahead of `wall`.
    pub fn offset(&self) -> i64 {
        self.0.offset.load(Ordering::SeqCst)
    }

    /// Moves `now` forward to `to` but not `wall`; an earlier time changes nothing. Returns the new offset in
    /// milliseconds.
    pub fn advance_now(&self, to: Instant) -> i64 {
        let offset = (to.millis() - self.wall().millis()).max(self.0.offset.load(Ordering::SeqCst));
        self.0.offset.store(offset, Ordering::SeqCst);
        offset
    }

    /// Moves both times of a fixed clock forward by `millis`. Does nothing to a running clock.
    pub fn advance(&self, millis: i64) {
        let frozen = self.0.frozen.load(Ordering::SeqCst);
        if frozen != RUNNING {
            self.0.frozen.store(frozen + millis, Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the only caller: everything else asks the injected clock")]
fn machine_millis() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
