//! The errors of a value that matches none of several alternatives, such as "null or an object" or the variants of an
//! enum. If the intended alternative can be recognised, only its errors are reported.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::translate::{SchemaErrors, one_of, report, translate, wrong_type};
use crate::platform::problem::FieldError;
use crate::platform::text::Localized;

/// The errors of one alternative.
type Branch = Vec<ValidationError<'static>>;

/// Reports the errors of a value that matches none of `context`.
pub(super) fn alternatives(
    at: &str,
    error: &ValidationError<'_>,
    context: &[Branch],
    document: &Value,
    errors: &mut SchemaErrors,
) {
    let is_here = |error: &&ValidationError<'_>| error.instance_path().as_str() == at;
    let other_type = |branch: &&Branch| {
        branch.iter().filter(is_here).any(|error| matches!(error.kind(), Kind::Type { .. }))
    };
    // A nullable reference is "this or null": a value of neither type has the wrong type.
    let intended: Vec<_> = context.iter().filter(|branch| !other_type(branch)).collect();
    if intended.is_empty() {
        let kinds = context.iter().flatten().filter(is_here).filter_map(|error| match error.kind() {
            Kind::Type { kind: TypeKind::Single(single) } => Some(vec![*single]),
            Kind::Type { kind: TypeKind::Multiple(several) } => Some(several.iter().collect()),
            _ => None,
        });
        let mut expected: Vec<JsonType> = kinds.flatten().collect();
        expected.dedup();
        return report(&mut errors.shape, wrong_type(at, &expected, error.instance()));
    }
    let by_tag: Vec<_> =
        intended.iter().filter(|branch| !branch.iter().any(|error| is_tag(error, at))).copied().collect();
    let intended = if let [_] = intended.as_slice() { intended } else { by_tag };
    match intended.as_slice() {
        [branch] => branch.iter().for_each(|error| translate(error, document, errors)),
        [] => unknown_tag(context, at, document, errors),
        several => common(at, several, document, errors),
    }
}

/// Whether an error is about the tag of a variant: a field directly below `at` with a single allowed value. (An ordinary
/// field with a list of codes has several.)
fn is_tag(error: &ValidationError<'_>, at: &str) -> bool {
    let below = error.instance_path().as_str().strip_prefix(at).and_then(|rest| rest.strip_prefix('/'));
    let one_value = match error.kind() {
        Kind::Constant { .. } => true,
        Kind::Enum { options } => options.as_array().is_some_and(|options| options.len() == 1),
        _ => false,
    };
    one_value && below.is_some_and(|rest| !rest.contains('/'))
}

/// Reports a tag whose value no variant allows, or that is not a string.
fn unknown_tag(branches: &[Branch], at: &str, document: &Value, errors: &mut SchemaErrors) {
    let tags: Vec<_> =
        branches.iter().filter_map(|branch| branch.iter().find(|error| is_tag(error, at))).collect();
    let Some(pointer) = tags.first().map(|tag| tag.instance_path().as_str()) else {
        return;
    };
    let mut of_tag = branches
        .iter()
        .flat_map(|branch| branch.iter())
        .filter(|error| error.instance_path().as_str() == pointer);
    if let Some(wrong_type) = of_tag.find(|error| matches!(error.kind(), Kind::Type { .. })) {
        return translate(wrong_type, document, errors);
    }
    let mut allowed = Vec::new();
    for tag in &tags {
        match tag.kind() {
            Kind::Enum { options } => allowed.extend(options.as_array().into_iter().flatten().cloned()),
            Kind::Constant { expected_value } => allowed.push(expected_value.as_ref().clone()),
            _ => {}
        }
    }
    report(&mut errors.rules, FieldError::new(pointer, "unknownValue", one_of(&allowed)));
}

/// Reports the errors that all of several possible alternatives have in common.
fn common(at: &str, branches: &[&Branch], document: &Value, errors: &mut SchemaErrors) {
    let mut all = branches.iter().map(|branch| {
        let mut of_branch = SchemaErrors::default();
        branch.iter().for_each(|error| translate(error, document, &mut of_branch));
        of_branch
    });
    let mut common = all.next().unwrap_or_default();
    for other in all {
        let is_in = |list: &[FieldError], error: &FieldError| {
            list.iter().any(|other| other.pointer == error.pointer && other.code == error.code)
        };
        common.shape.retain(|error| is_in(&other.shape, error));
        common.rules.retain(|error| is_in(&other.rules, error));
    }
    if common.shape.is_empty() && common.rules.is_empty() {
        let detail =
            Localized::fixed("Passar ingen av de tillåtna formerna", "Fits none of the allowed forms");
        common.rules.push(FieldError::new(at, "noMatch", detail));
    }
    common.shape.into_iter().for_each(|error| report(&mut errors.shape, error));
    common.rules.into_iter().for_each(|error| report(&mut errors.rules, error));
}
