//! What is wrong with an input.

use serde::Serialize;

/// One fault of an input. All faults are told at once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// Where: a JSON pointer (RFC 6901) into the input, `""` for all of it.
    pub pointer: String,
    /// What kind of fault, as a stable code such as `required`, `wrongType`, `outOfRange`.
    pub code: &'static str,
    /// For people, in Swedish.
    pub sv: String,
    /// For people, in English.
    pub en: String,
}

impl Fault {
    /// A fault with its texts.
    pub(crate) fn new(
        pointer: String,
        code: &'static str,
        sv: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Fault { pointer, code, sv: sv.into(), en: en.into() }
    }

    /// A member that is not there.
    pub(crate) fn required(pointer: String) -> Self {
        Fault::new(pointer, "required", "Fältet saknas", "The field is missing")
    }
}
