//! Register data: the 290 kommuner and 21 län, loaded by migration, the closed lists of codes, and the calendar.
//! Open to anyone.

pub mod calendar;
pub mod code_lists;
mod codes;
mod identity;
pub mod kommuner;
pub mod lan;
mod sorting;

pub use codes::{Kommunkod, LanCode};
pub use sorting::swedish_key;

use crate::platform::codes::CodeList;
use crate::platform::http::operations::Operations;

/// The area's closed lists.
pub const CODE_LISTS: &[CodeList] = &[kommuner::SizeBand::LIST, kommuner::SkrGroup::LIST, lan::Nuts2::LIST];

/// The area's operations.
pub fn routes(cfg: &mut Operations) {
    kommuner::routes::routes(cfg);
    lan::routes(cfg);
    code_lists::routes(cfg);
}
