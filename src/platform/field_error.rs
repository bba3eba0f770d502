//! One error of a problem.

use crate::platform::text::Localized;

/// One error in the request: where it is, a stable code, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the body, or the name of the parameter or header.
    pub pointer: String,
    /// The stable code of the error.
    pub code: &'static str,
    /// What is wrong, or what would be right.
    pub detail: Localized,
}

impl FieldError {
    /// An error at this pointer.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: Localized) -> Self {
        Self { pointer: pointer.into(), code, detail }
    }
}

/// Sorts by pointer and removes duplicates, so that the same body always gets the same answer.
pub fn sorted(mut errors: Vec<FieldError>) -> Vec<FieldError> {
    let natural = |pointer: &str| -> Vec<(usize, String)> {
        pointer.split('/').map(|part| (part.parse().unwrap_or(usize::MAX), part.to_owned())).collect()
    };
    errors.sort_by_cached_key(|error| (natural(&error.pointer), error.code));
    errors.dedup_by(|a, b| a.pointer == b.pointer && a.code == b.code);
    errors
}
