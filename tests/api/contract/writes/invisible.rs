//! Every text of every request body: one that consists of characters that nobody sees is refused, and a line or a name with such
//! a character, too.

use serde_json::{Map, Value, json};

use super::{JSON, Write, Writes};
use crate::contract::world::World;
use crate::support::documented::{document, resolved, template_of};
use crate::support::{Kind, TestApp};

/// Texts whose every character is invisible.
const INVISIBLE: [&str; 3] = ["\u{200b}", " \u{2060}\u{feff}", "\u{202e}\u{3164}"];

/// A text of a body: where it is, and its schema.
pub(super) struct Place {
    pub(super) pointer: String,
    schema: &'static Value,
}

/// The schema of the body, and every text in it.
pub(super) fn places(write: &Write) -> Option<(&'static Value, Vec<Place>)> {
    let template = template_of(&write.path)?;
    let operation = &document()["paths"][template][write.method.to_lowercase()];
    let schema = resolved(&operation["requestBody"]["content"][JSON]["schema"]);
    let mut found = Vec::new();
    texts(schema, String::new(), &mut found);
    schema.is_object().then_some((schema, found))
}

fn alternatives(schema: &'static Value) -> Vec<&'static Value> {
    let one_of = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|name| schema[name].as_array()).flatten();
    std::iter::once(schema).chain(one_of.map(resolved).flat_map(alternatives)).collect()
}

fn texts(schema: &'static Value, pointer: String, found: &mut Vec<Place>) {
    for schema in alternatives(resolved(schema)) {
        let is_text = schema["type"] == "string" || schema["type"][0] == "string";
        // A format, a pattern or a closed list leaves no room for such a text.
        let is_free = ["format", "pattern", "enum", "const"].iter().all(|name| schema.get(*name).is_none());
        if is_text && is_free && !found.iter().any(|place: &Place| place.pointer == pointer) {
            found.push(Place { pointer: pointer.clone(), schema });
        }
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            texts(member, format!("{pointer}/{name}"), found);
        }
        if schema.get("items").is_some() {
            texts(&schema["items"], format!("{pointer}/0"), found);
        }
    }
}

/// A value that the schema accepts.
fn sample(schema: &'static Value) -> Value {
    let all = alternatives(resolved(schema));
    if let Some(example) = all.iter().find_map(|schema| schema.get("example")) {
        return example.clone();
    }
    let schema = all.into_iter().find(|one| one["type"] != "null" && one.get("type").is_some());
    let Some(schema) = schema else { return Value::Null };
    let kind = schema["type"].as_str().or(schema["type"][0].as_str()).unwrap_or_default();
    match kind {
        "object" => {
            let members = schema["properties"].as_object().into_iter().flatten();
            let is_needed =
                |name: &str| schema["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
            let needed = members.filter(|(name, _)| is_needed(name));
            Value::Object(needed.map(|(name, member)| (name.clone(), sample(member))).collect())
        }
        "array" => json!([sample(&schema["items"])]),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(true),
        _ => match (schema["enum"][0].as_str(), schema["format"].as_str()) {
            (Some(first), _) => json!(first),
            (None, Some("date" | "deadline" | "opening")) => json!("2021-01-20"),
            (None, Some("date-time")) => json!("2021-01-20T08:00:00Z"),
            (None, Some("month")) => json!("2021-01"),
            (None, Some("email")) => json!("nagon@example.org"),
            (None, Some("uuid")) => json!("0175a2e1-7c00-7000-8000-00000000dead"),
            _ => json!("text"),
        },
    }
}

/// Puts a text into a body; what it lies in is made if it is not there.
pub(super) fn put(body: &mut Value, schema: &'static Value, pointer: &str, text: &str) {
    let Some((name, rest)) = pointer.strip_prefix('/').map(|rest| rest.split_once('/').unwrap_or((rest, "")))
    else {
        *body = json!(text);
        return;
    };
    let rest = if rest.is_empty() { String::new() } else { format!("/{rest}") };
    let all = alternatives(resolved(schema));
    if name == "0" {
        let items = all.into_iter().find(|one| one.get("items").is_some()).unwrap();
        if body[0].is_null() {
            *body = json!([sample(&items["items"])]);
        }
        return put(&mut body[0], &items["items"], &rest, text);
    }
    let of = all.into_iter().find(|one| one["properties"].get(name).is_some()).unwrap();
    let member = &of["properties"][name];
    if !body.is_object() {
        *body = Value::Object(Map::new());
    }
    if body[name].is_null() {
        body[name] = sample(member);
    }
    put(&mut body[name], member, &rest, text);
}

/// The faults of one text: what it accepts.
fn accepted(write: &Write, schema: &'static Value, place: &Place) -> Vec<String> {
    let is_line = place.schema["maxLength"].as_u64().is_some_and(|most| most <= 200);
    let hidden = ["Namn\u{202e}", "Ett\u{7}namn", "Ett\u{200b}namn"];
    let tried = INVISIBLE.into_iter().chain(hidden.into_iter().filter(|_| is_line));
    let accepts = |text: &&str| {
        let mut body = serde_json::from_str(&write.body.as_ref().unwrap().1).unwrap();
        put(&mut body, schema, &place.pointer, text);
        let answer = write.who.unchecked().send(&write.method, &write.path, Some((JSON, body.to_string())));
        let named = |pointer: &str| answer.text.contains(&format!("\"pointer\":\"{pointer}\""));
        // Batches of steps answer 200, with the fault in the item.
        let in_item = place.pointer.replacen("/items/0", "", 1);
        !(named(&place.pointer) || (answer.status == 200 && named(&in_item)))
    };
    let fault = |text: &str| format!("{}: {} = {}", write.name, place.pointer, text.escape_unicode());
    tried.filter(accepts).map(fault).collect()
}

#[test]
fn every_text_has_something_to_see() {
    let t = TestApp::new(Kind::Postgres);
    let world = World::new(&t);
    let writes = Writes::of(&t, &world);
    let (mut faults, mut known) = (Vec::new(), Vec::new());
    for write in &writes.all {
        let Some((schema, places)) = places(write) else { continue };
        super::prepare(&t, [write]);
        for place in &places {
            let name = (template_of(&write.path), write.method.clone(), place.pointer.clone());
            if !known.contains(&name) {
                known.push(name);
                faults.extend(accepted(write, schema, place));
            }
        }
    }
    assert!(known.len() > 100, "only {} texts were found", known.len());
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
