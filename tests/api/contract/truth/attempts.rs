//! How a step is tried: in a dry run, with every kind of data that the document gives the step.

use serde_json::{Map, Value, json};

use crate::goals::decision;
use crate::support::Client;
use crate::support::documented::resolved;

/// How the steps of a dry run end.
pub enum Verdict {
    /// It would be taken.
    Taken,
    /// It is refused, whatever is sent along: 403, 404 or 409.
    Refused(String),
    /// What is sent along is not enough, or against a rule: 422 or 428.
    Wants(String),
}

/// A value for a field of the data of a step, by the field's name and what the caller sees.
fn value(name: &str, seen: &Value, schema: &'static Value) -> Option<Value> {
    Some(match name {
        "sha256" => seen["contentSha256"].clone(),
        "statementVersion" => seen["declarationVersion"].clone(),
        "decision" => decision(),
        "signedOn" => json!("2021-01-31"),
        _ => {
            let schema = resolved(schema);
            let examples = [&schema["example"], &schema["examples"][0]];
            let example = examples.into_iter().find(|example| !example.is_null()).cloned();
            example.or_else(|| (schema["type"] == "string").then(|| json!("Därför.")))?
        }
    })
    .filter(|value| !value.is_null())
}

/// What may be sent along: nothing, each field alone, and all of them.
fn all_data(seen: &Value, schema: &'static Value) -> Vec<Option<Value>> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let fields: Map<String, Value> =
        properties.filter_map(|(name, field)| Some((name.clone(), value(name, seen, field)?))).collect();
    let mut all = vec![None];
    all.extend(fields.iter().map(|(name, value)| Some(json!({name: value}))));
    all.push(Some(Value::Object(fields)));
    all.extend(resolved(schema).get("example").cloned().map(Some));
    all
}

/// How the caller's step ends. What is said without data counts, unless some data help.
pub fn verdict(who: &Client, collection: &str, seen: &Value, data: &'static Value, to: &str) -> Verdict {
    let mut told = Vec::new();
    for data in all_data(seen, data) {
        let mut item = json!({"id": seen["id"], "version": seen["version"], "to": to, "comment": "Därför."});
        if let Some(data) = data {
            item["data"] = data;
        }
        let batch = format!("{collection}/status-changes/batch");
        let answer = who.post(&batch, json!({"dryRun": true, "items": [item]}));
        if answer.status != 200 {
            return Verdict::Refused(answer.text);
        }
        let outcome = answer.json()["items"][0].clone();
        let status = outcome["status"].as_u64().unwrap();
        if status == 200 {
            return Verdict::Taken;
        }
        let words = format!("{status} {} {}", outcome["problem"]["code"], outcome["problem"]["errors"]);
        // Nobody's data help against a step that there is not.
        if ["transitionNotAllowed", "notYours", "ownWork"].iter().any(|code| outcome["problem"]["code"] == *code) {
            return Verdict::Refused(words);
        }
        told.push((status, words));
    }
    let refused = told.iter().find(|(status, _)| ![422, 428].contains(status));
    match (refused, told.first()) {
        (Some((_, words)), _) => Verdict::Refused(words.clone()),
        (None, first) => Verdict::Wants(first.map(|(_, words)| words.clone()).unwrap_or_default()),
    }
}
