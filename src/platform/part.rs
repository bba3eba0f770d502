//! What a resource brings to the program. A resource declares its [`Part`], an area lists those of its resources, and
//! `app.rs` lists the areas.

use crate::platform::audit::AuditedType;
use crate::platform::codes::CodeList;
use crate::platform::hooks::Hooks;
use crate::platform::http::operations::Operations;
use crate::platform::jobs::Job;
use crate::platform::workflow::WorkflowTable;

/// What a resource brings to the program.
pub struct Part {
    /// Its operations.
    pub routes: fn(&mut Operations),
    /// Its closed lists of codes.
    pub code_lists: &'static [CodeList],
    /// Its types in the audit trail.
    pub audited: &'static [AuditedType],
    /// Its states and what leads from one to the next.
    pub workflow: Option<fn() -> WorkflowTable>,
    /// What the clock does to it.
    pub jobs: &'static [Job],
    /// What it does when something below it changes.
    pub hooks: fn(&mut Hooks),
}

impl Part {
    /// Brings nothing: what a resource has no part in is left out with `..Part::NONE`.
    pub const NONE: Self =
        Self { routes: |_| (), code_lists: &[], audited: &[], workflow: None, jobs: &[], hooks: |_| () };
}
