//! Oversight: reading the audit trail and checking its chains, and what waits for whom over all areas.

pub mod audit_events;
pub mod tasks;

use crate::platform::codes::CodeList;
use crate::platform::hooks::Hooks;
use crate::platform::http::operations::Operations;
use crate::platform::jobs::Job;

/// The area's closed lists.
pub const CODE_LISTS: &[CodeList] =
    &[audit_events::ActorKind::LIST, audit_events::AuditedType::LIST, tasks::TaskCode::LIST];

/// What the clock does here.
pub const JOBS: &[Job] = &[Job { name: "auditCheckpoint", run: audit_events::write_checkpoint }];

/// What this area does when something below it changes.
pub fn hooks(_hooks: &mut Hooks) {}

/// The area's operations.
pub fn routes(cfg: &mut Operations) {
    audit_events::routes::routes(cfg);
    tasks::routes::routes(cfg);
}
