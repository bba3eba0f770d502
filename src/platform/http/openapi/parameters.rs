//! The parameters that follow from an operation's method and path, and what the schemas of the others can say more
//! closely.

use serde_json::{Value, json};

use super::components::{ETAG, TRACEPARENT, both};
use super::{Object, Place};

/// Adds the headers, and the ids and months in the path that nobody has described.
pub fn add(operation: &mut Object, place: &Place<'_>) {
    let mut given = match operation.remove("parameters") {
        Some(Value::Array(given)) => given,
        _ => Vec::new(),
    };
    // utoipa sees the parts of a path in the handler's types, and knows neither what they are nor what they mean.
    given.retain(|known| known.get("description").is_some() || name(known).and_then(described).is_none());
    given.iter_mut().for_each(shape);
    let in_path = place.path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let new = in_path.filter(|new| !given.iter().any(|known| name(known) == Some(new)));
    let mut all: Vec<Value> = new.filter_map(described).collect();
    all.extend(given);
    all.extend(headers(place));
    operation.insert("parameters".to_owned(), all.into());
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
    let text = |example: &str| json!({ "type": "string", "examples": [example] });
    let language = json!({ "type": "string", "default": "sv", "examples": ["en"] });
    let trace = both("Anroparens spårning (W3C Trace Context).", "The caller's trace (W3C Trace Context).");
    let known = both("ETag som man har: 304 om inget är nytt.", "An ETag one has: 304 if nothing is new.");
    let seen = both(
        "Versionen man har sett: svarets ETag, eller bara `version` inom citattecken (`\"3\"`); eller `*`.",
        "The version one has seen: the answer's ETag, or only `version` in quotation marks (`\"3\"`); or `*`.",
    );
    let if_match = |required| header("If-Match", required, &seen, text(ETAG));
    let mut headers = vec![
        header("Accept-Language", false, &both("`sv` eller `en`.", "`sv` or `en`."), language),
        header("traceparent", false, &trace, text(TRACEPARENT)),
    ];
    match place.method {
        "get" => headers.push(header("If-None-Match", false, &known, text(ETAG))),
        "post" if !place.is_oauth() => {
            headers.push(idempotency_key());
            headers.extend(place.has_parameter().then(|| if_match(false)));
        }
        _ if place.needs_version() => headers.push(if_match(true)),
        _ => {}
    }
    headers
}

fn header(name: &str, required: bool, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "header", "required": required, "description": description, "schema": schema })
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
        "Samma nyckel och innehåll inom 24 timmar ger det första svaret igen. Den som har för många svar sparade får 429 \
         `keptAnswersFull` för en ny nyckel. Av `dryRun` sparas inget.",
        "The same key and body within 24 hours give the first answer again. Who has too many answers kept gets 429 \
         `keptAnswersFull` for a new key. Of `dryRun` nothing is kept.",
    );
    header("Idempotency-Key", false, &description, schema)
}

/// A parameter of the path whose meaning follows from its name.
fn described(name: &str) -> Option<Value> {
    let (description, schema) = match name {
        "month" => (
            both("Månaden, ÅÅÅÅ-MM.", "The month, YYYY-MM."),
            json!({ "$ref": "#/components/schemas/Month" }),
        ),
        id if id.ends_with("Id") => (
            both("Vilken det gäller.", "Which one it is about."),
            json!({
                "type": "string",
                "format": "uuid",
                "examples": ["0175a2e1-7c00-7000-8000-000000000001"],
            }),
        ),
        _ => return None,
    };
    Some(
        json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema }),
    )
}
