//! A value checked against the schema that OpenAPI publishes for its type, so that the document and the program
//! cannot come to differ. The schema of each type is compiled once, at its first use.

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jsonschema::{Draft, EmailOptions, PatternOptions, Validator};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::Input;
use super::faults::{Found, sorted, translate};
use super::rules;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant, Month, deadline};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;

/// Turns a parsed body into its type, or refuses it: 400 `invalidBody` with every unknown field and every value of
/// the wrong type; when there are none, 422 `invalidInput` with every rule that is broken.
pub fn check<T: Input>(value: Value) -> Result<T, Problem> {
    let (input, faults) = read(value)?;
    Code::InvalidInput.refuse_any(faults)?;
    Ok(input)
}

/// Like [`check`], but a value that can be read is given with the rules that it breaks, sorted.
pub(super) fn read<T: Input>(value: Value) -> Result<(T, Vec<FieldError>), Problem> {
    let schema = compiled::<T>()?;
    let mut found = Found::default();
    for error in schema.validator.iter_errors(&value) {
        translate(&error, &schema.document, &mut found);
        if found.is_full() {
            break;
        }
    }
    Code::InvalidBody.refuse_any(sorted(found.shape))?;
    match serde_json::from_value::<T>(value) {
        Ok(input) => {
            if let Err(errors) = input.validate() {
                rules::collect(&errors, "", &mut found.rules);
            }
            Ok((input, sorted(found.rules)))
        }
        Err(error) if found.rules.is_empty() => Err(differs::<T>(&error)),
        Err(_) => Err(Problem::new(Code::InvalidInput).errors(sorted(found.rules))),
    }
}

/// The schema allowed what the type does not: a fault in the declaration, but the value is still refused.
fn differs<T>(error: &serde_json::Error) -> Problem {
    let detail = Localized::fixed(
        "Innehållet har inte den form som väntades",
        "The body does not have the expected shape",
    );
    let mut problem = Problem::new(Code::InvalidBody).errors(vec![FieldError::new("", "wrongType", detail)]);
    // serde's message repeats the value, which is nothing for a log in operation.
    let cause = if cfg!(debug_assertions) { error.to_string() } else { String::new() };
    problem.internal = Some(format!("the schema of {} allows more than the type: {cause}", type_name::<T>()));
    problem
}

/// A compiled schema, and the document that it was made from.
struct Schema {
    validator: Validator,
    document: Value,
}

static COMPILED: RwLock<Option<HashMap<TypeId, Arc<Schema>>>> = RwLock::new(None);

fn compiled<T: Input>() -> Result<Arc<Schema>, Problem> {
    let key = TypeId::of::<T>();
    let known = COMPILED
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .as_ref()
        .and_then(|all| all.get(&key).cloned());
    if let Some(schema) = known {
        return Ok(schema);
    }
    let fault = |what: String| Problem::internal(format!("the schema of {}: {what}", type_name::<T>()));
    let document = document::<T>().map_err(fault)?;
    let validator = compile(&document).map_err(|error| fault(error.to_string()))?;
    let schema = Arc::new(Schema { validator, document });
    let mut all = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
    all.get_or_insert_default().insert(key, Arc::clone(&schema));
    Ok(schema)
}

/// A schema with the formats of this API; texts of any length cost it no more than their length.
pub fn compile(document: &Value) -> Result<Validator, jsonschema::ValidationError<'static>> {
    let email = EmailOptions::default().with_required_tld().without_domain_literal().without_display_text();
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_email_options(email)
        // The engine without look-around: no text can make it slow.
        .with_pattern_options(PatternOptions::regex())
        .with_format("uuid", |text: &str| text.parse::<Id>().is_ok())
        .with_format("date", |text: &str| text.parse::<Day>().is_ok())
        .with_format("date-time", |text: &str| text.parse::<Instant>().is_ok())
        .with_format("deadline", |text: &str| deadline(text).is_ok())
        .with_format("month", |text: &str| text.parse::<Month>().is_ok())
        .build(document)
}

/// One self-contained JSON Schema: the type's own, with every schema that it refers to below `components`, where
/// OpenAPI's references point. The error says what a developer has to put right.
fn document<T: ToSchema>() -> Result<Value, String> {
    let json = |schema| serde_json::to_value(schema).map_err(|error| error.to_string());
    let mut components = Map::new();
    let mut referred = Vec::new();
    T::schemas(&mut referred);
    for (name, schema) in referred {
        let schema = json(schema)?;
        match components.get(&name) {
            Some(known) if *known != schema => return Err(format!("two types are named {name}")),
            _ => components.insert(name, schema),
        };
    }
    let mut open = Vec::new();
    for (name, schema) in &mut components {
        prepare(schema, Place::Own, name, &mut open);
    }
    let mut root = json(T::schema())?;
    prepare(&mut root, Place::Own, &T::name(), &mut open);
    if !open.is_empty() {
        return Err(format!("takes unknown fields, add #[serde(deny_unknown_fields)]: {}", open.join(", ")));
    }
    if let Some(root) = root.as_object_mut() {
        root.insert("components".to_owned(), json!({ "schemas": components }));
    }
    Ok(root)
}

/// Where a schema stands: that decides who has to close it to unknown fields.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// By itself.
    Own,
    /// As one of several alternatives.
    Alternative,
    /// As a part of a whole, which sees only some of the fields.
    Part,
}

/// Makes a schema as strict as the type: no unknown fields, and the bounds that `format: int32` means.
/// Objects that take unknown fields, which a request type must not, are listed in `open`.
fn prepare(schema: &mut Value, place: Place, name: &str, open: &mut Vec<String>) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    if schema.contains_key("properties") && !schema.contains_key("additionalProperties") {
        match place {
            Place::Own => open.push(name.to_owned()),
            // utoipa leaves the variants of an enum open even when serde closes them.
            Place::Alternative => {
                schema.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            Place::Part => {}
        }
    }
    // Without any, the validator would not name the fields that are too many.
    if schema.get("additionalProperties") == Some(&Value::Bool(false)) {
        schema.entry("properties").or_insert_with(|| json!({}));
    }
    if schema.get("format").and_then(Value::as_str) == Some("int32") {
        for (keyword, bound) in [("minimum", i32::MIN), ("maximum", i32::MAX)] {
            schema.entry(keyword).or_insert(Value::from(bound));
        }
    }
    for (keyword, inner) in schema.iter_mut() {
        match (keyword.as_str(), inner) {
            ("properties" | "patternProperties" | "$defs", Value::Object(named)) => {
                for (property, inner) in named.iter_mut() {
                    prepare(inner, Place::Own, &format!("{name}.{property}"), open);
                }
            }
            ("items" | "additionalProperties" | "propertyNames", inner) => {
                prepare(inner, Place::Own, name, open)
            }
            ("oneOf" | "anyOf", Value::Array(list)) => {
                list.iter_mut().for_each(|inner| prepare(inner, Place::Alternative, name, open));
            }
            ("allOf", Value::Array(list)) => {
                list.iter_mut().for_each(|inner| prepare(inner, Place::Part, name, open));
            }
            _ => {}
        }
    }
}
