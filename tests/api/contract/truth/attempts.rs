//! How a step is tried: in a dry run, with every kind of data that the document gives the step.

use std::collections::VecDeque;

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
    Wants,
}

/// A value for a field of the data of a step, by the field's name and what the caller sees.
pub fn value(name: &str, seen: &Value, schema: &'static Value) -> Option<Value> {
    Some(match name {
        "sha256" => seen["contentSha256"].clone(),
        "statementVersion" => seen["declarationVersion"].clone(),
        "decision" => decision(),
        "signedOn" => json!("2021-01-31"),
        "receivedAt" => seen["createdAt"].clone(),
        "signers" => {
            let day = seen["createdAt"].as_str().and_then(|at| at.get(..10));
            let signer = |role: &str| json!({"signerRole": role, "name": role, "signedOn": day});
            json!([signer("municipalDirector"), signer("executiveBoardChair")])
        }
        "respondBy" => json!("2022-06-30"),
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
    let mut attempts: VecDeque<Option<Value>> = all_data(seen, data).into();
    let mut told: Vec<(u64, String)> = Vec::new();
    while let Some(data) = attempts.pop_front() {
        let is_first = told.is_empty();
        let mut item = json!({"id": seen["id"], "version": seen["version"], "to": to, "comment": "Därför."});
        if let Some(data) = data {
            item["data"] = data;
        }
        let batch = format!("{collection}/status-changes/batch");
        let answer = who.post(&batch, json!({"dryRun": true, "items": [item]}));
        // A part of the data that breaks a bound refuses the whole request.
        if answer.status == 422 {
            told.push((422, answer.text));
            continue;
        }
        if answer.status != 200 {
            return Verdict::Refused(answer.text);
        }
        let outcome = answer.json()["items"][0].clone();
        let status = outcome["status"].as_u64().unwrap();
        if status == 200 {
            return Verdict::Taken;
        }
        let problem = &outcome["problem"];
        let words = format!("{status} {} {}", problem["code"], problem["errors"]);
        // A refusal that names steps names those of the object, and a single one always does.
        if let Some(told) = problem.get("allowedTransitions") {
            assert_eq!(told, &seen["allowedTransitions"], "{collection} to {to}");
        }
        // No data help against a step that there is not, or that is not the caller's.
        if ["transitionNotAllowed", "notYours", "ownWork"].iter().any(|code| problem["code"] == *code) {
            return Verdict::Refused(words);
        }
        if is_first {
            attempts.extend(named_participants(problem).map(Some));
        }
        told.push((status, words));
    }
    let refused = told.iter().find(|(status, _)| ![422, 428].contains(status));
    match refused.or(told.first()) {
        Some((status, _)) if [422, 428].contains(status) => Verdict::Wants,
        told => Verdict::Refused(told.map(|(_, words)| words.clone()).unwrap_or_default()),
    }
}

/// Data that list the participants whom a refusal names as missing.
pub fn named_participants(problem: &Value) -> Option<Value> {
    let faults = problem["errors"].as_array()?.iter();
    let ids = faults.filter_map(|fault| fault["pointer"].as_str()?.strip_prefix("/participants/"));
    let missing: Vec<Value> = ids.map(|id| json!({"participantId": id, "reason": "Sjukskriven."})).collect();
    (!missing.is_empty()).then(|| json!({"missing": missing}))
}
