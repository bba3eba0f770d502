//! The one source of time. Nothing else in the program asks the machine what time it is (clippy.toml
//! refuses it), so a test can stand on any day and the demonstration can walk months in minutes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::moment::{Day, Instant};

/// Time as the program knows it: [`now`](Clock::now) for the domain (deadlines, months, roles, links, audit) and
/// [`wall`](Clock::wall) for tokens, sessions, lockout, rate limits and idempotency keys (domain guide §6).
///
/// The two differ only in the demonstration and in tests, where `now` runs ahead of `wall` by an offset.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Milliseconds since 1970 when time stands still, [`RUNNING`] when the machine's clock is used.
    frozen: AtomicI64,
    offset: AtomicI64,
}

const RUNNING: i64 = i64::MIN;

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::with_offset(0)
    }

    /// The machine's clock, with `now` ahead by `offset` milliseconds (the demonstration).
    pub fn with_offset(offset: i64) -> Self {
        Self(Arc::new(Inner { frozen: AtomicI64::new(RUNNING), offset: AtomicI64::new(offset) }))
    }

    /// A clock that stands still until somebody moves it (tests).
    pub fn fixed(at: Instant) -> Self {
        Self(Arc::new(Inner { frozen: AtomicI64::new(at.millis()), offset: AtomicI64::new(0) }))
    }

    /// The domain's now.
    pub fn now(&self) -> Instant {
        self.wall().plus_millis(self.0.offset.load(Ordering::SeqCst))
    }

    /// Today in Sweden, by the domain's now.
    pub fn today(&self) -> Day {
        self.now().day()
    }

    /// The real time, which no demonstration moves.
    pub fn wall(&self) -> Instant {
        let frozen = self.0.frozen.load(Ordering::SeqCst);
        if frozen == RUNNING { Instant::from_millis(machine_millis()) } else { Instant::from_millis(frozen) }
    }

    /// Moves `now` forward to `to`, leaving `wall` alone. An earlier time changes nothing.
    /// Answers the offset that is now in force, in milliseconds.
    pub fn advance_now(&self, to: Instant) -> i64 {
        let offset = (to.millis() - self.wall().millis()).max(self.0.offset.load(Ordering::SeqCst));
        self.0.offset.store(offset, Ordering::SeqCst);
        offset
    }

    /// Moves a fixed clock, `now` and `wall` alike, forward by `millis`. A running clock cannot be moved so.
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
