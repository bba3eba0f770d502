//! The steps that people can take: an enum of states also has those that only the clock or another resource leads to, so
//! that `to` of a status change says which ones may be asked for.

use serde_json::{Value, json};

use super::Object;
use super::components::both;
use super::schemas::FOLDER;
use crate::platform::workflow::{By, WorkflowTable};

/// Describes `to` of every status change and of every allowed transition, from the workflow that has its states.
pub fn explain(schemas: &mut Object, workflows: &[WorkflowTable]) {
    let tables: Vec<(String, &WorkflowTable)> = schemas
        .iter()
        .filter_map(|(name, schema)| {
            let states: Vec<&str> =
                schema.get("enum")?.as_array()?.iter().filter_map(Value::as_str).collect();
            let has_them = |table: &&WorkflowTable| {
                table.states.iter().map(|(code, _)| *code).eq(states.iter().copied())
            };
            Some((name.clone(), workflows.iter().find(has_them)?))
        })
        .collect();
    for to in schemas.values_mut().filter_map(|schema| schema.pointer_mut("/properties/to")) {
        let table = of_status(to, &tables).map(|(_, table)| reachable(table));
        if let (Some(text), Some(to)) = (table, to.as_object_mut()) {
            to.insert("description".to_owned(), json!(text));
        }
    }
    narrow(schemas, &tables);
}

fn reachable(table: &WorkflowTable) -> String {
    let codes = targets(table).map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
    both(&format!("Dit en person kan föra den: {codes}."), &format!("Where a person can lead it: {codes}."))
}

/// The states that a person can lead to, in the order of the states.
fn targets(table: &WorkflowTable) -> impl Iterator<Item = &'static str> {
    let leads = |code: &&str| table.rows.iter().any(|row| row.to == *code && matches!(row.by, By::Roles(_)));
    table.states.iter().map(|(code, _)| *code).filter(leads)
}

/// Lets `allowedTransitions` of every resource name the steps of its own workflow, as `ApplicationTransition`, and the type
/// that all workflows share name the steps of all.
fn narrow(schemas: &mut Object, tables: &[(String, &WorkflowTable)]) {
    let Some(common) = schemas.get(COMMON).cloned() else { return };
    let mut every: Vec<&str> = tables.iter().flat_map(|(_, table)| targets(table)).collect();
    every.sort_unstable();
    every.dedup();
    let mut made = Object::new();
    for schema in schemas.values_mut() {
        // The overview of a month has the state of the month, and of no other thing of its own.
        let own =
            ["/properties/status", "/properties/monthStatus"].into_iter().find_map(|at| schema.pointer(at));
        let Some(table) = own.and_then(|status| of_status(status, tables)) else { continue };
        if let Some(items) = schema.pointer_mut("/properties/allowedTransitions/items") {
            let name = format!("{}Transition", table.0.trim_end_matches("State"));
            *items = json!({ "$ref": format!("{FOLDER}{name}") });
            made.insert(name, with_targets(&common, &targets(table.1).collect::<Vec<_>>(), &needs(table.1)));
        }
    }
    schemas.extend(made);
    let mut needed: Vec<&str> = tables.iter().flat_map(|(_, table)| needs(table)).collect();
    needed.sort_unstable();
    needed.dedup();
    schemas.insert(COMMON.to_owned(), with_targets(&common, &every, &needed));
}

const COMMON: &str = "AllowedTransition";

/// The workflow whose states a `status` has, also one that may be null.
fn of_status<'t>(
    status: &Value,
    tables: &'t [(String, &'t WorkflowTable)],
) -> Option<&'t (String, &'t WorkflowTable)> {
    let parts = status.get("oneOf").and_then(Value::as_array);
    let mut all = parts.into_iter().flatten().chain([status]);
    let reference = all.find_map(|part| part.get("$ref")?.as_str()?.strip_prefix(FOLDER))?;
    tables.iter().find(|(name, _)| name == reference)
}

/// The members of `data` that its steps can require, in the order of the table.
fn needs(table: &WorkflowTable) -> Vec<&'static str> {
    let mut members = Vec::new();
    for need in table.rows.iter().flat_map(|row| row.requires) {
        if !members.contains(&need.member) {
            members.push(need.member);
        }
    }
    members
}

fn with_targets(common: &Value, targets: &[&str], needs: &[&str]) -> Value {
    let mut schema = common.clone();
    if let Some(items) = schema.pointer_mut("/properties/requires/items").and_then(Value::as_object_mut)
        && !needs.is_empty()
    {
        items.insert("enum".to_owned(), json!(needs));
    }
    if let Some(to) = schema.pointer_mut("/properties/to").and_then(Value::as_object_mut)
        && !targets.is_empty()
    {
        to.insert("enum".to_owned(), json!(targets));
    }
    schema
}
