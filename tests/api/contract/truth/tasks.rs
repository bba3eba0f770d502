//! Each task leads to what its holder can do now: the object, or as many objects of the list as it counts, offers the link that it
//! names, and the step that it names can be taken.

use std::collections::BTreeSet;

use serde_json::Value;

use super::attempts::{Verdict, verdict};
use super::demonstration::{data, offered, own_link};
use crate::contract::operations::Operation;
use crate::support::Client;

/// How many objects of a list are looked at.
const LOOKED_AT: usize = 20;

/// The faults of one login's tasks, and the kinds of tasks that were followed.
pub fn faults(who: &Client, all: &[Operation]) -> (Vec<String>, BTreeSet<String>) {
    let (mut faults, mut kinds, mut ids) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let tasks = who.get("/me/tasks").is(200)["items"].as_array().unwrap().clone();
    for task in &tasks {
        let place = format!("{} {}", task["code"], task["href"]);
        if !ids.insert(task["id"].to_string()) {
            faults.push(format!("{place}: another task has its id"));
        }
        let answer = who.get(task["href"].as_str().unwrap());
        if answer.status != 200 {
            faults.push(format!("{place}: {}", answer.text));
            continue;
        }
        if task["rel"].is_null() {
            continue;
        }
        kinds.insert(task["code"].as_str().unwrap().to_owned());
        let shown = answer.json();
        let things: Vec<Value> = match shown["items"].as_array() {
            Some(rows) => {
                rows.iter().take(LOOKED_AT).map(|row| who.get(own_link(row).unwrap()).is(200)).collect()
            }
            None => vec![shown],
        };
        let able = things.iter().filter(|thing| can(who, all, task, thing)).count();
        let counted = usize::try_from(task["count"].as_u64().unwrap()).unwrap();
        let is_whole = things.len() < LOOKED_AT;
        if able == 0
            || (task["href"].as_str().unwrap().contains('?')
                && is_whole
                && able < counted
                && 1 < things.len())
        {
            let states: Vec<&Value> = things.iter().map(|thing| &thing["status"]).collect();
            faults.push(format!(
                "{place}: {} {}, {able} of {counted} can: {states:?}",
                task["rel"], task["to"]
            ));
        }
    }
    (faults, kinds)
}

fn can(who: &Client, all: &[Operation], task: &Value, thing: &Value) -> bool {
    let rel = &task["rel"];
    let links = thing["_links"].as_array().unwrap();
    if links.iter().all(|link| link["rel"] != *rel) {
        return false;
    }
    let Some(to) = task["to"].as_str() else { return true };
    let path = own_link(thing).unwrap();
    let path = path.split_once("/api/v1").map_or(path, |(_, path)| path);
    let (collection, _) = path.rsplit_once('/').unwrap();
    offered(thing).iter().any(|step| step == to)
        && matches!(verdict(who, collection, thing, data(all, collection), to), Verdict::Taken)
}
