//! Rules that a schema cannot state, written in code with `validator`: its errors become faults with JSON pointers.

use std::borrow::Cow;

use serde_json::Value;
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

use super::faults::{child, report, sorted};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;

/// What a function in `#[validate(custom(..))]` answers when its field breaks a rule: a code and both texts.
///
/// ```ignore
/// fn a_quarter(minutes: &i32) -> Result<(), ValidationError> {
///     if minutes % 15 == 0 { Ok(()) } else { Err(broken("notAQuarter", "Ange hela kvartar", "Give whole quarters")) }
/// }
/// ```
pub fn broken(code: &'static str, sv: &str, en: &str) -> ValidationError {
    let mut error = ValidationError::new(code);
    error.params.insert("sv".into(), sv.into());
    error.params.insert("en".into(), en.into());
    error
}

/// The same for a rule on several fields, `#[validate(schema(function = "..", skip_on_field_errors = false))]`, with
/// the field (as JSON has it) that the fault is to point at.
pub fn broken_at(field: &'static str, code: &'static str, sv: &str, en: &str) -> ValidationError {
    let mut error = broken(code, sv, en);
    error.params.insert("field".into(), field.into());
    error
}

/// Holds a value against the rules in its code, outside of a body (an item of a batch): 422 with every fault.
pub fn validated(value: &impl Validate) -> Result<(), Problem> {
    let mut faults = Vec::new();
    if let Err(errors) = value.validate() {
        collect(&errors, "", &mut faults);
    }
    Code::InvalidInput.refuse_any(sorted(faults))
}

/// Collects the faults of a value, `pointer` being where it stands.
pub(super) fn collect(errors: &ValidationErrors, pointer: &str, faults: &mut Vec<FieldError>) {
    for (name, kind) in errors.errors() {
        // "__all__" is what validator calls the value itself, "_tmp_validator" what it calls an unnamed list.
        let own = matches!(name.as_ref(), "__all__" | "_tmp_validator");
        let at = if own { pointer.to_owned() } else { child(pointer, &camel_case(name)) };
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, &at, faults),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &child(&at, &index.to_string()), faults);
                }
            }
            ValidationErrorsKind::Field(found) => {
                for error in found {
                    report(faults, fault(error, &at));
                }
            }
        }
    }
}

fn fault(error: &ValidationError, at: &str) -> FieldError {
    let at = match error.params.get("field").and_then(Value::as_str) {
        Some(field) => child(at, field),
        None => at.to_owned(),
    };
    let (code, standard) = match (error.code.as_ref(), &error.code) {
        ("length" | "range", _) => out_of_bounds(error),
        ("email", _) => {
            ("wrongFormat", Localized::fixed("Ska vara en e-postadress", "Must be an e-mail address"))
        }
        ("required", _) => ("required", Localized::fixed("Fältet saknas", "The field is missing")),
        (_, Cow::Borrowed(code)) => (*code, Localized::fixed("Bryter mot en regel", "Breaks a rule")),
        (_, Cow::Owned(_)) => ("invalidValue", Localized::fixed("Bryter mot en regel", "Breaks a rule")),
    };
    FieldError::new(at, code, words(error).unwrap_or(standard))
}

/// What validator's own `length` and `range` found: they tell the bounds and the value, but not which bound it was.
fn out_of_bounds(error: &ValidationError) -> (&'static str, Localized) {
    let number = |name: &str| error.params.get(name).and_then(Value::as_f64);
    let is_length = error.code == "length";
    let size = match error.params.get("value") {
        Some(Value::String(text)) => text.chars().count() as f64,
        Some(Value::Array(items)) => items.len() as f64,
        value => value.and_then(Value::as_f64).unwrap_or_default(),
    };
    let (min, max) = (number("min").or(number("equal")), number("max").or(number("equal")));
    match (min, max) {
        (Some(min), _) if size < min => (
            if is_length { "tooShort" } else { "tooSmall" },
            Localized::new(format!("Ska vara minst {min}"), format!("Must be at least {min}")),
        ),
        (_, Some(max)) if size > max => (
            if is_length { "tooLong" } else { "tooLarge" },
            Localized::new(format!("Får vara högst {max}"), format!("May be at most {max}")),
        ),
        _ => ("outOfRange", Localized::fixed("Ligger utanför gränserna", "Lies outside the bounds")),
    }
}

/// The rule's own texts: parameters `sv` and `en`, or a message of the form `sv|en`.
fn words(error: &ValidationError) -> Option<Localized> {
    let text = |name: &str| error.params.get(name).and_then(Value::as_str);
    if let (Some(sv), Some(en)) = (text("sv"), text("en")) {
        return Some(Localized::new(sv, en));
    }
    let message = error.message.as_deref()?;
    let (sv, en) = message.split_once('|').unwrap_or((message, message));
    Some(Localized::new(sv.trim(), en.trim()))
}

/// The name that serde's `rename_all = "camelCase"` gives a field.
fn camel_case(name: &str) -> String {
    let mut parts = name.trim_start_matches("r#").split('_');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}
