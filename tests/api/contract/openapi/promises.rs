//! What the document promises of answers: what is always sent is required, what is one of a few is an enum.

use std::collections::{BTreeMap, BTreeSet};

use samverkan::platform::http::openapi::MAY_BE_ABSENT;
use samverkan::platform::problem::Code;
use samverkan::platform::workflow::By;
use serde_json::Value;

use super::quality::{list, objects};
use crate::contract::generated::sources;
use crate::support::documented::{document, resolved};

fn schemas() -> &'static Value {
    &document()["components"]["schemas"]
}

/// The schemas that answers refer to.
fn of_answers() -> BTreeMap<String, &'static Value> {
    let mut found = BTreeMap::new();
    for (_, item) in objects(document().get("paths")) {
        for (_, operation) in objects(Some(item)) {
            collect(&operation["responses"], &mut found);
        }
    }
    found
}

fn collect(value: &'static Value, found: &mut BTreeMap<String, &'static Value>) {
    if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        let target = resolved(value);
        let name = reference.rsplit('/').next().unwrap();
        if !reference.contains("/schemas/") || found.insert(name.to_owned(), target).is_none() {
            collect(target, found);
        }
    }
    match value {
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

fn may_be_null(schema: &Value) -> bool {
    let parts = list(schema.get("oneOf")).chain([schema]);
    parts.into_iter().any(|part| part["type"] == "null" || list(part.get("type")).any(|kind| kind == "null"))
}

/// A client's author checks for null or for absence, never for both. Real answers of all tests are compared with these
/// schemas: one that lacks a required field, or has null where the schema knows none, fails its test.
#[test]
fn what_may_be_null_in_an_answer_is_always_sent() {
    let mut faults = Vec::new();
    let answers = of_answers();
    for (name, schema) in &answers {
        for (field, property) in objects(schema.get("properties")) {
            let is_marked = property.get(MAY_BE_ABSENT).is_some();
            if may_be_null(property)
                && !is_marked
                && !list(schema.get("required")).any(|required| required == field)
            {
                faults.push(format!("{name}.{field} may be null and may be absent"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(answers.len() > 150, "the walk found {} schemas", answers.len());
}

/// The other way round: what the document lets an answer leave out is left out at times, because serde is told to.
#[test]
fn what_may_be_absent_from_an_answer_is_told_to_serde() {
    let mut faults = Vec::new();
    let mut skipped = 0;
    for (file, text) in sources("src") {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (number, pair) in lines.windows(2).enumerate() {
            let is_skipped = pair[0].contains("skip_serializing_if");
            let is_told = ["#[schema(nullable = false)]", "#[schema(required = false)]"].contains(&pair[1]);
            skipped += usize::from(is_skipped);
            // The form of the token endpoint is read, never sent.
            if is_told && !is_skipped && !file.ends_with("oauth/grants.rs") {
                faults.push(format!("{file}:{}: serde sends this always", number + 2));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(skipped > 20, "{skipped}");
}

#[test]
fn the_offered_steps_are_those_that_people_take() {
    let workflows = samverkan::app::workflows();
    let mut checked = 0;
    for (name, schema) in of_answers() {
        let Some(items) = schema.pointer("/properties/allowedTransitions/items") else { continue };
        let offered: BTreeSet<&str> =
            list(resolved(items).pointer("/properties/to/enum")).filter_map(Value::as_str).collect();
        // The overview of a month has the steps of the month.
        let own = schema.pointer("/properties/status").or_else(|| schema.pointer("/properties/monthStatus"));
        let status = own.unwrap_or(&Value::Null);
        let status = list(status.get("oneOf")).find(|part| part.get("$ref").is_some()).unwrap_or(status);
        let states: Vec<&str> = list(resolved(status).get("enum")).filter_map(Value::as_str).collect();
        let workflow = workflows
            .iter()
            .find(|table| table.states.iter().map(|(code, _)| *code).eq(states.iter().copied()))
            .unwrap_or_else(|| panic!("{name} has the states of no workflow"));
        let by_people = workflow.rows.iter().filter(|row| matches!(row.by, By::Roles(_)));
        assert_eq!(offered, by_people.map(|row| row.to).collect(), "{name}");
        checked += 1;
    }
    assert!(checked >= workflows.len(), "{checked}");
}

/// The codes of the schema under each status are those that the operation lists for it.
#[test]
fn the_problems_of_an_operation_are_told_apart_by_their_codes() {
    let code_of = |problem: &'static Value| -> Vec<&str> {
        let own = problem.pointer("/allOf/1/properties/code/enum");
        list(own).filter_map(Value::as_str).collect()
    };
    for (path, item) in objects(document().get("paths")) {
        for (method, operation) in objects(Some(item)) {
            let listed = list(operation.get("x-problem-codes")).filter_map(Value::as_str);
            let mut by_status: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
            for code in listed {
                let status = Code::named(code).unwrap().status().to_string();
                by_status.entry(status).or_default().insert(code);
            }
            for (status, codes) in by_status {
                let response = resolved(&operation["responses"][&status]);
                let schema = resolved(&response["content"]["application/problem+json"]["schema"]);
                let one = list(schema.get("oneOf")).map(resolved).chain([schema]);
                let told: BTreeSet<&str> = one.flat_map(code_of).collect();
                if path.starts_with("/oauth/") {
                    let all = list(schema.pointer("/properties/code/enum"));
                    let all: BTreeSet<&str> = all.filter_map(Value::as_str).collect();
                    assert!(codes.is_subset(&all), "{method} {path} {status}");
                } else {
                    assert_eq!(told, codes, "{method} {path} {status}");
                }
            }
        }
    }
}

#[test]
fn each_grant_has_its_own_fields() {
    let form = "/paths/~1oauth~1token/post/requestBody/content/application~1x-www-form-urlencoded/schema";
    let grants = resolved(document().pointer(form).unwrap());
    let named: BTreeMap<&str, Vec<&str>> = list(grants.get("oneOf"))
        .map(resolved)
        .map(|grant| {
            let kind = grant["properties"]["grant_type"]["enum"][0].as_str().unwrap();
            (kind, list(grant.get("required")).filter_map(Value::as_str).collect())
        })
        .collect();
    assert_eq!(named["password"], ["grant_type", "username", "password"]);
    assert_eq!(named["refresh_token"], ["grant_type", "refresh_token"]);
    assert!(named.contains_key("client_credentials"));
    let errors = list(schemas().pointer("/TokenProblem/properties/error/enum")).count();
    assert!(errors >= 7, "{errors}");
}
