//! Every response in every test is compared with the OpenAPI document: status, problem code, headers and body.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use jsonschema::Validator;
use samverkan::platform::http::body;
use serde_json::{Map, Value, json};

use super::Response;

const BASE_PATH: &str = "/api/v1";

/// The document that the code makes.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| samverkan::app::document(false).unwrap())
}

/// The template of a path below the base path: `/people/{personId}`.
pub fn template_of(path: &str) -> Option<&'static str> {
    path_item(&format!("{BASE_PATH}{path}")).map(|(template, _)| template)
}

/// The path item that matches a path, fixed segments before parameters; none outside the base path.
fn path_item(path: &str) -> Option<(&'static str, &'static Value)> {
    let path = path.split(['?', '#']).next()?.strip_prefix(BASE_PATH)?;
    let given: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let wanted: Vec<&str> = template.split('/').collect();
        let fits = |(wanted, given): (&&str, &&str)| {
            wanted == given || (wanted.starts_with('{') && !given.is_empty())
        };
        wanted.len() == given.len() && wanted.iter().zip(&given).all(fits)
    };
    let paths = document()["paths"].as_object().unwrap();
    let fitting = paths.iter().filter(|(template, _)| fits(template));
    fitting
        .min_by_key(|(template, _)| template.matches('{').count())
        .map(|(path, item)| (path.as_str(), item))
}

/// Headers of the connection and for browsers, which the document does not describe.
const NOT_THE_APIS: [&str; 9] = [
    "connection",
    "content-length",
    "content-security-policy",
    "content-type",
    "date",
    "referrer-policy",
    "strict-transport-security",
    "transfer-encoding",
    "x-content-type-options",
];

/// Fails unless the document describes the response: status, problem code, headers and body.
#[track_caller]
pub fn check(method: &str, path: &str, answer: &Response) {
    let Some((template, item)) = path_item(path) else { return };
    let place = format!("{method} {template}: {}", answer.status);
    let is_head = method == "HEAD";
    let method = if is_head { "GET" } else { method };
    let Some(operation) = item.get(method.to_lowercase()) else {
        let is_right = answer.status < 400
            || (is_head && answer.status == 405)
            || ["methodNotAllowed", "originNotAllowed"].contains(&answer.json_code().as_str());
        return assert!(is_right, "{place}: {}", answer.text);
    };
    let responses = &operation["responses"];
    let other = responses.get("default").filter(|_| answer.status >= 400);
    let known = responses.get(answer.status.to_string()).or(other);
    let known = known.unwrap_or_else(|| panic!("{place} is not documented: {}", answer.text));
    let known = resolved(known);
    headers(&place, known, answer);
    if answer.status >= 400 && !is_head {
        let (code, codes) = (answer.json_code(), operation["x-problem-codes"].as_array().unwrap());
        let is_known = codes.iter().any(|known| *known == code);
        assert!(is_known, "{place} {code} is not one of its x-problem-codes: {}", answer.text);
    }
    if !is_head {
        body(&place, known, answer, path.contains("fields="));
    }
}

/// A part of the document, with a reference resolved.
pub fn resolved(value: &'static Value) -> &'static Value {
    resolved_in(document(), value)
}

/// The same in another document.
pub fn resolved_in<'v>(document: &'v Value, value: &'v Value) -> &'v Value {
    let reference = value.get("$ref").and_then(Value::as_str);
    reference.and_then(|reference| document.pointer(&reference[1..])).unwrap_or(value)
}

/// Every header is documented, and every required header is there.
#[track_caller]
fn headers(place: &str, known: &'static Value, answer: &Response) {
    let known = known["headers"].as_object();
    let known: Vec<(String, bool)> = known
        .into_iter()
        .flatten()
        .map(|(name, header)| (name.to_lowercase(), resolved(header)["required"] == true))
        .collect();
    for (name, _) in &answer.headers {
        let is_theirs = NOT_THE_APIS.contains(&name.as_str()) || name.starts_with("access-control-");
        let is_known = is_theirs || known.iter().any(|(known, _)| known == name);
        assert!(is_known, "{place}: the header {name} is not documented");
    }
    for (name, _) in known.iter().filter(|(_, is_required)| *is_required) {
        assert!(answer.header(name).is_some(), "{place}: the header {name} is documented and was not sent");
    }
}

/// The body matches its schema.
#[track_caller]
fn body(place: &str, known: &'static Value, answer: &Response, is_partial: bool) {
    let media = answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    let Some(content) = known["content"].as_object() else {
        return assert!(answer.text.is_empty(), "{place} has a body: {}", answer.text);
    };
    let documented = content.get(media);
    let documented = documented.unwrap_or_else(|| panic!("{place}: {media:?} is not documented"));
    if !media.contains("json") {
        return;
    }
    let value = answer.json();
    if answer.status >= 400 {
        members(place, &value);
    }
    let partial = (is_partial && answer.status == 200).then(|| partial(&documented["schema"]));
    let wrong: Vec<String> = validator(partial.as_ref().unwrap_or(&documented["schema"]))
        .iter_errors(&value)
        .map(|error| format!("{:?}: {error}", error.instance_path().as_str()))
        .collect();
    assert!(wrong.is_empty(), "{place} is not what its schema says:\n{}\n{}", wrong.join("\n"), answer.text);
}

/// With `fields` the rows of a list have only the named fields, each as the schema says.
fn partial(schema: &'static Value) -> Value {
    let mut list = resolved(schema).clone();
    let mut row = resolved_in(document(), &list["properties"]["items"]["items"]).clone();
    row.as_object_mut().unwrap().remove("required");
    list["properties"]["items"]["items"] = row;
    list
}

/// Every member of a problem is described: by what all problems have, or by its code's own schema.
#[track_caller]
fn members(place: &str, problem: &Value) {
    let schemas = &document()["components"]["schemas"];
    let code = problem["code"].as_str().unwrap_or_default();
    let (first, rest) = code.split_at_checked(1).unwrap_or_default();
    let own = &schemas[format!("{}{rest}Problem", first.to_uppercase())]["allOf"][1];
    for (name, _) in problem.as_object().into_iter().flatten() {
        let is_described =
            [&schemas["TokenProblem"], own].iter().any(|s| s["properties"].get(name).is_some());
        assert!(is_described, "{place} {code}: the member {name} is not in its schema");
    }
}

/// The validator of a schema, from a cache.
fn validator(schema: &Value) -> &'static Validator {
    static MADE: Mutex<BTreeMap<String, &'static Validator>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(schema.to_string()).or_insert_with(|| Box::leak(Box::new(compiled(document(), schema))))
}

/// The validator of a schema by itself, with the schemas of a document that it refers to.
pub fn compiled(document: &Value, schema: &Value) -> Validator {
    let mut referred = Map::new();
    refer(document, schema, &mut referred);
    let mut alone = schema.clone();
    alone["components"] = json!({ "schemas": referred });
    body::compile(&alone).unwrap()
}

fn refer(document: &Value, value: &Value, referred: &mut Map<String, Value>) {
    if let Some(name) = value.get("$ref").and_then(Value::as_str).and_then(|at| at.split('/').nth(3))
        && !referred.contains_key(name)
    {
        let schema = resolved_in(document, value);
        referred.insert(name.to_owned(), schema.clone());
        refer(document, schema, referred);
    }
    match value {
        Value::Object(members) => members.values().for_each(|member| refer(document, member, referred)),
        Value::Array(items) => items.iter().for_each(|item| refer(document, item, referred)),
        _ => {}
    }
}
