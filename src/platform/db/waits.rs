//! Metrics: how long requests wait for a connection, and what a commit of a group costs.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;

/// Upper bounds in seconds, from no wait to longer than clients wait.
const BUCKETS: [f64; 9] = [0.000_1, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 2.0, 10.0];

/// The label for a pool.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct KindLabels {
    /// `read` or `write`.
    pub kind: &'static str,
}

/// The histograms of waiting times, one for each pool.
#[derive(Clone, Debug)]
pub struct Waits(pub Family<KindLabels, Histogram, fn() -> Histogram>);

impl Default for Waits {
    fn default() -> Self {
        Self(Family::new_with_constructor(|| Histogram::new(BUCKETS)))
    }
}

impl Waits {
    /// The histogram for one pool.
    pub fn of(&self, kind: &'static str) -> Wait {
        Wait(self.0.get_or_create_owned(&KindLabels { kind }))
    }
}

/// The histogram of waiting times for one pool.
#[derive(Clone, Debug)]
pub struct Wait(Histogram);

impl Wait {
    /// Records how long a request has waited.
    pub fn record(&self, time: Duration) {
        self.0.observe(time.as_secs_f64());
    }
}

/// Upper bounds of a group's size.
const SIZES: [f64; 7] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// The histograms of the commits that several requests share (SQLite).
#[derive(Clone, Debug)]
pub struct Commits {
    /// How many requests a commit was for.
    pub sizes: Histogram,
    /// How long it took, in seconds.
    pub seconds: Histogram,
}

impl Default for Commits {
    fn default() -> Self {
        Self { sizes: Histogram::new(SIZES), seconds: Histogram::new(BUCKETS) }
    }
}

impl Commits {
    /// Records a commit for so many requests.
    pub fn record(&self, requests: usize, time: Duration) {
        self.sizes.observe(f64::from(u32::try_from(requests).unwrap_or(u32::MAX)));
        self.seconds.observe(time.as_secs_f64());
    }
}
