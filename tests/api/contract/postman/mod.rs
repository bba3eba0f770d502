//! The Postman collection and its environment, made from the OpenAPI document: every operation in the folder of its tag,
//! and the README's walk, which `scripts/clients` runs with newman.

mod request;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::generated::generated;
use crate::contract::openapi::quality::{list, objects};
use crate::support::documented::{document, resolved};

const LOGIN: &str = include_str!("login.js");
const KEEP: &str = include_str!("keep.js");
const LINK: &str = include_str!("link.js");

const ABOUT: &str = "\
Alla operationer, i mappar efter ämne, och mappen `walk`: README:s vandring. Välj miljön `samverkan demo` och starta \
demonstrationen; inloggningen görs och förnyas av sig själv, för personen i miljöns `username`. Det som läses eller skapas \
lämnar sitt id och sin ETag i samlingens variabler, som nästa anrop använder. Parametrar som inte behövs är avstängda. \
Vandringen tar länkar ur mejl: kör `node tests/clients/mailbox.mjs data/demo/mail`, eller klistra in länken i `link`.

All operations, in folders by subject, and the folder `walk`: the README's walk. Choose the environment `samverkan demo` and \
start the demonstration; the login is made and renewed by itself, for the person in the environment's `username`. What is \
read or made leaves its id and its ETag in the collection's variables, which the next request uses. Parameters that are not \
needed are switched off. The walk takes links from mails: run `node tests/clients/mailbox.mjs data/demo/mail`, or paste the \
link into `link`.";

fn script(listen: &str, text: &str) -> Value {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    json!({ "listen": listen, "script": { "type": "text/javascript", "exec": lines } })
}

/// The name of the last part of a path that leads to one thing, with the variable of its id: `people` → `personId`.
fn kept() -> &'static BTreeMap<&'static str, &'static str> {
    static KEPT: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
        let paths = objects(document().get("paths")).map(|(path, _)| path.as_str());
        let parts = paths.flat_map(|path| {
            let parts: Vec<&str> = path.split('/').collect();
            parts.windows(2).filter_map(|pair| Some((pair[0], variable(pair[1])?))).collect::<Vec<_>>()
        });
        parts.collect()
    });
    &KEPT
}

/// `{personId}` → `personId`.
fn variable(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}').filter(|name| name.ends_with("Id"))
}

