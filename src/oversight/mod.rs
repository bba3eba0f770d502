//! Oversight: reading the audit trail and checking its chains, and what waits for whom over all areas.

pub mod audit_events;
pub mod tasks;

use crate::platform::part::Part;

/// What the area's resources bring to the program.
pub const PARTS: &[Part] = &[audit_events::PART, tasks::PART];
