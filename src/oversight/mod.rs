//! Oversight: reading the audit trail and verifying its chains, and the tasks of each caller in all areas.

pub mod audit_checkpoints;
pub mod audit_events;
pub mod tasks;

use crate::platform::part::Part;

/// What the resources of the area bring to the program.
pub const PARTS: &[Part] = &[audit_checkpoints::PART, audit_events::PART, tasks::PART];
