//! Goals: the steps that each kommun takes during the programme, and the evidence of them.

pub mod milestone_templates;
pub mod milestones;

use crate::platform::part::Part;

/// What the area's resources bring to the program.
pub const PARTS: &[Part] = &[milestone_templates::PART, milestones::PART];
