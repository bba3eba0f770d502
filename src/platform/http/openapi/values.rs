//! Values held against the document's schemas: its own examples here, and every answer of the tests. A document that its
//! own program contradicts is worse than none.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::quality::{list, objects, resolved};
use super::schemas::FOLDER;
use super::{METHODS, Object};
use crate::platform::http::body;
use crate::platform::problem::Problem;

/// A schema of the document by itself, with the schemas that it refers to.
pub fn validator(document: &Value, schema: &Value) -> Result<Validator, Problem> {
    let mut alone = schema.clone();
    let mut referred = Object::new();
    refer(document, schema, &mut referred);
    if let Some(alone) = alone.as_object_mut() {
        alone.insert("components".to_owned(), json!({ "schemas": referred }));
    }
    body::compile(&alone).map_err(Problem::internal)
}

fn refer(document: &Value, value: &Value, referred: &mut Object) {
    if let Some(name) = value.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix(FOLDER))
        && !referred.contains_key(name)
        && let Some(schema) = document.pointer(&format!("/components/schemas/{name}"))
    {
        referred.insert(name.to_owned(), schema.clone());
        refer(document, schema, referred);
    }
    match value {
        Value::Object(members) => members.values().for_each(|member| refer(document, member, referred)),
        Value::Array(items) => items.iter().for_each(|item| refer(document, item, referred)),
        _ => {}
    }
}

/// Every example that its schema refuses, and every number of a request that has no bounds.
pub fn faults(document: &Value) -> Vec<String> {
    let mut check = Check { document, made: BTreeMap::new(), seen: BTreeSet::new(), faults: Vec::new() };
    for (name, schema) in objects(document.pointer("/components/schemas")) {
        check.examples(&format!("schema {name}"), schema);
    }
    for (path, item) in objects(document.get("paths")) {
        for (method, operation) in objects(Some(item)).filter(|(name, _)| METHODS.contains(&name.as_str())) {
            check.operation(&format!("{} {path}", method.to_uppercase()), operation);
        }
    }
    check.faults
}

struct Check<'d> {
    document: &'d Value,
    made: BTreeMap<String, Option<Validator>>,
    seen: BTreeSet<String>,
    faults: Vec<String>,
}

impl<'d> Check<'d> {
    fn operation(&mut self, place: &str, operation: &'d Value) {
        for parameter in list(operation.get("parameters")) {
            let parameter = resolved(self.document, parameter);
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
            self.content(&format!("{place}: {status}"), resolved(self.document, response));
        }
    }

    /// The examples beside a schema.
    fn content(&mut self, here: &str, with_content: &'d Value) {
        for (_, media) in objects(with_content.get("content")).filter(|(media, _)| media.contains("json")) {
            let Some(schema) = media.get("schema") else { continue };
            let named = objects(media.get("examples"));
            let named = named.filter_map(|(_, example)| resolved(self.document, example).get("value"));
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
        let made = self.made.entry(schema.to_string());
        let Some(validator) = made.or_insert_with(|| validator(document, schema).ok()) else {
            self.faults.push(format!("{here}: a schema that is none"));
            return;
        };
        let wrong = validator.iter_errors(value);
        let told = wrong
            .map(|error| format!("{here}: the example at {:?}: {error}", error.instance_path().as_str()));
        self.faults.extend(told.collect::<Vec<_>>());
    }

    /// A number without bounds would be refused where nobody can say why.
    fn bounds(&mut self, here: &str, schema: &'d Value) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str)
            && !self.seen.insert(reference.to_owned())
        {
            return;
        }
        let schema = resolved(self.document, schema);
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

/// What a schema consists of, apart from its properties.
fn parts(schema: &Value) -> impl Iterator<Item = &Value> {
    let several = ["oneOf", "anyOf", "allOf"].into_iter().flat_map(|keyword| list(schema.get(keyword)));
    let one = ["items", "additionalProperties"].into_iter().filter_map(|keyword| schema.get(keyword));
    several.chain(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(schema: Value, example: Value) -> Value {
        let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}, "example": example}});
        let mut schemas = Object::new();
        schemas.insert("Thing".to_owned(), schema);
        json!({
            "components": {"schemas": schemas},
            "paths": {"/things": {"post": {"requestBody": {"content": content}, "responses": {}}}},
        })
    }

    #[test]
    fn an_example_must_be_what_it_is_an_example_of() {
        let schema = json!({"type": "object", "properties": {"name": {"type": "string", "examples": [7]}}});
        let faults = faults(&document(schema, json!({"name": true})));
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].starts_with("schema Thing.name: the example at \"\""));
        assert!(faults[1].starts_with("POST /things: request: the example at \"/name\""));
    }

    #[test]
    fn an_integer_that_is_sent_has_bounds_that_fit() {
        let with = |schema: Value| document(json!({"properties": {"at": {"items": schema}}}), json!({}));
        let of = |schema| faults(&with(schema)).len();
        assert_eq!(of(json!({"type": ["integer", "null"], "format": "int32", "minimum": 1})), 1);
        assert_eq!(
            of(json!({"type": "integer", "format": "int32", "minimum": 1, "maximum": 3_000_000_000_u64})),
            1
        );
        assert_eq!(of(json!({"type": "integer", "format": "int32", "minimum": 1, "maximum": i32::MAX})), 0);
    }
}
