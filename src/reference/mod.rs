//! Register data: the 290 kommuner and 21 län, which a migration loads, later register years, the closed lists of codes, and the
//! calendar. Open to anyone.

pub mod calendar;
pub mod code_lists;
mod codes;
mod identity;
pub mod kommuner;
pub mod lan;
pub mod register;
pub mod register_years;
mod sorting;

use crate::platform::part::Part;
pub use codes::{Kommunkod, LanCode};
pub use identity::{KommunId, Register};
pub use sorting::swedish_key;

/// What the resources of the area bring to the program.
pub const PARTS: &[Part] = &[kommuner::PART, lan::PART, register_years::PART, code_lists::PART];
