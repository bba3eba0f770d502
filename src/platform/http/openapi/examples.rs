//! Every JSON body has an example. A type gives its own (`#[schema(example = …)]`, made from real values); where a handler
//! gives none, the type's is lifted to the body, and a list's is made from its item's.

use serde_json::{Value, json};

use super::{Object, Place};
use crate::platform::context::{BASE_PATH, EXAMPLE_URL};

/// Gives every JSON media type of `content` an example, if its schema has one.
pub fn lift(content: &mut Object, place: &Place<'_>) {
    for (_, body) in content.iter_mut().filter(|(media, _)| media.contains("json")) {
        let Some(body) = body.as_object_mut() else { continue };
        if body.contains_key("example") {
            continue;
        }
        if let Some(example) = body.get("schema").and_then(|schema| of_schema(schema, place)) {
            body.insert("example".to_owned(), example);
        }
    }
}

fn of_schema(schema: &Value, place: &Place<'_>) -> Option<Value> {
    let schema = place.resolved(schema)?;
    schema.get("example").cloned().or_else(|| listing(schema, place))
}

/// A page, or a list without pages, with one item.
fn listing(schema: &Value, place: &Place<'_>) -> Option<Value> {
    let properties = schema.get("properties")?;
    let known = place.resolved(properties.get("_meta")?).and_then(|meta| meta.get("properties"));
    let meta = [("totalRecords", 1), ("page", 1), ("limit", 20), ("count", 1)];
    let meta = meta.into_iter().filter(|(name, _)| known.is_none_or(|known| known.get(name).is_some()));
    let meta: Object = meta.map(|(name, value)| (name.to_owned(), json!(value))).collect();
    let item = of_schema(properties.get("items")?.get("items")?, place)?;
    let href = format!("{EXAMPLE_URL}{BASE_PATH}{}", concrete(place.path));
    Some(json!({
        "items": [item],
        "_meta": meta,
        "_links": [{ "href": href, "rel": "self", "method": "GET" }],
    }))
}

/// The path with values in place of its parameters.
fn concrete(path: &str) -> String {
    let part = |part| match part {
        "{month}" => "2027-03",
        _ if part.starts_with('{') => "0175a2e1-7c00-7000-8000-000000000001",
        _ => part,
    };
    path.split('/').map(part).collect::<Vec<&str>>().join("/")
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
