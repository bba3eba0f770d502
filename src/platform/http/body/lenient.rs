//! A value of a request that may be one that cannot be read.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};
use validator::{Validate, ValidationErrors};

use super::rules::OF_ALL_MEMBERS;

/// A value that stays as it was sent when it is none of its type: an unknown code, a member that is missing. The schema has
/// told its errors; the rest of the body can still be judged by the rules of the operation, so that one answer has all errors.
/// Nothing is stored of such a body (see [`BodyErrors`](super::BodyErrors)).
///
/// ```ignore
/// #[schema(value_type = Vec<SelectionGoal>, max_items = 20)]
/// #[validate(nested)]
/// pub goals: Vec<Lenient<SelectionGoal>>,
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Lenient<T> {
    /// A value of the type.
    Read(T),
    /// Anything else.
    Unread(Value),
}

impl<T> Lenient<T> {
    /// The value, if it could be read.
    pub fn read(&self) -> Option<&T> {
        match self {
            Lenient::Read(value) => Some(value),
            Lenient::Unread(_) => None,
        }
    }

    /// The values, if all could be read.
    pub fn all_read(values: Vec<Self>) -> Option<Vec<T>> {
        let read = |value| match value {
            Lenient::Read(value) => Some(value),
            Lenient::Unread(_) => None,
        };
        values.into_iter().map(read).collect()
    }
}

impl<T> From<T> for Lenient<T> {
    fn from(value: T) -> Self {
        Lenient::Read(value)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(T::deserialize(&value).map_or(Lenient::Unread(value), Lenient::Read))
    }
}

impl<T: Serialize> Serialize for Lenient<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Lenient::Read(value) => value.serialize(serializer),
            Lenient::Unread(value) => value.serialize(serializer),
        }
    }
}

impl<T: Validate + ToSchema + DeserializeOwned> Validate for Lenient<T> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        match self {
            Lenient::Read(value) => value.validate(),
            Lenient::Unread(sent) => validate_members::<T>(sent),
        }
    }
}

/// Judges those of the sent members that can be read by their own rules. A rule over several members is left: it could name one
/// that was not sent.
pub(super) fn validate_members<T: Validate + ToSchema + DeserializeOwned>(
    sent: &Value,
) -> Result<(), ValidationErrors> {
    let Some(Err(mut broken)) = completed::<T>(sent).map(|value| value.validate()) else { return Ok(()) };
    broken.errors_mut().remove(OF_ALL_MEMBERS);
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

/// The example of the type with those of the sent members that can be read. What is not sent is right in the example. None for a
/// type without an example.
fn completed<T: ToSchema + DeserializeOwned>(sent: &Value) -> Option<T> {
    let RefOr::T(Schema::Object(schema)) = T::schema() else { return None };
    let mut whole = schema.example.or_else(|| schema.examples.into_iter().next())?;
    let (Value::Object(members), Value::Object(sent)) = (&mut whole, sent) else { return None };
    for (name, value) in sent {
        let before = members.insert(name.clone(), value.clone());
        if T::deserialize(&*members).is_ok() {
            continue;
        }
        match before {
            Some(before) => members.insert(name.clone(), before),
            None => members.remove(name),
        };
    }
    serde_json::from_value(whole).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use validator::ValidationError;

    use super::*;
    use crate::platform::http::body::broken_at;
    use crate::platform::values::Name;

    #[derive(Debug, Deserialize, ToSchema, Validate)]
    #[serde(deny_unknown_fields)]
    #[schema(example = json!({"kind": 1, "name": "Åsa", "note": "x"}))]
    #[validate(schema(function = "needs_a_note", skip_on_field_errors = false))]
    struct Item {
        kind: u8,
        #[validate(nested)]
        name: Name,
        note: Option<String>,
    }

    fn needs_a_note(item: &Item) -> Result<(), ValidationError> {
        let needs = item.kind == 1 && item.note.is_none();
        if needs { Err(broken_at("note", "required", "Ange den.", "Give it.")) } else { Ok(()) }
    }

    #[test]
    fn a_rule_over_several_members_names_none_that_was_not_sent() {
        let sent = |sent: Value| serde_json::from_value::<Lenient<Item>>(sent).unwrap().validate();
        assert!(sent(json!({"kind": 1, "name": "Bo"})).is_err());
        // Which kind is meant nobody knows.
        assert!(sent(json!({"kind": "?", "name": "Bo", "note": null})).is_ok());
        assert!(sent(json!({"kind": "?", "name": " ", "note": null})).is_err());
    }

    #[test]
    fn what_cannot_be_read_stays_as_it_was_sent() {
        let read: Lenient<u8> = serde_json::from_value(json!(7)).unwrap();
        assert_eq!((read.read(), json!(read)), (Some(&7), json!(7)));
        let unread: Lenient<u8> = serde_json::from_value(json!({"a": 1})).unwrap();
        assert_eq!((unread.read(), json!(unread)), (None, json!({"a": 1})));
        assert_eq!(Lenient::all_read(vec![read, unread]), None);
    }

    #[test]
    fn members_beside_one_that_cannot_be_read_are_judged() {
        let is_valid =
            |sent: Value| serde_json::from_value::<Lenient<Item>>(sent).unwrap().validate().is_ok();
        assert!(is_valid(json!({"kind": 2, "name": "Bo"})));
        assert!(is_valid(json!({"kind": "?", "name": "Bo"})) && is_valid(json!({})) && is_valid(json!([1])));
        for sent in
            [json!({"kind": "?", "name": " "}), json!({"name": " "}), json!({"name": " ", "other": 1})]
        {
            assert!(!is_valid(sent.clone()), "{sent}");
        }
        let whole: Item = completed(&json!({"kind": 2, "name": 5, "note": null})).unwrap();
        assert_eq!((whole.kind, &*whole.name, whole.note), (2, "Åsa", None));
    }
}
