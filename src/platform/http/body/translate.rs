//! Translates the validator's errors into errors for clients: the pointer, a stable code, and a text that says what
//! would be valid. No text repeats the value, which may be personal data.

use std::fmt::Display;

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::alternatives::alternatives;
use crate::platform::problem::FieldError;
use crate::platform::text::Localized;

/// The most errors of an answer, so that a small body cannot cause a huge answer.
pub(super) const MOST_ERRORS: usize = 1000;

/// The errors of a schema check, by the stage in which they are refused.
#[derive(Default)]
pub(super) struct SchemaErrors {
    /// Unknown fields and values of the wrong type (400).
    pub(super) shape: Vec<FieldError>,
    /// Everything else (422).
    pub(super) rules: Vec<FieldError>,
}

impl SchemaErrors {
    /// Whether further errors cannot change the answer.
    pub(super) fn is_full(&self) -> bool {
        self.shape.len() >= MOST_ERRORS
    }
}

/// Adds an error, unless the answer is full.
pub(super) fn report(errors: &mut Vec<FieldError>, error: FieldError) {
    if errors.len() < MOST_ERRORS {
        errors.push(error);
    }
}

/// The pointer to a child.
pub(super) fn child(pointer: &str, name: &str) -> String {
    let mut child = pointer.to_owned();
    push_segment(&mut child, name);
    child
}

/// Appends a segment, escaped as in RFC 6901.
pub(super) fn push_segment(pointer: &mut String, name: &str) {
    pointer.push('/');
    for letter in name.chars() {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            letter => pointer.push(letter),
        }
    }
}

/// Translates one error of the validator; `document` is the schema that was checked against.
pub(super) fn translate(error: &ValidationError<'_>, document: &Value, errors: &mut SchemaErrors) {
    let at = error.instance_path().as_str();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let detail = unknown_field(error, document);
            for name in unexpected {
                report(&mut errors.shape, FieldError::new(child(at, name), "unknownField", detail.clone()));
            }
        }
        Kind::Type { kind } => {
            let expected = match kind {
                TypeKind::Single(single) => vec![*single],
                TypeKind::Multiple(several) => several.iter().collect(),
            };
            report(&mut errors.shape, wrong_type(at, &expected, error.instance()));
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let detail = Localized::fixed("Fältet saknas", "The field is missing");
            report(&mut errors.rules, FieldError::new(child(at, name), "required", detail));
        }
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            alternatives(at, error, context, document, errors)
        }
        kind => {
            let (code, detail) = broken_rule(kind, error.instance());
            report(&mut errors.rules, FieldError::new(at, code, detail));
        }
    }
}

fn unknown_field(error: &ValidationError<'_>, document: &Value) -> Localized {
    let keyword = error.schema_path().as_str();
    let schema = keyword.rsplit_once('/').and_then(|(schema, _)| document.pointer(schema));
    let properties = schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let mut known: Vec<&str> =
        properties.into_iter().flat_map(|map| map.keys().map(String::as_str)).collect();
    known.sort_unstable();
    if known.is_empty() {
        return Localized::fixed(
            "Fältet finns inte; inga fält är kända här",
            "Unknown field; no fields are known here",
        );
    }
    let known = known.join(", ");
    Localized::new(
        format!("Fältet finns inte; kända fält: {known}"),
        format!("Unknown field; known fields: {known}"),
    )
}

/// The error of a value whose type is not one of `expected`.
pub(super) fn wrong_type(at: &str, expected: &[JsonType], given: &Value) -> FieldError {
    let (null, others): (Vec<_>, Vec<_>) = expected.iter().partition(|kind| **kind == JsonType::Null);
    let names: Vec<_> = others.into_iter().chain(null).map(type_name).collect();
    let (given_sv, given_en) = match given {
        // "A decimal number" tells the client more than the validator's "a number".
        Value::Number(number) if number.is_f64() => ("decimaltal", "a decimal number"),
        Value::Number(_) => type_name(JsonType::Integer),
        value => type_name(JsonType::from(value)),
    };
    let sv = names.iter().map(|name| name.0).collect::<Vec<_>>().join(" eller ");
    let en = names.iter().map(|name| name.1).collect::<Vec<_>>().join(" or ");
    let (sv, en) = (format!("Ska vara {sv}, är {given_sv}"), format!("Must be {en}, is {given_en}"));
    FieldError::new(at, "wrongType", Localized::new(sv, en))
}

fn type_name(kind: JsonType) -> (&'static str, &'static str) {
    match kind {
        JsonType::Null => ("null", "null"),
        JsonType::Boolean => ("true eller false", "true or false"),
        JsonType::Integer => ("ett heltal", "an integer"),
        JsonType::Number => ("ett tal", "a number"),
        JsonType::String => ("en text", "a string"),
        JsonType::Array => ("en lista", "a list"),
        JsonType::Object => ("ett objekt", "an object"),
    }
}

