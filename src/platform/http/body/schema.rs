//! Checks a value against the schema that OpenAPI publishes for its type, so that the program always does what the
//! document says. The schema of each type is compiled once, at its first use.

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::Input;
use super::composed::compose;
use super::lenient::validate_members;
use super::rules;
use super::translate::{MOST_ERRORS, SchemaErrors, translate};
use crate::platform::ids::Id;
use crate::platform::mailbox::mailbox;
use crate::platform::moment::{Day, Instant, Month, deadline, opening};
use crate::platform::problem::{Code, FieldError, Problem, sorted};
use crate::platform::text::Localized;

/// Converts a parsed body to its type, or refuses it: 400 `invalidBody` with every unknown field and every value of the
/// wrong type; if there are none, 422 `invalidInput` with every rule that is broken.
pub fn check<T: Input>(value: Value) -> Result<T, Problem> {
    let Read { value, errors, .. } = read(value)?;
    Code::InvalidInput.refuse_any(errors)?;
    Ok(value)
}

/// A value of the right shape.
pub struct Read<T> {
    /// The value.
    pub value: T,
    /// The rules that it breaks, sorted.
    pub errors: Vec<FieldError>,
    /// Whether there were so many errors that it may break more.
    pub is_cut: bool,
}

/// Like [`check`], but returns a value of the right shape together with the errors of the rules that it breaks.
pub(super) fn read<T: Input>(value: Value) -> Result<Read<T>, Problem> {
    let mut value = compose(value);
    let schema = compiled::<T>()?;
    let mut errors = SchemaErrors::default();
    for error in schema.validator.iter_errors(&value) {
        translate(&error, &schema.document, &mut errors);
        if errors.is_full() {
            break;
        }
    }
    Code::InvalidBody.refuse_any(sorted(errors.shape))?;
    keep_within_types(&mut value, &errors.rules);
    let read = match errors.rules.is_empty() {
        true => serde_json::from_value::<T>(value).map_err(|error| schema_too_wide::<T>(&error))?,
        false => match T::deserialize(&value) {
            Ok(read) => read,
            Err(_) => {
                return Err(Problem::new(Code::InvalidInput).errors(all_told::<T>(&value, errors.rules)));
            }
        },
    };
    if let Err(broken) = read.validate() {
        rules::collect(&broken, "", &mut errors.rules);
    }
    let is_cut = errors.rules.len() >= MOST_ERRORS;
    Ok(Read { value: read, errors: sorted(errors.rules), is_cut })
}

/// The errors of a body that cannot be read, with those that its readable members break.
fn all_told<T: Input>(sent: &Value, mut errors: Vec<FieldError>) -> Vec<FieldError> {
    if let Err(broken) = validate_members::<T>(sent) {
        rules::collect(&broken, "", &mut errors);
    }
    sorted(errors)
}

/// Makes numbers that are told to be too large or too small as large or small as every type of the program can hold: they are
/// still too large or too small, and the rules about other members can be judged.
fn keep_within_types(value: &mut Value, errors: &[FieldError]) {
    for error in errors.iter().filter(|error| matches!(error.code, "tooLarge" | "tooSmall")) {
        if let Some(number) = value.pointer_mut(&error.pointer)
            && let Some(told) = number.as_i64()
        {
            *number = json!(told.clamp(i64::from(i32::MIN), i64::from(i32::MAX)));
        }
    }
}

/// Refuses a value that the schema allows but the type does not. The declaration of the type is wrong.
fn schema_too_wide<T>(error: &serde_json::Error) -> Problem {
    let detail = Localized::fixed(
        "Innehållet har inte den form som väntades",
        "The body does not have the expected shape",
    );
    let mut problem = Problem::new(Code::InvalidBody).errors(vec![FieldError::new("", "wrongType", detail)]);
    // serde's message repeats the value, which must not get into a production log.
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
    let problem = |what: String| Problem::internal(format!("the schema of {}: {what}", type_name::<T>()));
    let document = document::<T>().map_err(problem)?;
    let validator = compile(&document).map_err(|error| problem(error.to_string()))?;
    let schema = Arc::new(Schema { validator, document });
    let mut all = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
    all.get_or_insert_default().insert(key, Arc::clone(&schema));
    Ok(schema)
}

/// Compiles a schema with the formats of this API. Checking a text takes linear time.
pub fn compile(document: &Value) -> Result<Validator, jsonschema::ValidationError<'static>> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        // The engine without look-around runs in linear time.
        .with_pattern_options(PatternOptions::regex())
        .with_format("email", |text: &str| mailbox(text).is_some())
        .with_format("uuid", |text: &str| text.parse::<Id>().is_ok())
        .with_format("date", |text: &str| text.parse::<Day>().is_ok())
        .with_format("date-time", |text: &str| text.parse::<Instant>().is_ok())
        .with_format("deadline", |text: &str| deadline(text).is_ok())
        .with_format("opening", |text: &str| opening(text).is_ok())
        .with_format("month", |text: &str| text.parse::<Month>().is_ok())
        .build(document)
}

/// One self-contained JSON Schema: the type's own, and every schema that it refers to under `components`, where
/// OpenAPI's references point. The error is for the developer.
fn document<T: ToSchema>() -> Result<Value, String> {
    let json = |schema| serde_json::to_value(schema).map_err(|error| error.to_string());
    let mut components = Map::new();
    let mut referenced = Vec::new();
    T::schemas(&mut referenced);
    for (name, schema) in referenced {
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

/// The role of a schema, which decides how it refuses unknown fields.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A schema of its own.
    Own,
    /// One of several alternatives.
    Alternative,
    /// A part of `allOf`, which knows only some of the fields.
    Part,
}

/// Makes a schema as strict as the type: no unknown fields, and the bounds of `format: int32`. A request type must not
/// accept unknown fields; objects that do are listed in `open`.
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
    // Without `properties`, the validator does not name the unknown fields.
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
