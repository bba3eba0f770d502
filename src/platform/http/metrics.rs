//! The metrics of `/metrics` (OpenMetrics text, for Prometheus): request durations by route and status, waits and
//! queues for the database, outcomes of jobs, memory use.

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::connections::endings::Reason;
use crate::platform::db::waits::{Commits, KindLabels, Waits};
use crate::platform::problem::Problem;

/// The media type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds in seconds, from a cached read to a typical client timeout.
const BUCKETS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobLabels {
    job: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: &'static str,
}

/// One request and its answer.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// The method as sent.
    pub method: &'a str,
    /// The route's template, never the path.
    pub route: String,
    /// HTTP status.
    pub status: u16,
    /// How long it took.
    pub took: Duration,
}

/// The measurements of this process.
pub struct Metrics {
    registry: Registry,
    requests: Family<RouteLabels, Histogram, fn() -> Histogram>,
    database_queue: Family<KindLabels, Gauge>,
    jobs: Family<JobLabels, Counter>,
    closed: Family<ReasonLabels, Counter>,
    memory: Gauge,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

fn histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

impl Metrics {
    /// Empty metrics, with the database's own histograms.
    pub fn new(waits: &Waits, commits: &Commits) -> Self {
        let mut registry = Registry::default();
        let requests = Family::new_with_constructor(histogram as fn() -> Histogram);
        let (database_queue, jobs, memory) = (Family::default(), Family::default(), Gauge::default());
        let closed = Family::<ReasonLabels, Counter>::default();
        let help = "Time from request to answer, by method, route template and status";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, requests.clone());
        let help = "Time that requests waited for a database connection";
        registry.register_with_unit("database_wait", help, Unit::Seconds, waits.times.clone());
        let help = "Attempts that were made again after a deadlock or a lost connection";
        registry.register("database_retries", help, waits.retries.clone());
        let help = "Requests whose changes were committed together (SQLite)";
        registry.register("database_commit_requests", help, commits.sizes.clone());
        let help = "Time that a commit took (SQLite)";
        registry.register_with_unit("database_commit", help, Unit::Seconds, commits.seconds.clone());
        let help = "Requests that wait for a database connection at this moment";
        registry.register("database_queue", help, database_queue.clone());
        registry.register("job_runs", "Runs of jobs, by job and outcome", jobs.clone());
        let help = "Connections that were closed because of their client, by reason";
        registry.register("connections_closed", help, closed.clone());
        let help = "Resident memory of the process";
        registry.register_with_unit("process_resident_memory", help, Unit::Bytes, memory.clone());
        Self { registry, requests, database_queue, jobs, closed, memory }
    }

    /// Records a request that has been answered.
    pub fn exchanged(&self, exchange: Exchange<'_>) {
        let Exchange { method, route, status, took } = exchange;
        let labels = RouteLabels { method: known_method(method), route, status };
        self.requests.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Records a connection that was closed because of its client.
    pub fn connection_ended(&self, reason: Reason) {
        self.closed.get_or_create(&ReasonLabels { reason: reason.as_str() }).inc();
    }

    /// Records a run of a job.
    pub fn job_ran(&self, job: &str, succeeded: bool) {
        let outcome = if succeeded { "done" } else { "failed" };
        self.jobs.get_or_create(&JobLabels { job: job.to_owned(), outcome }).inc();
    }

    /// All metrics as text. `queues`: the number of requests that wait for a reader and for a writer.
    pub fn encode(&self, queues: (i64, i64)) -> Result<String, Problem> {
        self.database_queue.get_or_create(&KindLabels { kind: "read" }).set(queues.0);
        self.database_queue.get_or_create(&KindLabels { kind: "write" }).set(queues.1);
        self.memory.set(resident_bytes().unwrap_or_default());
        let mut out = String::new();
        text::encode(&mut out, &self.registry).map_err(Problem::internal)?;
        Ok(out)
    }
}

/// Unknown methods count as one, since each label value makes a time series and clients can invent any number.
fn known_method(method: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method).unwrap_or("other")
}

/// Resident memory on Linux, from `status`, which counts in kilobytes; the page size that `statm` counts in needs a
/// system call.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_measurements_are_encoded() {
        let (waits, commits) = (Waits::default(), Commits::default());
        let metrics = Metrics::new(&waits, &commits);
        commits.record(3, Duration::from_millis(2));
        for method in ["GET", "MADE-UP"] {
            let route = "/api/v1/kommuner/{kommunkod}".to_owned();
            metrics.exchanged(Exchange { method, route, status: 200, took: Duration::from_millis(3) });
        }
        waits.of("read").record(Duration::from_millis(2));
        metrics.job_ran("mail", true);
        metrics.job_ran("mail", false);
        metrics.connection_ended(Reason::Stalled);
        let text = metrics.encode((2, 1)).unwrap();
        let labels = "route=\"/api/v1/kommuner/{kommunkod}\",status=\"200\"";
        for line in [
            format!("http_request_duration_seconds_count{{method=\"GET\",{labels}}} 1"),
            format!("http_request_duration_seconds_bucket{{le=\"0.005\",method=\"GET\",{labels}}} 1"),
            format!("http_request_duration_seconds_count{{method=\"other\",{labels}}} 1"),
            "database_wait_seconds_count{kind=\"read\"} 1".to_owned(),
            "database_commit_requests_sum 3.0".to_owned(),
            "database_commit_seconds_count 1".to_owned(),
            "database_queue{kind=\"read\"} 2".to_owned(),
            "database_queue{kind=\"write\"} 1".to_owned(),
            "job_runs_total{job=\"mail\",outcome=\"done\"} 1".to_owned(),
            "connections_closed_total{reason=\"stalled\"} 1".to_owned(),
            "job_runs_total{job=\"mail\",outcome=\"failed\"} 1".to_owned(),
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line} in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn memory_is_known_on_linux() {
        assert!(resident_bytes().unwrap() > 100_000);
    }
}
