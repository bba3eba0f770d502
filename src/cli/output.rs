//! What commands print: results to standard output, everything else to standard error.

use std::io::Write as _;

/// A line for the caller.
pub fn line(text: &str) {
    // Nobody is left to tell when standard output is closed.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A line for the operator.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// What went wrong.
pub fn error(text: &str) {
    note(&format!("samverkan: {text}"));
}
