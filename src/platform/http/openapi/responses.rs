//! Answers: those that the handler lists get their description, headers and examples; every problem gets its document
//! under its status, so that a client's author sees each refusal before meeting it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Object, Place, components, examples, headers, problems, take};
use crate::platform::problem::Code;

/// Completes the answers of an operation.
pub fn add(operation: &mut Object, place: &Place<'_>, codes: &BTreeSet<Code>) {
    let mut responses = take(operation, "responses");
    for (status, response) in &mut responses {
        if let Some(response) = response.as_object_mut() {
            success(status, response, place);
        }
    }
    if takes_fields(operation)
        && let Some(Value::String(description)) =
            responses.get_mut("200").and_then(|ok| ok.get_mut("description"))
    {
        description.push_str(PARTIAL);
    }
    if place.method == "get" && responses.contains_key("200") {
        responses.insert("304".to_owned(), not_modified());
    }
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(*code);
    }
    for (status, codes) in by_status {
        responses.insert(
            status.to_string(),
            refusal(place, &codes, problems::one_of(place, &codes), titles(&codes)),
        );
    }
    let any_other = components::both("Varje annat problem.", "Any other problem.");
    responses.insert(
        "default".to_owned(),
        refusal(place, &problems::ANYWHERE, problems::one_of(place, &problems::ANYWHERE), any_other),
    );
    operation.insert("responses".to_owned(), responses.into());
}

/// The schema says what an answer has without `fields`: a partial row has a type that only its client knows, and a schema
/// that allows every part would make every field of every generated client optional.
const PARTIAL: &str = "\n\nSchemat gäller svar utan `fields`; med `fields` har raderna bara de fält som nämns, och vart och \
                       ett är som schemat säger. / The schema is for answers without `fields`; with `fields` the rows have \
                       only the fields that are named, and each is as the schema says.";

fn takes_fields(operation: &Object) -> bool {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let is_fields = |parameter: &Value| parameter.get("name") == Some(&json!("fields"));
    parameters.is_some_and(|all| all.iter().any(is_fields))
}

fn success(status: &str, response: &mut Object, place: &Place<'_>) {
    let mut content = take(response, "content");
    let schema = content.values().find_map(|body| body.get("schema"));
    let given = response.get("description").and_then(Value::as_str).unwrap_or_default();
    let (sv, en) = usual(status, place, schema);
    let description = components::both(sv, if given.is_empty() { en } else { given });
    response.insert("description".to_owned(), description.into());
    let names = headers::of_success(status, place, schema);
    response.insert("headers".to_owned(), headers::references(names).into());
    examples::lift(&mut content, place);
    if !content.is_empty() {
        response.insert("content".to_owned(), content.into());
    }
}

/// What an answer is, by its place: handlers say it in English only, where they say more.
fn usual(status: &str, place: &Place<'_>, schema: Option<&Value>) -> (&'static str, &'static str) {
    let reference = schema.and_then(|schema| schema.get("$ref")?.as_str()).unwrap_or_default();
    match (status, place.method) {
        ("201", _) => ("Det som skapades.", "What was made."),
        ("202", _) => ("Mottaget, görs strax.", "Accepted, will be done shortly."),
        ("204", _) => ("Gjort, inget att visa.", "Done, nothing to show."),
        _ if reference.ends_with("Listing") => ("En sida av listan.", "A page of the list."),
        _ if reference.ends_with("/BatchResult") => ("Ett resultat per post.", "One result per item."),
        _ if reference.ends_with("/StatusChangeWholeList") => {
            ("Historiken över tillstånd.", "The history of states.")
        }
        _ if reference.ends_with("WholeList") => ("Hela listan.", "The whole list."),
        (_, "post") if place.path.ends_with("/status-changes") => {
            ("Resursen i sitt nya tillstånd.", "The resource in its new state.")
        }
        (_, "patch" | "put") => ("Resursen efter ändringen.", "The resource after the change."),
        (_, "get") if place.path.ends_with('}') => ("Resursen.", "The resource."),
        _ => ("Svaret.", "The answer."),
    }
}

fn not_modified() -> Value {
    json!({
        "description": components::both("Oförändrad sedan If-None-Match.", "Unchanged since If-None-Match."),
        "headers": headers::references(headers::of_unchanged()),
    })
}

fn titles(codes: &[Code]) -> String {
    let lines = codes.iter().map(|code| {
        let title = code.title();
        format!("`{}`: {} / {}", code.as_str(), title.sv, title.en)
    });
    lines.collect::<Vec<_>>().join("\n\n")
}

/// One answer for all problems with the same status.
fn refusal(place: &Place<'_>, codes: &[Code], schema: Value, description: String) -> Value {
    let mut content = Object::new();
    if place.is_oauth() {
        let body = json!({
            "schema": schema,
            "examples": examples_of(codes, components::token_example),
        });
        content.insert("application/json".to_owned(), body.clone());
        content.insert("application/problem+json".to_owned(), body);
    } else {
        let body = json!({
            "schema": schema,
            "examples": examples_of(codes, components::example_reference),
        });
        content.insert("application/problem+json".to_owned(), body);
    }
    json!({
        "description": description,
        "content": content,
        "headers": headers::references(headers::of_refusal(codes)),
    })
}

fn examples_of(codes: &[Code], example: fn(Code) -> Value) -> Object {
    codes.iter().map(|code| (code.as_str().to_owned(), example(*code))).collect()
}
