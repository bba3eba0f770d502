//! Which problems an operation can answer with: those that follow from its method and shape, and those that it names.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Object, Place};
use crate::platform::auth::action::Access;
use crate::platform::problem::{Code, Problem};

/// Under this name a handler lists the problems of its own, and the finished document lists all of them.
const EXTENSION: &str = "x-problem-codes";

/// All problems of an operation; writes their sorted names into it.
pub fn gather(
    operation: &mut Object,
    place: &Place<'_>,
    access: Option<Access>,
) -> Result<BTreeSet<Code>, Problem> {
    let mut codes = by_shape(place, access, operation.contains_key("requestBody"));
    let declared = operation.get(EXTENSION).and_then(Value::as_array).into_iter().flatten();
    for name in declared.filter_map(Value::as_str) {
        codes.insert(Code::named(name).ok_or_else(|| place.unknown("problem code", name))?);
    }
    let names: BTreeSet<&str> = codes.iter().map(|code| code.as_str()).collect();
    operation.insert(EXTENSION.to_owned(), json!(names));
    Ok(codes)
}

fn by_shape(place: &Place<'_>, access: Option<Access>, has_body: bool) -> BTreeSet<Code> {
    let rules: [(bool, &[Code]); 9] = [
        (
            true,
            &[
                Code::InvalidQuery,
                Code::InvalidHeader,
                Code::TooManyRequests,
                Code::InternalError,
                Code::Overloaded,
                Code::DatabaseUnavailable,
            ],
        ),
        // A token that does not hold is refused everywhere, also where none is needed.
        (!place.is_oauth(), &[Code::Unauthenticated]),
        (place.is_oauth(), &[Code::InvalidTokenRequest, Code::InvalidClient, Code::StorageFull]),
        (access == Some(Access::Roles), &[Code::Forbidden]),
        (access == Some(Access::Roles) && place.has_parameter(), &[Code::NotYours]),
        (place.has_parameter(), &[Code::NotFound]),
        (has_body, &[Code::BodyTooSlow, Code::BodyTooLarge, Code::UnsupportedMediaType]),
        (has_body && !place.is_oauth(), &[Code::MalformedJson, Code::InvalidBody, Code::InvalidInput]),
        (place.is_write() && !place.is_oauth(), &[Code::StateConflict, Code::StorageFull, Code::TooMuchMail]),
    ];
    let mut codes: BTreeSet<Code> =
        rules.iter().filter(|(holds, _)| *holds).flat_map(|(_, codes)| codes.iter().copied()).collect();
    codes.extend(conditional(place));
    codes
}

/// What `If-Match` and `Idempotency-Key` bring.
fn conditional(place: &Place<'_>) -> Vec<Code> {
    if place.needs_version() {
        vec![Code::VersionMismatch, Code::PreconditionRequired]
    } else if place.method != "post" || place.is_oauth() {
        Vec::new()
    } else if place.has_parameter() {
        vec![
            Code::IdempotencyKeyInUse,
            Code::IdempotencyKeyReused,
            Code::KeptAnswersFull,
            Code::VersionMismatch,
        ]
    } else {
        vec![Code::IdempotencyKeyInUse, Code::IdempotencyKeyReused, Code::KeptAnswersFull]
    }
}
