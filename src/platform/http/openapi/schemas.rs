//! Schemas as the generator of a client reads them best: each stands once, under its name; a whole is one object; and what
//! a format of this API means is also said as a pattern.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::names::walk;
use super::{Object, take};

/// Where schemas stand.
pub const FOLDER: &str = "#/components/schemas/";

/// Formats that no registry knows, with the pattern that a validator can use instead.
const PATTERNS: [(&str, &str); 2] = [
    ("month", "^[0-9]{4}-(0[1-9]|1[0-2])$"),
    ("deadline", "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2}))?$"),
];

/// Puts the schemas of a document right.
pub fn tidy(document: &mut Value) {
    let Some(root) = document.as_object_mut() else { return };
    let mut components = take(root, "components");
    let mut schemas = take(&mut components, "schemas");
    let names = names(&schemas);
    for schema in schemas.values_mut() {
        children(schema, &mut |child| refer(child, &names));
    }
    merge(&mut schemas);
    components.insert("schemas".to_owned(), schemas.into());
    if let Some(paths) = root.get_mut("paths") {
        refer(paths, &names);
    }
    root.insert("components".to_owned(), components.into());
    walk(document, &mut patterned);
}

/// Schemas with their names, apart from those that two names share.
fn names(schemas: &Object) -> Vec<(Value, String)> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for schema in schemas.values() {
        *times.entry(schema.to_string()).or_default() += 1;
    }
    let once = schemas.iter().filter(|(_, schema)| times.get(&schema.to_string()) == Some(&1));
    once.map(|(name, schema)| (schema.clone(), name.clone())).collect()
}

/// utoipa writes a generic type's argument and a parameter's type out in full; a reference says the same, and what it is.
fn refer(value: &mut Value, names: &[(Value, String)]) {
    match names.iter().find(|(schema, _)| schema == value) {
        Some((_, name)) => *value = json!({ "$ref": format!("{FOLDER}{name}") }),
        None => children(value, &mut |child| refer(child, names)),
    }
}

fn children(value: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::Object(members) => members.values_mut().for_each(visit),
        Value::Array(items) => items.iter_mut().for_each(visit),
        _ => {}
    }
}

/// A flattened field makes its type a part of a whole (`allOf`), and a part that takes no further fields would refuse the
/// other parts' fields: the parts become one object.
fn merge(schemas: &mut Object) {
    let parts = schemas.clone();
    for schema in schemas.values_mut().filter_map(Value::as_object_mut) {
        let Some(Value::Array(all)) = schema.get("allOf") else { continue };
        let objects: Option<Vec<&Object>> = all.iter().map(|part| object(part, &parts)).collect();
        let Some(objects) = objects else { continue };
        let members = |keyword: &'static str| objects.iter().filter_map(move |object| object.get(keyword));
        let properties: Object = members("properties")
            .filter_map(Value::as_object)
            .flatten()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let required: Value = members("required").filter_map(Value::as_array).flatten().cloned().collect();
        schema.remove("allOf");
        schema.insert("type".to_owned(), json!("object"));
        schema.insert("properties".to_owned(), properties.into());
        schema.insert("required".to_owned(), required);
    }
}

/// A part that is an object with properties.
fn object<'v>(part: &'v Value, schemas: &'v Object) -> Option<&'v Object> {
    let part = match part.get("$ref").and_then(Value::as_str) {
        Some(reference) => schemas.get(reference.strip_prefix(FOLDER)?)?,
        None => part,
    };
    part.as_object().filter(|object| object.contains_key("properties"))
}

fn patterned(value: &mut Value) {
    let Some(schema) = value.as_object_mut().filter(|schema| !schema.contains_key("pattern")) else { return };
    let format = schema.get("format").and_then(Value::as_str);
    if let Some((_, pattern)) = PATTERNS.iter().find(|(name, _)| Some(*name) == format) {
        schema.insert("pattern".to_owned(), json!(pattern));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_under_a_name_is_referred_to() {
        let state = json!({"type": "string", "enum": ["draft", "open"]});
        let twin = json!({"type": "object", "properties": {}});
        let mut document = json!({
            "components": {"schemas": {
                "State": state,
                "Twin": twin, "Other": twin,
                "Thing": {"type": "object", "properties": {"state": state, "twin": twin}},
            }},
            "paths": {"/things": {"get": {"parameters": [{"schema": {"type": "array", "items": state}}]}}},
        });
        tidy(&mut document);
        let reference = json!({"$ref": "#/components/schemas/State"});
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["State"], state);
        assert_eq!(schemas["Thing"]["properties"]["state"], reference);
        assert_eq!(schemas["Thing"]["properties"]["twin"], twin, "two names would be as right");
        assert_eq!(document["paths"]["/things"]["get"]["parameters"][0]["schema"]["items"], reference);
    }

    #[test]
    fn a_whole_is_one_object() {
        let mut document = json!({"components": {"schemas": {
            "Part": {"type": "object", "required": ["a"], "properties": {"a": {}}, "additionalProperties": false},
            "Whole": {
                "description": "All of it.",
                "allOf": [
                    {"$ref": "#/components/schemas/Part"},
                    {"type": "object", "required": ["b"], "properties": {"b": {"format": "month"}}},
                ],
            },
        }}});
        tidy(&mut document);
        let expected = json!({
            "description": "All of it.",
            "type": "object",
            "required": ["a", "b"],
            "properties": {"a": {}, "b": {"format": "month", "pattern": PATTERNS[0].1}},
        });
        assert_eq!(document["components"]["schemas"]["Whole"], expected);
    }
}
