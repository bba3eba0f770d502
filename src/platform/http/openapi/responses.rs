//! Answers: those that the handler lists get their description, headers and examples; every problem gets its document
//! under its status, so that a client's author sees each refusal before meeting it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Object, Place, components, examples, take};
use crate::platform::http::problem::Code;

/// Completes the answers of an operation.
pub fn add(operation: &mut Object, place: &Place<'_>, codes: &BTreeSet<Code>) {
    let mut responses = take(operation, "responses");
    for (status, response) in &mut responses {
        if let Some(response) = response.as_object_mut() {
            success(status, response, place);
        }
    }
    if place.method == "get" && responses.contains_key("200") {
        responses.insert("304".to_owned(), not_modified());
    }
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(*code);
    }
    for (status, codes) in by_status {
        responses.insert(status.to_string(), problem(place, &codes));
    }
    let mut any_other = problem(place, &[Code::HeadersTooLarge]);
    if let Some(any_other) = any_other.as_object_mut() {
        any_other.insert(
            "description".to_owned(),
            json!(components::both("Varje annat problem.", "Any other problem.")),
        );
    }
    responses.insert("default".to_owned(), any_other);
    operation.insert("responses".to_owned(), responses.into());
}

fn success(status: &str, response: &mut Object, place: &Place<'_>) {
    let has_description =
        response.get("description").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if !has_description {
        response.insert("description".to_owned(), json!(usual(status)));
    }
    let mut content = take(response, "content");
    examples::lift(&mut content, place);
    let has_content = !content.is_empty();
    if has_content {
        response.insert("content".to_owned(), content.into());
    }
    let mut headers = take(response, "headers");
    let mut names = vec!["Cache-Control", "Content-Language", "RateLimit", "RateLimit-Policy", "traceparent"];
    if has_content && !place.is_oauth() {
        names.push("ETag");
    }
    if status == "201" {
        names.push("Location");
    }
    if place.method == "post" && !place.is_oauth() {
        names.push("Idempotency-Replayed");
    }
    for name in names {
        headers.entry(name).or_insert_with(|| components::header_reference(name));
    }
    response.insert("headers".to_owned(), headers.into());
}

fn usual(status: &str) -> &'static str {
    match status {
        "201" => "Skapad. / Created.",
        "202" => "Mottagen, görs strax. / Accepted, will be done shortly.",
        "204" => "Gjort, inget att visa. / Done, nothing to show.",
        _ => "Svaret. / The answer.",
    }
}

fn not_modified() -> Value {
    json!({
        "description": components::both("Oförändrad sedan If-None-Match.", "Unchanged since If-None-Match."),
        "headers": {
            "ETag": components::header_reference("ETag"),
            "traceparent": components::header_reference("traceparent"),
        },
    })
}

/// One answer for all problems with the same status.
fn problem(place: &Place<'_>, codes: &[Code]) -> Value {
    let lines = codes.iter().map(|code| {
        let title = code.title();
        format!("`{}`: {} / {}", code.as_str(), title.sv, title.en)
    });
    let mut content = Object::new();
    if place.is_oauth() {
        let body = json!({
            "schema": { "$ref": "#/components/schemas/TokenProblem" },
            "examples": examples_of(codes, components::token_example),
        });
        content.insert("application/json".to_owned(), body.clone());
        content.insert("application/problem+json".to_owned(), body);
    } else {
        let body = json!({
            "schema": { "$ref": "#/components/schemas/Problem" },
            "examples": examples_of(codes, components::example_reference),
        });
        content.insert("application/problem+json".to_owned(), body);
    }
    json!({
        "description": lines.collect::<Vec<_>>().join("\n\n"),
        "content": content,
        "headers": problem_headers(codes.first().copied()),
    })
}

fn examples_of(codes: &[Code], example: fn(Code) -> Value) -> Object {
    codes.iter().map(|code| (code.as_str().to_owned(), example(*code))).collect()
}

fn problem_headers(code: Option<Code>) -> Object {
    let further: &[&str] = match code.map(Code::status) {
        Some(401) => &["WWW-Authenticate"],
        Some(429) => &["RateLimit", "RateLimit-Policy", "Retry-After"],
        Some(503) => &["Retry-After"],
        _ => &[],
    };
    let names = ["Content-Language", "traceparent"].iter().chain(further);
    names.map(|name| ((*name).to_owned(), components::header_reference(name))).collect()
}
