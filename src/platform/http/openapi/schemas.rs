//! Schemas as the generator of a client reads them best: each stands once, under a name without underscores; a whole is
//! one object; and what a format of this API means is also said as a pattern.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Object;

/// Where schemas stand.
pub const FOLDER: &str = "#/components/schemas/";

/// Formats that no registry knows, with the pattern that a validator can use instead.
const PATTERNS: [(&str, &str); 3] = [
    ("month", "^[0-9]{4}-(0[1-9]|1[0-2])$"),
    ("deadline", "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2}))?$"),
    ("opening", "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2}))?$"),
];

/// Puts the schemas right, and those that stand in the paths.
pub fn tidy(schemas: Object, paths: &mut Object) -> Object {
    let mut schemas: Object = schemas.into_iter().map(|(name, schema)| (renamed(&name), schema)).collect();
    schemas.values_mut().chain(paths.values_mut()).for_each(|value| walk(value, &mut rename));
    let names = names(&schemas);
    for schema in schemas.values_mut() {
        children(schema, &mut |child| refer(child, &names));
    }
    paths.values_mut().for_each(|item| refer(item, &names));
    merge(&mut schemas);
    schemas.values_mut().chain(paths.values_mut()).for_each(|value| walk(value, &mut patterned));
    schemas
}

/// Calls `visit` for a value and everything in it.
pub fn walk(value: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    visit(value);
    children(value, &mut |child| walk(child, visit));
}

fn children(value: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    match value {
        Value::Object(members) => members.values_mut().for_each(visit),
        Value::Array(items) => items.iter_mut().for_each(visit),
        _ => {}
    }
}

/// `Listing_Kommun` (a generic type with its argument) becomes `KommunListing`.
fn renamed(name: &str) -> String {
    match name.split_once('_') {
        Some((generic, arguments)) => format!("{}{generic}", arguments.replace('_', "")),
        None => name.to_owned(),
    }
}

fn rename(value: &mut Value) {
    if let Some(Value::String(reference)) = value.get_mut("$ref")
        && let Some(name) = reference.strip_prefix(FOLDER)
    {
        *reference = format!("{FOLDER}{}", renamed(name));
    }
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

    fn tidied(schemas: Value, paths: Value) -> (Value, Value) {
        let object = |value| serde_json::from_value::<Object>(value).unwrap();
        let mut paths = object(paths);
        (tidy(object(schemas), &mut paths).into(), paths.into())
    }

    #[test]
    fn generic_schemas_are_named_after_their_argument() {
        let thing = json!({"type": "object", "properties": {"name": {"type": "string"}}});
        let (schemas, paths) = tidied(
            json!({"Listing_Thing": {"properties": {"items": {"type": "array", "items": thing}}}, "Thing": thing}),
            json!({"/things": {"get": {"$ref": "#/components/schemas/Listing_Thing"}}}),
        );
        let items = &schemas["ThingListing"]["properties"]["items"]["items"];
        assert_eq!(items, &json!({"$ref": "#/components/schemas/Thing"}));
        assert_eq!(paths["/things"]["get"], json!({"$ref": "#/components/schemas/ThingListing"}));
    }

    #[test]
    fn what_stands_under_a_name_is_referred_to() {
        let state = json!({"type": "string", "enum": ["draft", "open"]});
        let twin = json!({"type": "object", "properties": {}});
        let (schemas, paths) = tidied(
            json!({
                "State": state,
                "Twin": twin, "Other": twin,
                "Thing": {"type": "object", "properties": {"state": state, "twin": twin}},
            }),
            json!({"/things": {"get": {"parameters": [{"schema": {"type": "array", "items": state}}]}}}),
        );
        let reference = json!({"$ref": "#/components/schemas/State"});
        assert_eq!(schemas["State"], state);
        assert_eq!(schemas["Thing"]["properties"]["state"], reference);
        assert_eq!(schemas["Thing"]["properties"]["twin"], twin, "two names would be as right");
        assert_eq!(paths["/things"]["get"]["parameters"][0]["schema"]["items"], reference);
    }

    #[test]
    fn a_whole_is_one_object() {
        let part = json!({"type": "object", "required": ["a"], "properties": {"a": {}}, "additionalProperties": false});
        let whole = json!({
            "description": "All of it.",
            "allOf": [
                {"$ref": "#/components/schemas/Part"},
                {"type": "object", "required": ["b"], "properties": {"b": {"format": "month"}}},
            ],
        });
        let expected = json!({
            "description": "All of it.",
            "type": "object",
            "required": ["a", "b"],
            "properties": {"a": {}, "b": {"format": "month", "pattern": PATTERNS[0].1}},
        });
        assert_eq!(tidied(json!({"Part": part, "Whole": whole}), json!({})).0["Whole"], expected);
    }
}
