//! Every JSON body has an example. A type gives its own (`#[schema(example = …)]`, made from real values); where a handler
//! gives none, the type's is lifted to the body, and a list's is made from its item's.

use serde_json::{Value, json};

use super::{EXAMPLE_URL, Object, Place};
use crate::platform::context::BASE_PATH;

/// Gives every JSON media type of `content` an example, if its schema has one.
pub fn lift(content: &mut Object, place: &Place<'_>) {
    for (_, body) in content.iter_mut().filter(|(media, _)| media.contains("json")) {
        let Some(body) = body.as_object_mut() else { continue };
        if body.contains_key("example") || body.contains_key("examples") {
            continue;
        }
        if let Some(example) = body.get("schema").and_then(|schema| of_schema(schema, place)) {
            body.insert("example".to_owned(), example);
        }
    }
}

fn of_schema(schema: &Value, place: &Place<'_>) -> Option<Value> {
    let schema = resolved(schema, place.schemas)?;
    let own = schema.get("example").or_else(|| schema.pointer("/examples/0")).cloned();
    own.or_else(|| listing(schema, place)).or_else(|| array(schema, place))
}

fn resolved<'v>(schema: &'v Value, schemas: &'v Object) -> Option<&'v Value> {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => schemas.get(reference.rsplit('/').next()?),
        None => Some(schema),
    }
}

fn array(schema: &Value, place: &Place<'_>) -> Option<Value> {
    Some(json!([of_schema(schema.get("items")?, place)?]))
}

/// A page, or a list without pages, with one item.
fn listing(schema: &Value, place: &Place<'_>) -> Option<Value> {
    let properties = schema.get("properties")?;
    let known = resolved(properties.get("_meta")?, place.schemas).and_then(|meta| meta.get("properties"));
    let meta = [("totalRecords", 1), ("page", 1), ("limit", 20), ("count", 1)];
    let meta = meta.into_iter().filter(|(name, _)| known.is_none_or(|known| known.get(name).is_some()));
    let meta: Object = meta.map(|(name, value)| (name.to_owned(), json!(value))).collect();
    let items = of_schema(properties.get("items")?, place)?;
    let href = format!("{EXAMPLE_URL}{BASE_PATH}{}", concrete(place.path));
    Some(json!({
        "items": items,
        "_meta": meta,
        "_links": [{ "href": href, "rel": "self", "method": "GET" }],
    }))
}

/// The path with values in place of its parameters.
fn concrete(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        out.push_str(value_of(name));
        rest = tail;
    }
    out + rest
}

/// A value that a path parameter of this name can have.
pub fn value_of(name: &str) -> &'static str {
    match name {
        "kommunkod" => "2582",
        "month" => "2027-03",
        "code" | "name" => "notFound",
        _ => "0175a2e1-7c00-7000-8000-000000000001",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lists_example_is_made_from_its_items() {
        let schemas = json!({
            "Thing": {"type": "object", "example": {"name": "x"}},
            "ThingListing": {"type": "object", "properties": {
                "items": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}, "_meta": {}, "_links": {},
            }},
        });
        let place =
            Place { method: "get", path: "/things/{thingId}/parts", schemas: schemas.as_object().unwrap() };
        let schema = json!({"$ref": "#/components/schemas/ThingListing"});
        let example = of_schema(&schema, &place).unwrap();
        assert_eq!(example["items"], json!([{"name": "x"}]));
        assert!(!example["_links"][0]["href"].as_str().unwrap().contains('{'));
    }
}
