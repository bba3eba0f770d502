//! Values that the program would not write.

use crate::platform::problem::{Code, Problem};

/// Whether the values of a row are at fault, and not the database.
pub fn is_of_values(fault: &Problem) -> bool {
    fault.code == Code::InternalError
}
