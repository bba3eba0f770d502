//! Time: entries, reports, months and their submission (guide §4).

pub mod month_exceptions;
pub mod month_overview;
pub mod month_submissions;
pub mod months;
pub mod time_entries;
pub mod time_reports;

use utoipa_actix_web::service_config::ServiceConfig;

use crate::platform::codes::CodeList;
use crate::platform::hooks::Hooks;
use crate::platform::jobs::Job;

/// The area's closed lists.
pub const CODE_LISTS: &[CodeList] = &[];

/// What the clock does here.
pub const JOBS: &[Job] = &[];

/// What this area does when something below it changes.
pub fn hooks(_hooks: &mut Hooks) {}

/// The area's operations.
pub fn routes(cfg: &mut ServiceConfig) {
    months::routes::routes(cfg);
    month_exceptions::routes::routes(cfg);
    time_reports::routes::routes(cfg);
    time_entries::routes::routes(cfg);
    month_submissions::routes::routes(cfg);
    month_overview::routes::routes(cfg);
}
