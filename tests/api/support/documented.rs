//! Every answer that any test meets must be what the OpenAPI document says: a client's author reads there what can happen,
//! and a generated client believes it.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use jsonschema::Validator;
use samverkan::platform::http::openapi;
use serde_json::Value;

use super::Response;

const BASE_PATH: &str = "/api/v1";

/// The document of this very code.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| samverkan::app::document().unwrap())
}

/// The path item that a request's path fits, fixed segments before parameters; none outside the base path.
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

/// These belong to the connection, or to what browsers may do with an answer: no client of the API handles them.
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

/// Fails when an answer is not what the document says of its operation: status, problem code, headers, body.
#[track_caller]
pub fn check(method: &str, path: &str, answer: &Response) {
    let Some((template, item)) = path_item(path) else { return };
    let place = format!("{method} {template}: {}", answer.status);
    let is_head = method == "HEAD";
    let method = if is_head { "GET" } else { method };
    let Some(operation) = item.get(method.to_lowercase()) else {
        let is_right = answer.status < 400
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
    // With `fields` an answer has fewer fields than its schema requires; the parameter's description says so.
    if !is_head && !path.contains("fields=") {
        body(&place, known, answer);
    }
}

/// A part of the document, looked up in the components when it is only a reference.
pub fn resolved(value: &'static Value) -> &'static Value {
    let reference = value.get("$ref").and_then(Value::as_str);
    reference.and_then(|reference| document().pointer(&reference[1..])).unwrap_or(value)
}

/// What is sent is documented, and what must be there is sent.
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

/// The body is what its schema says.
#[track_caller]
fn body(place: &str, known: &'static Value, answer: &Response) {
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
    let wrong: Vec<String> = validator(&documented["schema"])
        .iter_errors(&value)
        .map(|error| format!("{:?}: {error}", error.instance_path().as_str()))
        .collect();
    assert!(wrong.is_empty(), "{place} is not what its schema says:\n{}\n{}", wrong.join("\n"), answer.text);
}

/// The validator of a schema, made once.
fn validator(schema: &'static Value) -> &'static Validator {
    static MADE: Mutex<BTreeMap<String, &'static Validator>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(schema.to_string())
        .or_insert_with(|| Box::leak(Box::new(openapi::validator(document(), schema).unwrap())))
}
