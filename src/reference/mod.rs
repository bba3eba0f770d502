//! Register data: the 290 kommuner and 21 län, loaded by migration, the closed lists of codes, and the calendar.
//! Open to anyone.

pub mod calendar;
pub mod code_lists;
pub mod kommuner;
pub mod lan;
mod sorting;

pub use sorting::swedish_key;
