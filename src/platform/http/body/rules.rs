//! Rules that a schema cannot express are written in code with `validator`. This file translates validator's errors
//! into [`FieldError`]s with JSON pointers.

use std::borrow::Cow;

use serde_json::Value;
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

use super::translate::{child, report};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;

/// The error that a function in `#[validate(custom(..))]` returns if its field breaks a rule: a code and both texts.
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

/// Like [`broken`], for a rule on several fields, `#[validate(schema(function = "..", skip_on_field_errors = false))]`,
/// with the JSON name of the field that the error points at.
pub fn broken_at(field: &'static str, code: &'static str, sv: &str, en: &str) -> ValidationError {
    let mut error = broken(code, sv, en);
    error.params.insert("field".into(), field.into());
    error
}

/// Checks a value that is not a whole body (an item of a batch) against the rules of its type: 422 with every error.
pub fn validated(value: &impl Validate) -> Result<(), Problem> {
    let mut errors = Vec::new();
    if let Err(broken) = value.validate() {
        collect(&broken, "", &mut errors);
    }
    Code::InvalidInput.refuse_any(errors)
}

/// What validator calls a value itself, and a rule over several of its members.
pub(super) const OF_ALL_MEMBERS: &str = "__all__";

/// Collects the errors of the value at `pointer`.
pub(super) fn collect(broken: &ValidationErrors, pointer: &str, errors: &mut Vec<FieldError>) {
    for (name, kind) in broken.errors() {
        // validator calls an unnamed list "_tmp_validator".
        let own = matches!(name.as_ref(), OF_ALL_MEMBERS | "_tmp_validator");
        let at = if own { pointer.to_owned() } else { child(pointer, &camel_case(name)) };
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, &at, errors),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &child(&at, &index.to_string()), errors);
                }
            }
            ValidationErrorsKind::Field(of_field) => {
                for error in of_field {
                    report(errors, field_error(error, &at));
                }
            }
        }
    }
}

fn field_error(error: &ValidationError, at: &str) -> FieldError {
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
    FieldError::new(at, code, own_text(error).unwrap_or(standard))
}

/// The code and text for an error of validator's own `length` and `range`. Such an error has the bounds and the value,
/// but does not say which bound was broken.
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
        _ => ("outOfRange", Localized::fixed("Ligger utanför gränserna", "Is out of range")),
    }
}

/// The rule's own texts: parameters `sv` and `en`, or a message of the form `sv|en`.
fn own_text(error: &ValidationError) -> Option<Localized> {
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
