//! Time: entries, reports, months and their submission (guide §4).

pub mod month_exceptions;
pub mod month_overview;
pub mod month_submissions;
pub mod months;
pub mod time_entries;
pub mod time_reports;

use std::sync::Arc;

use crate::platform::codes::CodeList;
use crate::platform::hooks::Hooks;
use crate::platform::http::operations::Operations;
use crate::platform::jobs::Job;
use crate::platform::workflow::WorkflowTable;
use crate::programmes::ProgrammeListener;
use crate::team::{EmploymentListener, ParticipantListener};

/// The area's closed lists.
pub const CODE_LISTS: &[CodeList] = &[
    months::MonthState::LIST,
    time_entries::EntryKind::LIST,
    time_entries::EntrySource::LIST,
    time_entries::EntryState::LIST,
    time_entries::Dimension::LIST,
    time_reports::TimeReportState::LIST,
    month_overview::MissingStep::LIST,
];

/// The area's tables of states.
pub fn workflows() -> Vec<WorkflowTable> {
    vec![months::WORKFLOW.table(), time_entries::WORKFLOW.table(), time_reports::WORKFLOW.table()]
}

/// What the clock does here.
pub const JOBS: &[Job] = &[
    Job { name: "months", run: months::follow_the_clock },
    // After the months, which it makes reports for.
    Job { name: "timeReports", run: time_reports::make_due },
];

/// What this area does when something below it changes.
pub fn hooks(hooks: &mut Hooks) {
    hooks.add::<dyn ProgrammeListener>(Arc::new(months::Follower));
    hooks.add::<dyn ParticipantListener>(Arc::new(time_entries::Guard));
    hooks.add::<dyn ParticipantListener>(Arc::new(time_reports::ReportMaker));
    hooks.add::<dyn ParticipantListener>(Arc::new(months::Leavers));
    hooks.add::<dyn EmploymentListener>(Arc::new(time_entries::Guard));
}

/// The area's operations.
pub fn routes(cfg: &mut Operations) {
    months::routes::routes(cfg);
    month_exceptions::routes::routes(cfg);
    time_reports::routes::routes(cfg);
    time_entries::routes::routes(cfg);
    month_submissions::routes::routes(cfg);
    month_overview::routes::routes(cfg);
}
