//! The request that enters settings.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use validator::{Validate, ValidationErrors};

use super::SettingsContent;
use crate::platform::moment::Day;
use crate::programmes::programme::Profile;

/// Settings to enter, complete. A day that has passed is refused: what was decided by the earlier settings stands.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSettings {
    /// The first day on which they are valid.
    pub valid_from: Day,
    /// The settings themselves.
    #[serde(flatten)]
    pub content: SettingsContent,
}

// Written by hand: for a flattened field utoipa makes an `allOf` whose parts refuse each other's fields. This is one object
// that refuses unknown fields, as the content does.
impl PartialSchema for NewSettings {
    fn schema() -> RefOr<Schema> {
        let RefOr::T(Schema::Object(mut object)) = SettingsContent::schema() else {
            return SettingsContent::schema();
        };
        let day = Ref::builder()
            .ref_location_from_schema_name(Day::name())
            .description(Some("The first day on which they are valid."));
        object.properties.shift_insert(0, "validFrom".to_owned(), day.into());
        object.required.insert(0, "validFrom".to_owned());
        object.description = Some(
            "Settings to enter, complete. A day that has passed is refused: what was decided by the earlier settings stands."
                .to_owned(),
        );
        object.example = Some(Self::example());
        RefOr::T(Schema::Object(object))
    }
}

impl ToSchema for NewSettings {
    fn name() -> Cow<'static, str> {
        "NewSettings".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Day::name().into(), Day::schema()));
        SettingsContent::schemas(schemas);
    }
}

impl NewSettings {
    fn example() -> Value {
        let mut example = json!(SettingsContent::of(Profile::Esf20142020));
        if let Some(members) = example.as_object_mut() {
            members.insert("validFrom".to_owned(), json!("2021-01-01"));
        }
        example
    }
}

// Written by hand: the pointers of a flattened field begin at the body, not below the field.
impl Validate for NewSettings {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.content.validate()
    }
}
