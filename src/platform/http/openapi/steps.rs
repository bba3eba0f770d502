//! The steps that people can take: an enum of states also has those that only the clock or another resource leads to, so
//! that `to` of a status change says which ones may be asked for.

use serde_json::{Value, json};

use super::Object;
use super::components::both;
use super::schemas::FOLDER;
use crate::platform::workflow::{By, WorkflowTable};

/// Describes `to` of every status change, from the workflow that has its states.
pub fn explain(schemas: &mut Object, workflows: &[WorkflowTable]) {
    let texts: Vec<(String, String)> = schemas
        .iter()
        .filter_map(|(name, schema)| {
            let states: Vec<&str> =
                schema.get("enum")?.as_array()?.iter().filter_map(Value::as_str).collect();
            let has_them = |table: &&WorkflowTable| {
                table.states.iter().map(|(code, _)| *code).eq(states.iter().copied())
            };
            Some((format!("{FOLDER}{name}"), reachable(workflows.iter().find(has_them)?)))
        })
        .collect();
    for to in schemas.values_mut().filter_map(|schema| schema.pointer_mut("/properties/to")) {
        let text = texts.iter().find(|(reference, _)| to.get("$ref").is_some_and(|at| at == reference));
        if let (Some((_, text)), Some(to)) = (text, to.as_object_mut()) {
            to.insert("description".to_owned(), json!(text));
        }
    }
}

fn reachable(table: &WorkflowTable) -> String {
    let by_people = table.rows.iter().filter(|row| matches!(row.by, By::Roles(_)));
    let targets: Vec<&str> = by_people.map(|row| row.to).collect();
    let codes = table.states.iter().map(|(code, _)| *code).filter(|code| targets.contains(code));
    let codes = codes.map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
    both(&format!("Dit en person kan föra den: {codes}."), &format!("Where a person can lead it: {codes}."))
}
