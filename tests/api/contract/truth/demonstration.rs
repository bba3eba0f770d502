//! The demonstration's own data: each login follows every step that a list offers it, and the links of each kind of thing.

use std::collections::{BTreeMap, BTreeSet};

use samverkan::demonstration::Entrance;
use samverkan::platform::clock::Clock;
use serde_json::{Value, json};

use super::attempts::{Verdict, verdict};
use super::{changes, tasks};
use crate::contract::operations::{Operation, lists, operations};
use crate::support::documented::{document, resolved};
use crate::support::{Client, Kind, TestApp};

/// How many things of each kind are followed: with the same state, steps and month for the same roles.
const OF_EACH_KIND: usize = 2;

/// How many of those who hold the same roles: the teams have come differently far with the last month.
const OF_EACH_ROLE: usize = 6;

/// The demonstration, filled, and its logins.
pub fn demonstration(kind: Kind, settings: &[(&str, &str)]) -> (TestApp, Vec<Client>) {
    // As `samverkan demo`: the clock runs, because mail is told apart by its time.
    let offset = samverkan::demonstration::first_offset(Clock::system().wall());
    let t = TestApp::demonstration_by(kind, settings, Clock::with_offset(offset));
    // No door is shut here, so nothing opens it.
    let entrance = Entrance { base: t.base.clone(), secret: String::new() };
    let made =
        samverkan::demonstration::fill(&t.services, &t.runner, (entrance, &t.base), Box::new(|_, _| ()));
    let credentials = made.unwrap();
    let mut taken: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    let mut clients = Vec::new();
    for user in credentials.users {
        let count = taken.entry(user.roles).or_default();
        *count += 1;
        if *count <= OF_EACH_ROLE {
            clients.push(t.login_as(&user.username));
        }
    }
    (t, clients)
}

/// The rows of every list that the caller may read, by the path of the list.
pub fn rows(who: &Client) -> Vec<(String, Vec<Value>)> {
    let programmes = who.get("/programmes?limit=100").is(200)["items"].as_array().unwrap().clone();
    let mut found = Vec::new();
    for template in lists() {
        let paths: Vec<String> = match template.contains('{') {
            false => vec![template.clone()],
            true => programmes
                .iter()
                .map(|row| template.replace("{programmeId}", row["id"].as_str().unwrap()))
                .filter(|path| !path.contains('{'))
                .collect(),
        };
        for path in paths {
            // Other tests compare lists with the document.
            let answer = who.unchecked().get(&format!("{path}?limit=200"));
            if answer.status == 200 {
                found.push((path, answer.json()["items"].as_array().unwrap().clone()));
            }
        }
    }
    found
}

/// The schema of the data that the steps of a collection take.
pub fn data(all: &[Operation], collection: &str) -> &'static Value {
    let fits = |operation: &&Operation| {
        let steps = operation.path.strip_suffix("/status-changes/batch");
        steps.is_some_and(|steps| matches(steps, collection))
    };
    let Some(batch) = all.iter().find(fits) else { return &Value::Null };
    let body = &document()["paths"][&batch.path]["post"]["requestBody"];
    let request = resolved(&body["content"]["application/json"]["schema"]);
    let item = resolved(&request["properties"]["items"]["items"]);
    item["properties"]["data"]["oneOf"].as_array().and_then(|all| all.last()).map_or(&Value::Null, resolved)
}

/// Whether a path fits a template.
fn matches(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(part, value)| part.starts_with('{') || part == value)
}

pub fn offered(row: &Value) -> Vec<String> {
    let steps = row["allowedTransitions"].as_array().into_iter().flatten();
    steps.map(|step| step["to"].as_str().unwrap().to_owned()).collect()
}

/// The link of a row to itself.
pub fn own_link(row: &Value) -> Option<&str> {
    let links = row["_links"].as_array()?;
    links.iter().find(|link| link["rel"] == "self").and_then(|link| link["href"].as_str())
}

/// Follows what one login is offered; returns the faults and the number of steps that were followed.
fn follow(who: &Client, all: &[Operation]) -> (BTreeSet<String>, usize) {
    let (mut faults, mut followed) = (BTreeSet::new(), 0);
    let mut tried = BTreeSet::new();
    for (collection, rows) in rows(who) {
        let data = data(all, &collection);
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for row in &rows {
            let kind = json!([row["status"], offered(row), row["month"], row["kind"]]).to_string();
            let count = kinds.entry(kind).or_default();
            *count += 1;
            if OF_EACH_KIND < *count {
                continue;
            }
            // A list leaves out what costs to load: the hash of what would be signed.
            let shown = own_link(row).map_or_else(|| row.clone(), |path| who.get(path).is(200));
            if offered(&shown) != offered(row) {
                faults.insert(format!(
                    "{collection}: the list offers {:?}, the row {:?}",
                    offered(row),
                    offered(&shown)
                ));
            }
            for to in offered(&shown) {
                followed += 1;
                if let Verdict::Refused(told) = verdict(who, &collection, &shown, data, &to) {
                    faults.insert(format!(
                        "{collection} {} in {} to {to}: {told}",
                        shown["id"], shown["status"]
                    ));
                }
            }
            if let Some(path) = own_link(&shown) {
                let path = path.split_once("/api/v1").map_or(path, |(_, path)| path);
                let place = format!("{collection} {} in {}", shown["id"], shown["status"]);
                let template =
                    all.iter().find(|operation| operation.method == "GET" && matches(&operation.path, path));
                if let Some(template) = template {
                    faults.extend(changes::faults(&shown, &template.path, path, who, &place));
                }
            }
            for link in
                shown["_links"].as_array().into_iter().flatten().filter(|link| link["method"] == "GET")
            {
                let href = link["href"].as_str().unwrap();
                if tried.insert(href.to_owned()) && who.get(href).status != 200 {
                    faults.insert(format!("{collection}: {} is {}", link["rel"], who.get(href).text));
                }
            }
        }
    }
    (faults, followed)
}

fn every_login_follows_what_it_is_offered(kind: Kind) {
    let (_t, clients) = demonstration(kind, &[]);
    let all = operations();
    let (mut faults, mut followed) = (BTreeSet::new(), 0);
    let mut kinds = BTreeSet::new();
    for who in &clients {
        let (wrong, seen) = tasks::faults(who, &all);
        faults.extend(wrong);
        kinds.extend(seen);
        let (wrong, count) = follow(who, &all);
        faults.extend(wrong);
        followed += count;
    }
    let faults: Vec<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(8 < kinds.len(), "only tasks of these kinds: {kinds:?}");
    assert!(100 < followed, "only {followed} steps were offered");
}

#[test]
fn every_login_follows_what_it_is_offered_on_sqlite() {
    every_login_follows_what_it_is_offered(Kind::Sqlite);
}

#[test]
fn every_login_follows_what_it_is_offered_on_postgresql() {
    every_login_follows_what_it_is_offered(Kind::Postgres);
}
