//! A value that fits none of several alternatives: null or an object, one variant of an enum or another. The faults of
//! the alternative that was meant are told, as far as that can be seen, not those of all.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::faults::{Found, one_of, report, translate, wrong_type};
use crate::platform::problem::FieldError;
use crate::platform::text::Localized;

/// The errors of one alternative.
type Branch = Vec<ValidationError<'static>>;

/// Tells the faults of a value that fits none of `context`.
pub(super) fn alternatives(
    at: &str,
    error: &ValidationError<'_>,
    context: &[Branch],
    document: &Value,
    found: &mut Found,
) {
    let is_here = |error: &&ValidationError<'_>| error.instance_path().as_str() == at;
    let other_type = |branch: &&Branch| {
        branch.iter().filter(is_here).any(|error| matches!(error.kind(), Kind::Type { .. }))
    };
    // A nullable reference is "this or null": whatever is neither of the right type nor null has the wrong type.
    let meant: Vec<_> = context.iter().filter(|branch| !other_type(branch)).collect();
    if meant.is_empty() {
        let kinds = context.iter().flatten().filter(is_here).filter_map(|error| match error.kind() {
            Kind::Type { kind: TypeKind::Single(one) } => Some(vec![*one]),
            Kind::Type { kind: TypeKind::Multiple(several) } => Some(several.iter().collect()),
            _ => None,
        });
        let mut expected: Vec<JsonType> = kinds.flatten().collect();
        expected.dedup();
        return report(&mut found.shape, wrong_type(at, &expected, error.instance()));
    }
    let by_tag: Vec<_> =
        meant.iter().filter(|branch| !branch.iter().any(|error| is_tag(error, at))).copied().collect();
    let meant = if let [_] = meant.as_slice() { meant } else { by_tag };
    match meant.as_slice() {
        [one] => one.iter().for_each(|error| translate(error, document, found)),
        [] => unknown_tag(context, at, document, found),
        several => shared(at, several, document, found),
    }
}

/// Whether an error is about the tag of a variant: a field right below `at` with one allowed value. (An ordinary field
/// with a list of codes has several.)
fn is_tag(error: &ValidationError<'_>, at: &str) -> bool {
    let below = error.instance_path().as_str().strip_prefix(at).and_then(|rest| rest.strip_prefix('/'));
    let one_value = match error.kind() {
        Kind::Constant { .. } => true,
        Kind::Enum { options } => options.as_array().is_some_and(|options| options.len() == 1),
        _ => false,
    };
    one_value && below.is_some_and(|rest| !rest.contains('/'))
}

/// The tag has a value that no variant allows, or is no text at all.
fn unknown_tag(branches: &[Branch], at: &str, document: &Value, found: &mut Found) {
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
        return translate(wrong_type, document, found);
    }
    let mut allowed = Vec::new();
    for tag in &tags {
        match tag.kind() {
            Kind::Enum { options } => allowed.extend(options.as_array().into_iter().flatten().cloned()),
            Kind::Constant { expected_value } => allowed.push(expected_value.as_ref().clone()),
            _ => {}
        }
    }
    report(&mut found.rules, FieldError::new(pointer, "unknownValue", one_of(&allowed)));
}

/// Several alternatives may have been meant: what is wrong in all of them is certainly wrong.
fn shared(at: &str, branches: &[&Branch], document: &Value, found: &mut Found) {
    let mut all = branches.iter().map(|branch| {
        let mut of_branch = Found::default();
        branch.iter().for_each(|error| translate(error, document, &mut of_branch));
        of_branch
    });
    let mut common = all.next().unwrap_or_default();
    for other in all {
        let is_in = |list: &[FieldError], fault: &FieldError| {
            list.iter().any(|o| o.pointer == fault.pointer && o.code == fault.code)
        };
        common.shape.retain(|fault| is_in(&other.shape, fault));
        common.rules.retain(|fault| is_in(&other.rules, fault));
    }
    if common.shape.is_empty() && common.rules.is_empty() {
        let detail =
            Localized::fixed("Passar ingen av de tillåtna formerna", "Fits none of the allowed forms");
        common.rules.push(FieldError::new(at, "noMatch", detail));
    }
    common.shape.into_iter().for_each(|fault| report(&mut found.shape, fault));
    common.rules.into_iter().for_each(|fault| report(&mut found.rules, fault));
}
