//! The parameters that follow from an operation's method and path, so that no handler lists them.

use serde_json::{Value, json};

use super::components::{ETAG, TRACEPARENT, both};
use super::{Object, Place, examples};

/// Adds the headers, and those path parameters that an extractor reads and the handler does not describe.
pub fn add(operation: &mut Object, place: &Place<'_>) {
    let mut list: Vec<Value> =
        operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let known: Vec<String> = list.iter().filter_map(name).map(str::to_owned).collect();
    let is_new =
        |parameter: &Value| !name(parameter).is_some_and(|name| known.iter().any(|known| known == name));
    let in_path = place.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).map(in_path);
    list.splice(0..0, in_path.filter(is_new).collect::<Vec<_>>());
    list.extend(headers(place).into_iter().filter(is_new));
    list.iter_mut().for_each(shape);
    operation.insert("parameters".to_owned(), list.into());
}

fn name(parameter: &Value) -> Option<&str> {
    parameter.get("name").and_then(Value::as_str)
}

/// What a parameter's name and format say of its values, its schema says too.
fn shape(parameter: &mut Value) {
    let is_kommunkod = name(parameter) == Some("kommunkod");
    let at = if parameter.pointer("/schema/items").is_some() { "/schema/items" } else { "/schema" };
    let Some(schema) = parameter.pointer_mut(at) else { return };
    bound(schema);
    if is_kommunkod && let Some(schema) = schema.as_object_mut() {
        schema.insert("pattern".to_owned(), json!("^[0-9]{4}$"));
    }
}

/// Gives the integers of a parameter the bounds that their format means.
fn bound(schema: &mut Value) {
    let bounds = match schema.get("format").and_then(Value::as_str) {
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("int64") => (i64::MIN, i64::MAX),
        _ => return,
    };
    if let Some(schema) = schema.as_object_mut() {
        for (keyword, bound) in [("minimum", bounds.0), ("maximum", bounds.1)] {
            schema.entry(keyword).or_insert_with(|| json!(bound));
        }
    }
}

fn headers(place: &Place<'_>) -> Vec<Value> {
    let mut headers = vec![accept_language(), traceparent()];
    match place.method {
        "get" => headers.push(if_none_match()),
        "post" if !place.is_oauth() => {
            headers.push(idempotency_key());
            headers.extend(place.has_parameter().then(|| if_match(false)));
        }
        _ if place.needs_version() => headers.push(if_match(true)),
        _ => {}
    }
    headers
}

fn in_path(name: &str) -> Value {
    let example = examples::value_of(name);
    let schema = if name.ends_with("Id") {
        json!({ "type": "string", "format": "uuid", "examples": [example] })
    } else {
        json!({ "type": "string", "examples": [example] })
    };
    let description = both("Vilken det gäller.", "Which one it is about.");
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema })
}

fn header(name: &str, required: bool, description: &str, schema: &Value) -> Value {
    json!({ "name": name, "in": "header", "required": required, "description": description, "schema": schema })
}

fn accept_language() -> Value {
    let schema = json!({ "type": "string", "default": "sv", "examples": ["en"] });
    header("Accept-Language", false, &both("`sv` eller `en`.", "`sv` or `en`."), &schema)
}

fn traceparent() -> Value {
    let schema = json!({ "type": "string", "examples": [TRACEPARENT] });
    let description =
        both("Anroparens spårning (W3C Trace Context).", "The caller's trace (W3C Trace Context).");
    header("traceparent", false, &description, &schema)
}

fn if_none_match() -> Value {
    let schema = json!({ "type": "string", "examples": [ETAG] });
    let description =
        both("ETag som man har: 304 om inget är nytt.", "An ETag one has: 304 if nothing is new.");
    header("If-None-Match", false, &description, &schema)
}

fn if_match(required: bool) -> Value {
    let schema = json!({ "type": "string", "examples": [ETAG] });
    let description =
        both("ETag för den version man har sett, eller `*`.", "ETag of the version one has seen, or `*`.");
    header("If-Match", required, &description, &schema)
}

fn idempotency_key() -> Value {
    let schema = json!({
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[!-~]+$",
        "examples": ["9b2f6a3e-import-17"],
    });
    let description = both(
        "Samma nyckel och innehåll inom 24 timmar ger det första svaret igen.",
        "The same key and body within 24 hours give the first answer again.",
    );
    header("Idempotency-Key", false, &description, &schema)
}
