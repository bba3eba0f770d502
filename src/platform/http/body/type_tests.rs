//! Checks of different kinds of body types: patches, lists, generic types, and types with a wrong declaration.

use serde::Deserialize;
use serde_json::json;
use utoipa::PartialSchema as _;

use super::check_tests::{Person, list, problem};
use super::*;
use crate::platform::moment::Day;

#[derive(Deserialize, ToSchema, Validate, Debug, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PersonPatch {
    #[serde(default)]
    #[schema(value_type = String, min_length = 2)]
    full_name: Change<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "email")]
    email_address: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    valid_to: Field<Day>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<Day>>, max_items = 2)]
    days: Field<Vec<Day>>,
    #[serde(default)]
    #[schema(value_type = Option<Person>)]
    #[validate(nested)]
    deputy: Field<Person>,
}

#[test]
fn the_schema_of_a_patch_requires_nothing_and_allows_nothing_unknown() {
    let schema = serde_json::to_value(PersonPatch::schema()).unwrap();
    assert_eq!((&schema["additionalProperties"], schema.get("required")), (&json!(false), None));
    assert_eq!(schema["properties"]["fullName"], json!({"type": "string", "minLength": 2}));
    assert_eq!(schema["properties"]["emailAddress"], json!({"type": ["string", "null"], "format": "email"}));
    let day = json!({"oneOf": [{"$ref": "#/components/schemas/Day"}, {"type": "null"}]});
    assert_eq!(schema["properties"]["validTo"], day);
}

#[test]
fn a_patch_distinguishes_absent_null_and_value() {
    let patch =
        check::<PersonPatch>(json!({"validTo": null, "emailAddress": "e@boden.se", "days": []})).unwrap();
    assert!(patch.full_name.is_keep() && patch.deputy.is_absent());
    assert_eq!((&patch.valid_to, patch.days.value()), (&Field::Null, Some(&Vec::new())));
    let (mut name, mut address, mut to) = ("Eva".to_owned(), None, Day::new(2021, 1, 1));
    patch.full_name.apply(&mut name);
    patch.email_address.apply(&mut address);
    patch.valid_to.apply(&mut to);
    assert_eq!((name.as_str(), address.as_deref(), to), ("Eva", Some("e@boden.se"), None));
    let patch = check::<PersonPatch>(json!({"fullName": "Ulla"})).unwrap();
    patch.valid_to.apply(&mut to);
    patch.email_address.apply(&mut address);
    assert_eq!(patch.full_name.value().map(String::as_str), Some("Ulla"));
    patch.full_name.apply(&mut name);
    assert_eq!((name.as_str(), address.as_deref()), ("Ulla", Some("e@boden.se")));
}

#[test]
fn a_patch_is_checked_against_schema_and_rules() {
    let found = problem::<PersonPatch>(json!({"fullName": null, "days": 1, "x": 1}));
    assert_eq!(
        found,
        (400, list(&[("/days", "wrongType"), ("/fullName", "wrongType"), ("/x", "unknownField")]))
    );
    let deputy = json!({"fullName": "Per", "minutesPerDay": 7});
    let found = problem::<PersonPatch>(json!({"fullName": "x", "validTo": "2021-02-29", "deputy": deputy}));
    assert_eq!(found, (422, list(&[("/fullName", "tooShort"), ("/validTo", "wrongFormat")])));
    let found = problem::<PersonPatch>(json!({"fullName": "x", "deputy": deputy}));
    assert_eq!(found, (422, list(&[("/deputy/minutesPerDay", "notAQuarter"), ("/fullName", "tooShort")])));
}

#[test]
fn a_forgotten_default_clears_nothing() {
    #[derive(Deserialize, ToSchema, Validate, Debug)]
    #[serde(deny_unknown_fields)]
    struct Careless {
        #[schema(value_type = Option<String>)]
        #[expect(dead_code, reason = "only reading it is tested")]
        name: Field<String>,
    }
    assert_eq!(problem::<Careless>(json!({})), (400, list(&[("", "wrongType")])));
}

#[test]
fn a_type_that_accepts_unknown_fields_is_reported_at_its_first_use() {
    #[derive(Deserialize, ToSchema, Validate, Debug)]
    struct Open {
        #[expect(dead_code, reason = "never read")]
        name: Option<String>,
    }
    let problem = check::<Open>(json!({})).unwrap_err();
    assert_eq!(problem.code, Code::InternalError);
    assert!(problem.internal.unwrap().contains("deny_unknown_fields)]: Open"));
}

#[test]
fn a_value_that_only_the_type_refuses_is_refused() {
    #[derive(Deserialize, ToSchema, Validate, Debug)]
    #[serde(deny_unknown_fields)]
    struct Small {
        #[expect(dead_code, reason = "never read")]
        byte: u8,
    }
    let problem = check::<Small>(json!({"byte": 300})).unwrap_err();
    assert_eq!((problem.code, problem.errors.len()), (Code::InvalidBody, 1));
    assert!(problem.internal.unwrap().contains("Small"));
}

#[test]
fn a_list_can_be_the_body() {
    let found = problem::<Vec<Person>>(json!([{"fullName": "Per"}, {"fullName": "Per", "minutesPerDay": 1}]));
    assert_eq!(found, (422, list(&[("/1/minutesPerDay", "notAQuarter")])));
    assert_eq!(problem::<Vec<Person>>(json!([{"x": 1}])), (400, list(&[("/0/x", "unknownField")])));
}

#[derive(Deserialize, ToSchema, Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Many<I> {
    #[serde(default)]
    dry_run: bool,
    // Inline, because utoipa does not collect the schema of a type parameter.
    #[schema(inline, max_items = 3)]
    items: Vec<I>,
}

impl<I> Validate for Many<I> {
    fn validate(&self) -> Result<(), validator::ValidationErrors> {
        Ok(())
    }
}

#[test]
fn a_generic_type_is_checked_with_its_type_parameter() {
    let many = check::<Many<Person>>(json!({"items": [{"fullName": "Per", "minutesPerDay": 7}]})).unwrap();
    assert!(!many.dry_run);
    assert!(check::<Many<PersonPatch>>(json!({"items": [{}]})).is_ok());
    let found = problem::<Many<Person>>(json!({"items": [{"fullName": 1}, {"x": 1}], "dry": true}));
    let expected =
        [("/dry", "unknownField"), ("/items/0/fullName", "wrongType"), ("/items/1/x", "unknownField")];
    assert_eq!(found, (400, list(&expected)));
    let problem = validated(many.items.first().unwrap()).unwrap_err();
    assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::InvalidInput, "/minutesPerDay"));
}
