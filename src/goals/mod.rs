//! Goals: what each kommun is to reach, step by step, and what shows that it did.

pub mod milestone_templates;
pub mod milestones;

use crate::platform::part::Part;

/// What the area's resources bring to the program.
pub const PARTS: &[Part] = &[milestone_templates::PART, milestones::PART];
