//! What a step that is offered says that it requires: with exactly that, nothing is missing; without a part of it, the refusal
//! names the part.

use serde_json::{Map, Value, json};

use super::attempts::{named_participants, value};
use crate::support::Client;

/// The problem of a step in a dry run; null when it would be taken.
fn problem(who: &Client, collection: &str, item: &Value) -> Value {
    let batch = format!("{collection}/status-changes/batch");
    let answer = who.post(&batch, json!({"dryRun": true, "items": [item]}));
    if answer.status == 200 { answer.json()["items"][0]["problem"].clone() } else { answer.json() }
}

/// Whether a refusal says that something is missing; `what` is the end of its pointer.
fn misses(problem: &Value, what: &str) -> bool {
    let mut faults = problem["errors"].as_array().into_iter().flatten();
    faults.any(|fault| fault["code"] == "required" && fault["pointer"].as_str().unwrap().ends_with(what))
}

/// The faults in what one offered step says, and the members of `data` that it requires.
pub fn faults(
    who: &Client,
    collection: &str,
    seen: &Value,
    data: &'static Value,
    offer: &Value,
) -> (Vec<String>, Vec<String>) {
    let required: Vec<String> = serde_json::from_value(offer["requires"].clone()).unwrap();
    let mut item = json!({"id": seen["id"], "version": seen["version"], "to": offer["to"]});
    if offer["requiresComment"] == true {
        item["comment"] = json!("Därför.");
    }
    let bare = problem(who, collection, &item);
    let mut given: Map<String, Value> = required
        .iter()
        .filter_map(|name| Some((name.clone(), value(name, seen, &data["properties"][name])?)))
        .collect();
    if required.iter().any(|name| name == "missing") {
        given.insert("missing".to_owned(), named_participants(&bare).unwrap()["missing"].clone());
    }
    assert_eq!(given.len(), required.len(), "no values for {required:?}: {given:?}");
    let with = |data: &Map<String, Value>| match data.is_empty() {
        true => item.clone(),
        false => {
            let mut item = item.clone();
            item["data"] = json!(data);
            item
        }
    };
    let whole = problem(who, collection, &with(&given));
    let mut faults = Vec::new();
    if misses(&whole, "") {
        faults.push(format!("requires only {required:?}, but: {}", whole["errors"]));
    }
    for name in &required {
        let mut others = given.clone();
        others.remove(name);
        let problem = problem(who, collection, &with(&others));
        if !misses(&problem, &format!("/data/{name}")) {
            faults.push(format!("requires {name}, but without it: {problem}"));
        }
    }
    (faults, required)
}
