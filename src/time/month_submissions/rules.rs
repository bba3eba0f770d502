//! When a month can be submitted, and who is missing then (guide §4). Pure.

use crate::platform::ids::Id;
use crate::platform::moment::{Day, Month};
use crate::time::time_reports::{self, TimeReportRow};

/// Whether the month has no days left: a submitted report takes no more time.
pub fn is_submittable(month: Month, today: Day) -> bool {
    month.last_day() <= today
}

/// The participants whose newest report is not ready to be submitted, and the active ones without a report. `reports` are the
/// newest versions of the team's month.
pub fn missing(active: &[Id], reports: &[TimeReportRow], requires_attest: bool) -> Vec<Id> {
    let waiting = reports.iter().filter(|report| time_reports::is_missing(report.status, requires_attest));
    let mut missing: Vec<Id> = waiting.map(|report| report.participant_id).collect();
    let has_report = |id: &Id| reports.iter().any(|report| report.participant_id == *id);
    missing.extend(active.iter().filter(|id| !has_report(id)));
    missing.sort_unstable();
    missing
}
