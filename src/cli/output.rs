//! The output of commands: results to standard output, everything else to standard error.

use std::io::Write as _;

/// A line of the result.
pub fn line(text: &str) {
    // A closed standard output is not an error of the command.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A line for the operator.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// An error.
pub fn error(text: &str) {
    note(&format!("samverkan: {text}"));
}
