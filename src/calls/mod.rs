//! Calls: from an expression of interest to a place in the network.

pub mod applications;
pub mod avsiktsforklaringar;
pub mod interest;
pub mod participating_kommuner;
mod swedish_time;

use crate::platform::part::Part;

/// What the area's resources bring to the program.
pub const PARTS: &[Part] =
    &[applications::PART, interest::PART, avsiktsforklaringar::PART, participating_kommuner::PART];
