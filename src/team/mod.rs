//! Team:  who takes part, of a kommun or of SKR, and how they are employed.

pub mod employments;
pub mod participants;

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
    participants::routes::routes(cfg);
    employments::routes::routes(cfg);
}
