//! Why connections end before their time. A client can cause any number of endings, so they are counted in the metrics, and
//! only a sample of them is logged.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The log tells each reason at most so often.
const EVERY: Duration = Duration::from_secs(10);

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Its address has too many.
    TooMany,
    /// The client took nothing of its answer, or left a request unfinished.
    Stalled,
    /// The client went on sending a body after it was answered.
    EndlessBody,
    /// What the client sent is not HTTP, or too much of it.
    Malformed,
}

impl Reason {
    const ALL: [Self; 4] = [Self::TooMany, Self::Stalled, Self::EndlessBody, Self::Malformed];

    /// The reason in logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooMany => "tooMany",
            Self::Stalled => "stalled",
            Self::EndlessBody => "endlessBody",
            Self::Malformed => "malformed",
        }
    }
}

/// What the log has not told yet.
#[derive(Debug, Default)]
pub struct Endings([Mutex<Untold>; Reason::ALL.len()]);

#[derive(Debug, Default)]
struct Untold {
    count: u64,
    told: Option<Instant>,
}

impl Untold {
    /// One more. Returns how many there were since the log was told last, when it is to be told now.
    fn one_more(&mut self, now: Instant) -> Option<u64> {
        self.count += 1;
        if self.told.is_some_and(|told| now.saturating_duration_since(told) < EVERY) {
            return None;
        }
        self.told = Some(now);
        Some(std::mem::take(&mut self.count))
    }
}

impl Endings {
    /// Counts an ending, and tells the log of the first one and then of all since.
    pub fn tell(&self, reason: Reason) {
        let place = Reason::ALL.iter().position(|known| *known == reason);
        let Some(untold) = place.and_then(|place| self.0.get(place)) else { return };
        let count = untold.lock().unwrap_or_else(PoisonError::into_inner).one_more(Instant::now());
        if let Some(count) = count {
            tracing::info!(reason = reason.as_str(), count, "connections closed early");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_and_then_a_count_every_ten_seconds() {
        let began = Instant::now();
        let mut untold = Untold::default();
        let told: Vec<_> = [0, 1, 9, 10, 11, 30]
            .into_iter()
            .map(|seconds| untold.one_more(began + Duration::from_secs(seconds)))
            .collect();
        assert_eq!(told, [Some(1), None, None, Some(3), None, Some(2)]);
    }
}
