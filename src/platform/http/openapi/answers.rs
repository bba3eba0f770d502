//! What an answer promises. A field that may be null is always sent, as null when there is nothing to say; one that may be
//! absent is never null. So an answer's nullable fields are `required`, and a client's author checks for one thing only.
//! A request may leave such a field out: a type that both ask for stands twice, the request's as `…Input`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::schemas::FOLDER;
use super::{Object, operations};

/// Marks the rare field for which null and absence mean different things.
pub const MAY_BE_ABSENT: &str = "x-may-be-absent";

/// Requires what answers always hold, and parts the types of requests from those of answers.
pub fn promise(schemas: &mut Object, paths: &mut Object) {
    let (mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for (.., operation) in operations(paths) {
        for (member, value) in operation.iter() {
            reach(value, schemas, if member == "responses" { &mut answered } else { &mut asked });
        }
    }
    let loose = loose(schemas, &asked.intersection(&answered).cloned().collect());
    for name in &loose {
        if let Some(schema) = schemas.get_mut(name) {
            let input = schema.clone();
            complete(schema, |_| true);
            schemas.insert(input_name(name), input);
        }
    }
    for name in answered.difference(&asked) {
        if let Some(schema) = schemas.get_mut(name) {
            complete(schema, |property| is_nullable(property) && property.get(MAY_BE_ABSENT).is_none());
        }
    }
    let asked_only = asked.difference(&answered).cloned().chain(loose.iter().map(|name| input_name(name)));
    for name in asked_only {
        if let Some(schema) = schemas.get_mut(&name) {
            take_input(schema, &loose);
        }
    }
    for (.., operation) in operations(paths) {
        operation.iter_mut().filter(|(member, _)| *member != "responses").for_each(|(_, value)| {
            take_input(value, &loose);
        });
    }
}

/// Removes the schemas that no operation and no other component refers to.
pub fn prune(schemas: &mut Object, paths: &Object, components: &Object) {
    let mut used = BTreeSet::new();
    for value in paths.values().chain(components.values()) {
        reach(value, schemas, &mut used);
    }
    schemas.retain(|name, _| used.contains(name));
}

/// Collects the names of the schemas that a value refers to, and those that these refer to.
fn reach(value: &Value, schemas: &Object, reached: &mut BTreeSet<String>) {
    if let Some(name) = name_in(value)
        && reached.insert(name.to_owned())
        && let Some(schema) = schemas.get(name)
    {
        reach(schema, schemas, reached);
    }
    match value {
        Value::Object(members) => members.values().for_each(|member| reach(member, schemas, reached)),
        Value::Array(items) => items.iter().for_each(|item| reach(item, schemas, reached)),
        _ => {}
    }
}

fn name_in(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()?.strip_prefix(FOLDER)
}

/// Those of the shared schemas that mean more in an answer than in a request: some of their fields may be left out of a
/// request, or they refer to such a schema.
fn loose(schemas: &Object, shared: &BTreeSet<String>) -> BTreeSet<String> {
    let is_loose = |name: &&String| schemas.get(*name).is_some_and(has_optional);
    let mut loose: BTreeSet<String> = shared.iter().filter(is_loose).cloned().collect();
    loop {
        let more = shared.iter().filter(|name| {
            let mut reached = BTreeSet::new();
            schemas.get(*name).into_iter().for_each(|schema| reach(schema, schemas, &mut reached));
            !loose.contains(*name) && !reached.is_disjoint(&loose)
        });
        let more: Vec<String> = more.cloned().collect();
        if more.is_empty() {
            return loose;
        }
        loose.extend(more);
    }
}

fn has_optional(schema: &Value) -> bool {
    let required = schema.get("required").and_then(Value::as_array).map_or(0, Vec::len);
    schema.get("properties").and_then(Value::as_object).is_some_and(|all| all.len() > required)
}

/// Requires the properties for which `is_sent` holds, beside those that are required already.
fn complete(schema: &mut Value, is_sent: impl Fn(&Value) -> bool) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let known = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let further =
        properties.iter().filter(|(name, property)| is_sent(property) && !known.contains(&json!(name)));
    let required: Vec<Value> = known.iter().cloned().chain(further.map(|(name, _)| json!(name))).collect();
    if let Some(schema) = schema.as_object_mut().filter(|_| !required.is_empty()) {
        schema.insert("required".to_owned(), required.into());
    }
}

/// Whether null is a value of this schema.
fn is_nullable(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    let kind = schema.get("type");
    let has_null = kind.and_then(Value::as_array).is_some_and(|kinds| kinds.iter().any(is_null));
    let one_of = ["oneOf", "anyOf"].iter().filter_map(|keyword| schema.get(*keyword)?.as_array()).flatten();
    has_null || one_of.filter_map(|one| one.get("type")).any(is_null)
}

fn input_name(name: &str) -> String {
    format!("{name}Input")
}

/// Lets a request refer to the types of requests.
fn take_input(value: &mut Value, loose: &BTreeSet<String>) {
    super::schemas::walk(value, &mut |value| {
        let input = name_in(value).filter(|name| loose.contains(*name)).map(input_name);
        if let (Some(input), Some(value)) = (input, value.as_object_mut()) {
            value.insert("$ref".to_owned(), json!(format!("{FOLDER}{input}")));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(name: &str) -> Value {
        json!({ "$ref": format!("{FOLDER}{name}") })
    }

    #[test]
    fn an_answer_promises_more_than_a_request() {
        let part = json!({"required": ["a"], "properties": {"a": {}, "b": {"type": ["string", "null"]}, "c": {"type": "boolean"}}});
        let mut schemas = json!({
            "Part": part,
            "Asked": {"properties": {"part": reference("Part"), "x": {"type": ["string", "null"]}}},
            "Answered": {"properties": {
                "part": reference("Part"),
                "whole": {"oneOf": [reference("Part"), {"type": "null"}]},
                "rare": {"type": "string"},
            }},
            "Unused": {},
        });
        let schemas = schemas.as_object_mut().unwrap();
        let mut paths = json!({"/things": {"post": {"requestBody": reference("Asked"), "responses": {"200": reference("Answered")}}}});
        let paths = paths.as_object_mut().unwrap();
        promise(schemas, paths);
        assert_eq!(schemas["Part"]["required"], json!(["a", "b", "c"]));
        assert_eq!(schemas["PartInput"]["required"], json!(["a"]));
        assert_eq!(schemas["Asked"]["properties"]["part"], reference("PartInput"));
        assert_eq!(schemas["Asked"].get("required"), None);
        assert_eq!(schemas["Answered"]["required"], json!(["whole"]));
        assert_eq!(schemas["Answered"]["properties"]["part"], reference("Part"));
        prune(schemas, paths, &Object::new());
        assert_eq!(schemas.len(), 4, "the unused one is left out");
    }
}
