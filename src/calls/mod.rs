//! Calls: from expressed interest to a place in the network.

pub mod applications;
pub mod avsiktsforklaringar;

use crate::platform::part::Part;

/// What the area's resources bring to the program.
pub const PARTS: &[Part] = &[applications::PART, avsiktsforklaringar::PART];
