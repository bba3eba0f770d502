//! Single-use links sent by mail: 256 random bits, stored as a hash, valid until a date (guide §3, verification link). A
//! link is used by a POST; opening it in a browser changes nothing.

mod commands;
mod mailed;
mod store;

use crate::platform::ids::Id;
use crate::platform::moment::Instant;

pub use commands::{consume, end_all, end_every, issue, usable};
pub use mailed::{Mailed, read_code};
pub use store::{LinkRow, lately, open, open_among, open_for};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To choose a password for the first time.
    Invitation,
    /// To choose a new password.
    PasswordReset,
    /// To prove that an address belongs to the person who expresses interest.
    Verification,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Kind::Invitation => "invitation",
            Kind::PasswordReset => "passwordReset",
            Kind::Verification => "verification",
        }
    }

    /// The page that takes the link, in the frontend or here. The names are a contract (docs/API-DESIGN.md, mailed links).
    const fn page(self) -> &'static str {
        match self {
            Kind::Invitation => "/invitation",
            Kind::PasswordReset => "/password-reset",
            Kind::Verification => "/verification",
        }
    }

    const fn minutes(self) -> i64 {
        match self {
            Kind::Invitation => 14 * 24 * 60,
            Kind::PasswordReset => 60,
            Kind::Verification => 7 * 24 * 60,
        }
    }

    /// When a link that is created now expires.
    pub fn ends(self, now: Instant) -> Instant {
        now.plus_minutes(self.minutes())
    }
}

/// The person or application that a link is for.
#[derive(Clone, Copy, Debug, Default)]
pub struct For {
    /// The person.
    pub person_id: Option<Id>,
    /// The application.
    pub subject_id: Option<Id>,
}

/// When links of one kind were created for one mailbox within the last hour, newest first, by the wall clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lately(Vec<Instant>);

/// How many minutes must pass before another link can be requested.
const MINUTES_BETWEEN: i64 = 5;

/// How many links can be requested in an hour.
const REQUESTS_PER_HOUR: usize = 5;

impl Lately {
    /// Whether another link may be requested. The limit is needed because anyone can request links for any address.
    pub fn may_ask(&self, wall: Instant) -> bool {
        let is_early = self.0.first().is_some_and(|newest| wall < newest.plus_minutes(MINUTES_BETWEEN));
        !is_early && self.0.len() < REQUESTS_PER_HOUR
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_604_000_000_000);

    fn made(minutes_ago: &[i64]) -> Lately {
        Lately(minutes_ago.iter().map(|minutes| NOW.plus_minutes(-minutes)).collect())
    }

    #[test]
    fn a_link_can_be_requested_every_five_minutes_and_five_times_an_hour() {
        assert!(made(&[]).may_ask(NOW));
        assert!(!made(&[0]).may_ask(NOW) && !made(&[4]).may_ask(NOW));
        assert!(made(&[5]).may_ask(NOW) && made(&[5, 10, 15, 20]).may_ask(NOW));
        assert!(!made(&[5, 10, 15, 20, 25]).may_ask(NOW));
    }
}
