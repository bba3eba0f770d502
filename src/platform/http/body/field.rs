//! The fields of a PATCH (RFC 7396): one that is absent stays as it is, one that is null is emptied.
//!
//! ```ignore
//! /// What may be changed of a participant.
//! #[derive(Deserialize, ToSchema, Validate)]
//! #[serde(rename_all = "camelCase", deny_unknown_fields)]
//! pub struct ParticipantPatch {
//!     /// Can be changed, never emptied: null is refused as a value of the wrong type.
//!     #[serde(default)]
//!     #[schema(value_type = String, min_length = 1, max_length = 200)]
//!     pub name: Change<String>,
//!     /// Can be changed, and emptied with null.
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
//! Both attributes are needed on each field. `value_type` is what the schema shows (without it the code does not
//! compile); `default` is what an absent field means (without it every PATCH that leaves the field out is refused).

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use validator::{Validate, ValidationErrors};

/// A field of a PATCH that can be emptied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Not sent: stays as it is.
    #[default]
    Absent,
    /// Sent as null: is emptied.
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

    /// The same with another form of the value.
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

/// A field of a PATCH that can be changed but not emptied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Not sent: stays as it is.
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

    /// The same with another form of the value.
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
        // Not by way of Option: serde reads a missing Option as None, so that a forgotten `default` would empty
        // every field that a client leaves out.
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

// `validator` writes the value of a field into the fault of a function on it, and so asks for this.
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