/// The code and the text for a value of the right type that breaks a rule.
fn broken_rule(kind: &Kind, given: &Value) -> (&'static str, Localized) {
    match kind {
        Kind::Enum { options } => ("unknownValue", one_of(options.as_array().map_or(&[], Vec::as_slice))),
        Kind::Constant { expected_value } => ("unknownValue", one_of(std::slice::from_ref(expected_value))),
        Kind::Format { format } => ("wrongFormat", format_text(format)),
        Kind::UniqueItems => (
            "notUnique",
            Localized::fixed(
                "Listan har samma post flera gånger",
                "The list has the same item several times",
            ),
        ),
        Kind::Pattern { pattern } => {
            with_limit("wrongPattern", "Ska passa mönstret", "Must match the pattern", pattern)
        }
        Kind::MultipleOf { multiple_of } => {
            with_limit("notMultiple", "Ska vara en multipel av", "Must be a multiple of", multiple_of)
        }
        Kind::Minimum { limit } => with_limit("tooSmall", "Ska vara minst", "Must be at least", limit),
        Kind::Maximum { limit } => with_limit("tooLarge", "Får vara högst", "May be at most", limit),
        Kind::ExclusiveMinimum { limit } => {
            with_limit("tooSmall", "Ska vara större än", "Must be more than", limit)
        }
        Kind::ExclusiveMaximum { limit } => {
            with_limit("tooLarge", "Ska vara mindre än", "Must be less than", limit)
        }
        kind => wrong_count(kind, given),
    }
}

/// A code, and texts that end with the limit from the schema.
fn with_limit(code: &'static str, sv: &str, en: &str, rule: &impl Display) -> (&'static str, Localized) {
    (code, Localized::new(format!("{sv} {rule}"), format!("{en} {rule}")))
}

const LETTERS: (&str, &str) = ("tecken", "character");
const ITEMS: (&str, &str) = ("i antal", "item");
const FIELDS: (&str, &str) = ("fält", "field");

/// The code and the text for too few or too many characters, items or fields.
fn wrong_count(kind: &Kind, given: &Value) -> (&'static str, Localized) {
    let letters = |text: &str| text.chars().count();
    let (code, limit, (sv, en), has) = match (kind, given) {
        (Kind::MinLength { limit }, Value::String(text)) => ("tooShort", limit, LETTERS, letters(text)),
        (Kind::MaxLength { limit }, Value::String(text)) => ("tooLong", limit, LETTERS, letters(text)),
        (Kind::MinItems { limit }, Value::Array(items)) => ("tooFew", limit, ITEMS, items.len()),
        (Kind::MaxItems { limit }, Value::Array(items)) => ("tooMany", limit, ITEMS, items.len()),
        (Kind::MinProperties { limit }, Value::Object(map)) => ("tooFew", limit, FIELDS, map.len()),
        (Kind::MaxProperties { limit }, Value::Object(map)) => ("tooMany", limit, FIELDS, map.len()),
        _ => return ("invalidValue", Localized::fixed("Bryter mot en regel", "Breaks a rule")),
    };
    let plural = if *limit == 1 { "" } else { "s" };
    let is_least = matches!(code, "tooShort" | "tooFew");
    let (bound_sv, bound_en) = if is_least { ("Minst", "At least") } else { ("Högst", "At most") };
    let sv = format!("{bound_sv} {limit} {sv}, nu {has}");
    (code, Localized::new(sv, format!("{bound_en} {limit} {en}{plural}, now {has}")))
}

/// A text that lists the allowed values.
pub(super) fn one_of(allowed: &[Value]) -> Localized {
    let names: Vec<_> = allowed
        .iter()
        .filter(|value| !value.is_null())
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        .collect();
    let names = names.join(", ");
    Localized::new(format!("Ska vara ett av: {names}"), format!("Must be one of: {names}"))
}

fn format_text(format: &str) -> Localized {
    match format {
        "uuid" => Localized::fixed("Ska vara ett UUID, med bindestreck", "Must be a UUID, with hyphens"),
        "date" => Localized::fixed(
            "Ska vara en dag som finns i kalendern, skriven ÅÅÅÅ-MM-DD",
            "Must be a day that exists in the calendar, written YYYY-MM-DD",
        ),
        "date-time" => Localized::fixed(
            "Ska vara en tidpunkt enligt RFC 3339, till exempel 2020-11-03T23:00:00Z",
            "Must be an instant as in RFC 3339, for example 2020-11-03T23:00:00Z",
        ),
        "deadline" | "opening" => Localized::fixed(
            "Ska vara en dag som finns i kalendern, skriven ÅÅÅÅ-MM-DD, eller en tidpunkt enligt RFC 3339, till \
             exempel 2020-11-03T23:00:00Z",
            "Must be a day that exists in the calendar, written YYYY-MM-DD, or an instant as in RFC 3339, for \
             example 2020-11-03T23:00:00Z",
        ),
        "month" => Localized::fixed("Ska vara en månad, skriven ÅÅÅÅ-MM", "Must be a month, written YYYY-MM"),
        "email" => Localized::fixed("Ska vara en e-postadress", "Must be an e-mail address"),
        other => Localized::new(format!("Ska ha formatet {other}"), format!("Must have the format {other}")),
    }
}
