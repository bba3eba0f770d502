//! Metrics: how long requests wait for a connection, how often a transaction runs again, and what a commit of a group costs.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
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

/// The histograms of waiting times and the counters of repeated attempts, one of each for each pool.
#[derive(Clone, Debug)]
pub struct Waits {
    /// Waiting times.
    pub times: Family<KindLabels, Histogram, fn() -> Histogram>,
    /// Attempts after a deadlock or a lost connection.
    pub retries: Family<KindLabels, Counter>,
}

impl Default for Waits {
    fn default() -> Self {
        let times = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        Self { times, retries: Family::default() }
    }
}

impl Waits {
    /// The metrics of one pool.
    pub fn of(&self, kind: &'static str) -> Wait {
        let labels = KindLabels { kind };
        Wait {
            times: self.times.get_or_create_owned(&labels),
            retries: self.retries.get_or_create_owned(&labels),
        }
    }
}

/// The metrics of one pool.
#[derive(Clone, Debug)]
pub struct Wait {
    times: Histogram,
    retries: Counter,
}

impl Wait {
    /// Records how long a request has waited.
    pub fn record(&self, time: Duration) {
        self.times.observe(time.as_secs_f64());
    }

    /// Counts one more attempt of the same work.
    pub fn count_retry(&self) {
        self.retries.inc();
    }

    /// How many attempts were repeated so far.
    pub fn retries(&self) -> u64 {
        self.retries.get()
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
