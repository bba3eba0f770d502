//! Names: paths below the base path, schemas without underscores, operation ids in camelCase and each only once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::schemas::FOLDER;
use super::{EXAMPLE_URL, METHODS, Object, take};
use crate::platform::context::BASE_PATH;

/// Puts the names of a collected document right.
pub fn tidy(document: &mut Value) {
    if let Some(root) = document.as_object_mut() {
        let paths = take(root, "paths");
        root.insert("paths".to_owned(), below_base(paths).into());
        if let Some(schemas) = root.get_mut("components").and_then(|components| components.get_mut("schemas"))
        {
            let taken = std::mem::take(schemas);
            *schemas = renamed(taken);
        }
    }
    walk(document, &mut |value| {
        if let Some(Value::String(reference)) = value.get_mut("$ref")
            && let Some(name) = reference.strip_prefix(FOLDER)
        {
            *reference = format!("{FOLDER}{}", schema_name(name));
        }
    });
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        name_operations(paths);
    }
}

/// Calls `visit` for a value and everything in it.
pub fn walk(value: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    visit(value);
    match value {
        Value::Object(members) => members.values_mut().for_each(|member| walk(member, visit)),
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

/// The servers' address ends with the base path. What lies outside it names its server itself.
fn below_base(paths: Object) -> Object {
    let moved = paths.into_iter().map(|(path, mut item)| match path.strip_prefix(BASE_PATH) {
        Some(below) if below.starts_with('/') => (below.to_owned(), item),
        _ => {
            if let Some(item) = item.as_object_mut() {
                item.insert("servers".to_owned(), json!([{ "url": EXAMPLE_URL }]));
            }
            (path, item)
        }
    });
    moved.collect()
}

/// `Listing_Kommun` (a generic type with its argument) becomes `KommunListing`.
fn schema_name(name: &str) -> String {
    match name.split_once('_') {
        Some((generic, arguments)) => format!("{}{generic}", arguments.replace('_', "")),
        None => name.to_owned(),
    }
}

fn renamed(schemas: Value) -> Value {
    let Value::Object(schemas) = schemas else { return schemas };
    Value::Object(schemas.into_iter().map(|(name, schema)| (schema_name(&name), schema)).collect())
}

/// A handler's function name is its id. Where two have the same (`list`, `create`), the path tells them apart.
fn name_operations(paths: &mut Object) {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for (path, item) in paths.iter() {
        for id in METHODS
            .iter()
            .filter_map(|method| item.get(method))
            .map(|operation| operation_id(operation, path))
        {
            *times.entry(id).or_default() += 1;
        }
    }
    for (path, item) in paths.iter_mut() {
        for method in METHODS {
            let Some(operation) = item.get_mut(method) else { continue };
            let mut id = operation_id(operation, path);
            if times.get(&id).is_some_and(|times| *times > 1) {
                let fixed = path.split('/').filter(|segment| !segment.contains('{'));
                id.extend(fixed.map(pascal));
            }
            if let Some(operation) = operation.as_object_mut() {
                operation.insert("operationId".to_owned(), json!(id));
            }
        }
    }
}

fn operation_id(operation: &Value, path: &str) -> String {
    let given = operation.get("operationId").and_then(Value::as_str).unwrap_or(path);
    let name = pascal(given);
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// `time-entries`, `time_entries` → `TimeEntries`.
fn pascal(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric());
    words
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generic_schemas_are_named_after_their_argument() {
        let thing = json!({"type": "object", "properties": {"name": {"type": "string"}}});
        let mut document = json!({
            "components": {"schemas": {
                "Listing_Thing": {"properties": {"items": {"type": "array", "items": thing}}},
                "Thing": thing,
            }},
            "paths": {"/api/v1/things": {"get": {"responses": {"200": {"$ref": "#/components/schemas/Listing_Thing"}}}}},
        });
        tidy(&mut document);
        assert!(document.pointer("/components/schemas/ThingListing").is_some());
        let response = document.pointer("/paths/~1things/get/responses/200").unwrap();
        assert_eq!(response, &json!({"$ref": "#/components/schemas/ThingListing"}));
    }

    #[test]
    fn operations_are_told_apart_by_their_paths() {
        let mut paths = json!({
            "/things": {"get": {"operationId": "list"}, "post": {"operationId": "make_thing"}},
            "/things/{thingId}/parts": {"get": {"operationId": "list"}},
        });
        name_operations(paths.as_object_mut().unwrap());
        let id = |pointer: &str| paths.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        assert_eq!(id("/~1things/get/operationId"), "listThings");
        assert_eq!(id("/~1things/post/operationId"), "makeThing");
        assert_eq!(id("/~1things~1{thingId}~1parts/get/operationId"), "listThingsParts");
    }

    #[test]
    fn what_lies_outside_the_base_path_names_its_server() {
        let paths = json!({"/.well-known/jwks.json": {"get": {}}, "/api/v1/me": {}});
        let moved = Value::Object(below_base(paths.as_object().unwrap().clone()));
        assert_eq!(moved["/.well-known/jwks.json"]["servers"][0]["url"], EXAMPLE_URL);
        assert_eq!(moved["/me"], json!({}));
    }
}
