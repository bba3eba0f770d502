//! What a resource contributes to the program. Each resource declares its [`Part`], an area lists the parts of its
//! resources, and `app.rs` lists the areas.

use crate::platform::audit::verification::verified::{Verified, VerifiedType};
use crate::platform::auth::found::Resource;
use crate::platform::codes::CodeList;
use crate::platform::hooks::Hooks;
use crate::platform::http::operations::Operations;
use crate::platform::http::pages::Page;
use crate::platform::jobs::Job;
use crate::platform::workflow::{Stateful, WorkflowTable};

/// What a resource contributes to the program.
pub struct Part {
    /// Its operations.
    pub routes: fn(&mut Operations),
    /// Its pages at the root, for people without a frontend.
    pub pages: &'static [Page],
    /// Its code lists.
    pub code_lists: &'static [CodeList],
    /// Its types in the audit trail, with their rows.
    pub verified: &'static [VerifiedType],
    /// Its states and transitions.
    pub workflow: Option<fn() -> WorkflowTable>,
    /// Its jobs.
    pub jobs: &'static [Job],
    /// Registers its implementations of the traits of lower areas.
    pub hooks: fn(&mut Hooks),
}

impl Part {
    /// Contributes nothing; a resource fills in the rest with `..Part::NONE`.
    pub const NONE: Self = Self {
        routes: |_| (),
        pages: &[],
        code_lists: &[],
        verified: &[],
        workflow: None,
        jobs: &[],
        hooks: |_| (),
    };

    /// Contributes the audited type and the workflow of a row with states: `..Part::of::<ThingRow>()`.
    pub const fn of<R: Resource + Stateful + Verified>() -> Self {
        Self { workflow: Some(WorkflowTable::of::<R>), ..Self::audited::<R>() }
    }

    /// Contributes the audited type of a row without states: `..Part::audited::<ThingRow>()`.
    pub const fn audited<R: Verified>() -> Self {
        Self { verified: const { &[R::VERIFIED] }, ..Self::NONE }
    }
}
