//! The fields of a PATCH (RFC 7396): an absent field is left unchanged, a field that is null is cleared.
//!
//! ```ignore
//! /// Changes to a participant.
//! #[derive(Deserialize, ToSchema, Validate)]
//! #[serde(rename_all = "camelCase", deny_unknown_fields)]
//! pub struct ParticipantPatch {
//!     /// Can be changed but not cleared: null is refused as a value of the wrong type.
//!     #[serde(default)]
//!     #[schema(value_type = String, min_length = 1, max_length = 200)]
//!     pub name: Change<String>,
//!     /// Can be changed, and cleared with null.
//!     #[serde(default)]
//!     #[schema(value_type = Option<Day>)]
//!     pub valid_to: Field<Day>,
//! }
//!
//! let ParticipantPatch { name, valid_to } = body.into_inner();
//! name.apply(&mut participant.name);
//! valid_to.apply(&mut participant.valid_to);
//! ```
//!
//! Both attributes are needed on each field. `value_type` is the type in the schema (without it the code does not
//! compile); `default` is the value of an absent field (without it, a PATCH that leaves the field out is refused).

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use validator::{Validate, ValidationErrors};

/// A field of a PATCH that can be cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Not sent: left unchanged.
    #[default]
    Absent,
    /// Sent as null: cleared.
    Null,
    /// Sent with a value.
    Value(T),
}

impl<T> Field<T> {
    /// Whether the field was left out.
    pub fn is_absent(&self) -> bool {
        matches!(self, Field::Absent)
    }

    /// The new value, if one was sent.
    pub fn value(&self) -> Option<&T> {
        match self {
            Field::Value(value) => Some(value),
            Field::Absent | Field::Null => None,
        }
    }

    /// Converts the value, if one was sent.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Field::Absent => Field::Absent,
            Field::Null => Field::Null,
            Field::Value(value) => Field::Value(make(value)),
        }
    }

    /// Writes the change, if there is one.
    pub fn apply(self, target: &mut Option<T>) {
        match self {
            Field::Absent => {}
            Field::Null => *target = None,
            Field::Value(value) => *target = Some(value),
        }
    }
}

/// A field of a PATCH that can be changed but not cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Not sent: left unchanged.
    #[default]
    Keep,
    /// Sent with a value.
    Set(T),
}

impl<T> Change<T> {
    /// Whether the field was left out.
    pub fn is_keep(&self) -> bool {
        matches!(self, Change::Keep)
    }

    /// The new value, if one was sent.
    pub fn value(&self) -> Option<&T> {
        match self {
            Change::Set(value) => Some(value),
            Change::Keep => None,
        }
    }

    /// Converts the value, if one was sent.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Change<U> {
        match self {
            Change::Keep => Change::Keep,
            Change::Set(value) => Change::Set(make(value)),
        }
    }

    /// Writes the change, if there is one.
    pub fn apply(self, target: &mut T) {
        if let Change::Set(value) = self {
            *target = value;
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not through Option: serde reads a missing Option as None, so a forgotten `default` would clear every field
        // that a client leaves out.
        match Value::deserialize(deserializer)? {
            Value::Null => Ok(Field::Null),
            value => T::deserialize(value).map(Field::Value).map_err(D::Error::custom),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Change::Set)
    }
}

// `validator` needs this: it stores the value of the field in the error of a custom validation function.
impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<T: Validate> Validate for Field<T> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.value().map_or(Ok(()), Validate::validate)
    }
}

impl<T: Validate> Validate for Change<T> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.value().map_or(Ok(()), Validate::validate)
    }
}
