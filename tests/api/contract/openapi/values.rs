//! The examples of the document match their schemas, and numbers in requests have bounds.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::quality::{list, objects};
use crate::support::documented::{compiled, resolved_in};

/// Every example that does not match its schema, and every number in a request without bounds.
pub fn faults(document: &Value) -> Vec<String> {
    let mut check = Check { document, made: BTreeMap::new(), seen: BTreeSet::new(), faults: Vec::new() };
    for (name, schema) in objects(document.pointer("/components/schemas")) {
        check.examples(&format!("schema {name}"), schema);
    }
    for (path, item) in objects(document.get("paths")) {
        for (method, operation) in objects(Some(item)) {
            check.operation(&format!("{} {path}", method.to_uppercase()), operation);
        }
    }
    check.faults
}

struct Check<'d> {
    document: &'d Value,
    made: BTreeMap<String, Validator>,
    seen: BTreeSet<String>,
    faults: Vec<String>,
}

impl<'d> Check<'d> {
    fn operation(&mut self, place: &str, operation: &'d Value) {
        for parameter in list(operation.get("parameters")) {
            let parameter = resolved_in(self.document, parameter);
            let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
            if let Some(schema) = parameter.get("schema") {
                self.examples(&format!("{place}: {name}"), schema);
                self.bounds(&format!("{place}: {name}"), schema);
            }
        }
        if let Some(body) = operation.get("requestBody") {
            self.content(&format!("{place}: request"), body);
            for (_, media) in objects(body.get("content")) {
                media.get("schema").into_iter().for_each(|schema| self.bounds(place, schema));
            }
        }
        for (status, response) in objects(operation.get("responses")) {
            self.content(&format!("{place}: {status}"), resolved_in(self.document, response));
        }
    }

    /// The examples beside a schema.
    fn content(&mut self, here: &str, with_content: &'d Value) {
        for (_, media) in objects(with_content.get("content")).filter(|(media, _)| media.contains("json")) {
            let Some(schema) = media.get("schema") else { continue };
            let named = objects(media.get("examples"));
            let named = named.filter_map(|(_, example)| resolved_in(self.document, example).get("value"));
            for example in media.get("example").into_iter().chain(named) {
                self.value(here, schema, example);
            }
        }
    }

    /// The examples within a schema.
    fn examples(&mut self, here: &str, schema: &'d Value) {
        for example in schema.get("example").into_iter().chain(list(schema.get("examples"))) {
            self.value(here, schema, example);
        }
        for (name, property) in objects(schema.get("properties")) {
            self.examples(&format!("{here}.{name}"), property);
        }
        for part in parts(schema) {
            self.examples(here, part);
        }
    }

    fn value(&mut self, here: &str, schema: &Value, value: &Value) {
        let document = self.document;
        let validator = self.made.entry(schema.to_string()).or_insert_with(|| compiled(document, schema));
        let wrong = validator.iter_errors(value);
        let told = wrong
            .map(|error| format!("{here}: the example at {:?}: {error}", error.instance_path().as_str()));
        self.faults.extend(told.collect::<Vec<_>>());
    }

    /// Without bounds in the schema, an overflow would be refused without an explanation.
    fn bounds(&mut self, here: &str, schema: &'d Value) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str)
            && !self.seen.insert(reference.to_owned())
        {
            return;
        }
        let schema = resolved_in(self.document, schema);
        let kind = schema.get("type").map(Value::to_string).unwrap_or_default();
        let has =
            |bound: &str| schema.get(bound).and_then(Value::as_f64).filter(|bound| fits(schema, *bound));
        if kind.contains("\"integer\"") && (has("minimum").is_none() || has("maximum").is_none()) {
            self.faults.push(format!("{here}: an integer without bounds that fit its format"));
        }
        for (name, property) in objects(schema.get("properties")) {
            self.bounds(&format!("{here}.{name}"), property);
        }
        for part in parts(schema) {
            self.bounds(here, part);
        }
    }
}

fn fits(schema: &Value, bound: f64) -> bool {
    let is_small = schema.get("format").and_then(Value::as_str) == Some("int32");
    !is_small || (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&bound)
}

/// The parts of a schema, without its properties.
fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    let several = ["oneOf", "anyOf", "allOf"].into_iter().flat_map(|keyword| list(schema.get(keyword)));
    let one = ["items", "additionalProperties"].into_iter().filter_map(|keyword| schema.get(keyword));
    several.chain(one)
}

fn document(schema: Value, example: Value) -> Value {
    let content =
        json!({"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}, "example": example}});
    json!({
        "components": {"schemas": {"Thing": schema}},
        "paths": {"/things": {"post": {"requestBody": {"content": content}, "responses": {}}}},
    })
}

#[test]
fn an_example_that_does_not_match_is_found() {
    let schema = json!({"type": "object", "properties": {"name": {"type": "string", "examples": [7]}}});
    let faults = faults(&document(schema, json!({"name": true})));
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].starts_with("schema Thing.name: the example at \"\""));
    assert!(faults[1].starts_with("POST /things: request: the example at \"/name\""));
}

#[test]
fn an_integer_without_fitting_bounds_is_found() {
    let with = |schema: Value| document(json!({"properties": {"at": {"items": schema}}}), json!({}));
    let of = |schema| faults(&with(schema)).len();
    assert_eq!(of(json!({"type": ["integer", "null"], "format": "int32", "minimum": 1})), 1);
    assert_eq!(
        of(json!({"type": "integer", "format": "int32", "minimum": 1, "maximum": 3_000_000_000_u64})),
        1
    );
    assert_eq!(of(json!({"type": "integer", "format": "int32", "minimum": 1, "maximum": i32::MAX})), 0);
}
