//! Calls: from an expression of interest to a place in the network.

pub mod applications;
pub mod avsiktsforklaringar;
pub mod dimensions;
pub mod drawing;
mod geography;
pub mod interest;
pub mod participating_kommuner;
pub mod reasons;
pub mod selection_proposals;
mod swedish_time;
#[cfg(test)]
mod test_register;

use crate::platform::part::Part;

/// What the area's resources bring to the program.
pub const PARTS: &[Part] = &[
    applications::PART,
    interest::PART,
    avsiktsforklaringar::PART,
    participating_kommuner::PART,
    selection_proposals::PART,
];
