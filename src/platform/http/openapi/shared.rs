//! What many operations say alike stands once, under `components`, and they refer to it: the document is half as large,
//! and a client's author sees that a refusal is the same one everywhere.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::schemas::FOLDER;
use super::{Object, operations};

/// From so many equal ones on.
const OFTEN: usize = 3;

/// Moves the refusals and parameters that are repeated out of the paths, into these folders of `components`. What one of
/// several problems a repeated refusal has becomes a schema, because a generator would invent a name for it.
pub fn hoist(paths: &mut Object, schemas: &mut Object) -> Object {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    each(paths, &mut |_, value| *counts.entry(value.to_string()).or_default() += 1);
    let mut folders: BTreeMap<&str, Object> = BTreeMap::new();
    each(paths, &mut |folder, value| {
        if counts.get(&value.to_string()).is_some_and(|count| *count >= OFTEN) {
            let names = if folder == PARAMETERS { parameter_names(value) } else { vec![refusal_name(value)] };
            let homes = folders.entry(folder).or_default();
            // The first name that no other one has.
            let home = |name: &String| homes.entry(name).or_insert_with(|| value.clone()) == value;
            if let Some(name) = names.into_iter().find(home) {
                *value = json!({ "$ref": format!("#/components/{folder}/{name}") });
            }
        }
    });
    for (name, response) in folders.get_mut(RESPONSES).into_iter().flatten() {
        let bodies = response.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten();
        for schema in bodies.filter_map(|(_, body)| body.get_mut("schema")) {
            if schema.get("oneOf").is_some() {
                let name = format!("{name}Problem");
                let reference = json!({ "$ref": format!("{FOLDER}{name}") });
                schemas.insert(name, std::mem::replace(schema, reference));
            }
        }
    }
    folders.into_iter().map(|(folder, homes)| (folder.to_owned(), homes.into())).collect()
}

const PARAMETERS: &str = "parameters";
const RESPONSES: &str = "responses";

/// Every parameter, and every answer without a representation of its own, with the folder where it may stand.
fn each(paths: &mut Object, visit: &mut dyn FnMut(&'static str, &mut Value)) {
    for (.., operation) in operations(paths) {
        if let Some(parameters) = operation.get_mut(PARAMETERS).and_then(Value::as_array_mut) {
            parameters.iter_mut().for_each(|parameter| visit(PARAMETERS, parameter));
        }
        if let Some(responses) = operation.get_mut(RESPONSES).and_then(Value::as_object_mut) {
            let refusals = responses.iter_mut().filter(|(status, _)| !status.starts_with('2'));
            refusals.for_each(|(_, response)| visit(RESPONSES, response));
        }
    }
}

/// `ProgrammeId`; when another one is called so, `ProgrammeIdPath`, or `IfMatchRequired` for what is elsewhere optional.
fn parameter_names(parameter: &Value) -> Vec<String> {
    let text = |member: &str| pascal(parameter.get(member).and_then(Value::as_str).unwrap_or_default());
    let is_required = parameter.get("required") == Some(&Value::Bool(true)) && text("in") != "Path";
    let apart = if is_required { "Required".to_owned() } else { text("in") };
    vec![text("name"), text("name") + &apart]
}

/// `ForbiddenOrNotYours`: the codes that it may have. An answer without a body says that nothing is new.
fn refusal_name(response: &Value) -> String {
    let Some(content) = response.get("content").and_then(Value::as_object) else {
        return "NotModified".to_owned();
    };
    let is_oauth = content.len() > 1;
    let examples = content.values().filter_map(|body| body.get("examples")?.as_object());
    let codes: BTreeSet<&String> = examples.flat_map(Object::keys).collect();
    let names = codes.into_iter().map(|code| pascal(code)).collect::<Vec<_>>().join("Or");
    let name = if names == "MethodNotAllowedOrOriginNotAllowed" { "AnyOther".to_owned() } else { names };
    if is_oauth { format!("Token{name}") } else { name }
}

/// `Accept-Language` → `AcceptLanguage`, `programmeId` → `ProgrammeId`.
fn pascal(name: &str) -> String {
    let words = name.split('-').filter_map(|word| word.split_at_checked(1));
    words.map(|(first, rest)| first.to_uppercase() + rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_three_times_is_said_once() {
        let problem = json!({"description": "`notFound`", "content": {"application/problem+json": {"examples": {"notFound": {}}}}});
        let id = json!({"name": "thing-id", "in": "path", "required": true});
        let own = json!({"name": "thing-id", "in": "query", "required": false});
        let operation =
            json!({"parameters": [id], "responses": {"200": {"description": "x"}, "404": problem}});
        let odd = json!({"parameters": [own], "responses": {"404": problem}});
        let mut paths = Object::new();
        for path in ["/a", "/b", "/c"] {
            paths.insert(path.to_owned(), json!({"get": operation, "post": odd}));
        }
        let components = hoist(&mut paths, &mut Object::new());
        let reference = |to: &str| json!({ "$ref": format!("#/components/{to}") });
        assert_eq!(paths["/a"]["get"]["responses"]["404"], reference("responses/NotFound"));
        assert_eq!(paths["/a"]["get"]["responses"]["200"], json!({"description": "x"}));
        assert_eq!(paths["/b"]["get"]["parameters"][0], reference("parameters/ThingId"));
        assert_eq!(paths["/b"]["post"]["parameters"][0], reference("parameters/ThingIdQuery"));
        assert_eq!(components["responses"]["NotFound"], problem);
        assert_eq!(components["parameters"]["ThingIdQuery"], own);
    }
}