fn collection() -> Value {
    let mut folders: Vec<Value> = list(document().get("tags"))
        .map(|tag| json!({ "name": tag["name"], "description": tag["description"], "item": operations(&tag["name"]) }))
        .collect();
    folders.push(json!({
        "name": "walk",
        "description": "README:s vandring, i ordning. / The README's walk, in its order.",
        "item": walk::items(),
    }));
    let keep = format!("const kept = {};\n{KEEP}", serde_json::to_string(kept()).unwrap());
    json!({
        "info": {
            "name": "samverkan",
            "description": ABOUT,
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "auth": { "type": "bearer", "bearer": [{ "key": "token", "value": "{{accessToken}}", "type": "string" }] },
        "event": [script("prerequest", LOGIN), script("test", &keep)],
        "variable": variables(),
        "item": folders,
    })
}

fn operations(tag: &Value) -> Vec<Value> {
    let mut items = Vec::new();
    for (path, item) in objects(document().get("paths")) {
        for (method, operation) in objects(Some(item)) {
            if list(operation.get("tags")).next() == Some(tag) {
                items.push(request::request(method, path, operation));
            }
        }
    }
    items
}

/// The variables that the requests use, with the examples of those that nothing fills.
fn variables() -> Vec<Value> {
    let mut values =
        BTreeMap::from([("accessToken".to_owned(), String::new()), ("sessions".to_owned(), String::new())]);
    for variable in kept().values() {
        values.insert((*variable).to_owned(), String::new());
        values.insert(variable.replace("Id", "Etag"), String::new());
    }
    for (path, item) in objects(document().get("paths")) {
        for (_, operation) in objects(Some(item)) {
            for parameter in list(operation.get("parameters")).map(resolved).filter(|one| one["in"] == "path")
            {
                let name = parameter["name"].as_str().unwrap();
                let schema = resolved(&parameter["schema"]);
                let examples = [parameter.get("example"), schema["examples"].get(0), schema["enum"].get(0)];
                let example = examples.into_iter().flatten().find_map(Value::as_str);
                let known = match name {
                    "kommunkod" => "0114",
                    id if id.ends_with("Id") => "",
                    _ => example.unwrap_or_else(|| panic!("{path}: {name} has no example")),
                };
                values.entry(name.to_owned()).or_insert_with(|| known.to_owned());
            }
        }
    }
    values.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

fn environment() -> Value {
    let values = [
        ("baseUrl", "http://127.0.0.1:8080/api/v1"),
        ("username", "projektledare@example.org"),
        ("password", samverkan::demonstration::PASSWORD),
        ("mailUrl", "http://127.0.0.1:8025"),
        ("link", ""),
    ];
    let values: Vec<Value> =
        values.iter().map(|(key, value)| json!({ "key": key, "value": value, "enabled": true })).collect();
    json!({ "name": "samverkan demo", "values": values, "_postman_variable_scope": "environment" })
}

fn text(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

#[test]
fn postman_collection_is_generated_from_the_document() {
    let collection = text(&collection());
    assert!(collection.len() < 500_000, "{} bytes", collection.len());
    generated("openapi/samverkan.postman_collection.json", &collection);
    generated("openapi/demo.postman_environment.json", &text(&environment()));
}

/// Every request in a folder and in the folders below.
fn requests<'c>(folder: &'c Value, found: &mut Vec<&'c Value>) {
    for item in list(folder.get("item")) {
        if item.get("request").is_some() {
            found.push(item);
        }
        requests(item, found);
    }
}

#[test]
fn the_collection_has_every_operation_and_no_variable_that_nobody_knows() {
    let collection = collection();
    let mut all = Vec::new();
    requests(&collection, &mut all);
    let operations =
        objects(document().get("paths")).map(|(_, item)| objects(Some(item)).count()).sum::<usize>();
    let in_folders = all.len() - walk::items().len();
    assert_eq!(in_folders, operations);
    let known: BTreeSet<String> = list(collection.get("variable"))
        .chain(list(environment().get("values")))
        .map(|one| one["key"].as_str().unwrap().to_owned())
        .collect();
    let mut set: BTreeSet<String> = known;
    let scripts = collection.to_string();
    for part in scripts.split("collectionVariables.set('").skip(1) {
        set.insert(part.split('\'').next().unwrap().to_owned());
    }
    for item in all {
        assert!(list(item.get("response")).next().is_none(), "a saved answer");
        let request = item["request"].to_string();
        for part in request.split("{{").skip(1) {
            let name = part.split("}}").next().unwrap();
            assert!(name == "$guid" || set.contains(name), "{}: nobody sets {name}", item["name"]);
        }
        if item["request"]["method"] == "POST" {
            let mut headers = list(item["request"].get("header"));
            let has_key = headers.any(|one| one["key"] == "Idempotency-Key" && one["value"] == "{{$guid}}");
            let is_token = item["request"]["url"]["path"][0] == "oauth";
            assert!(has_key || is_token, "{} has no Idempotency-Key", item["name"]);
        }
    }
}

#[test]
fn what_need_not_be_sent_is_switched_off() {
    let mut all = Vec::new();
    let collection = collection();
    requests(&collection, &mut all);
    let list_of =
        all.iter().find(|item| item["request"]["url"]["raw"] == "{{baseUrl}}/time-entries").unwrap();
    let query: Vec<&Value> = list(list_of["request"]["url"].get("query")).collect();
    assert!(query.len() > 10 && query.iter().all(|one| one["disabled"] == true), "{query:?}");
    let change = all.iter().find(|item| {
        item["request"]["method"] == "PATCH" && item["request"]["url"]["path"][0] == "participants"
    });
    let mut headers = list(change.unwrap()["request"].get("header"));
    assert!(headers.any(|one| {
        one["key"] == "If-Match" && one["value"] == "{{participantEtag}}" && one.get("disabled").is_none()
    }));
}
