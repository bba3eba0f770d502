//! The version of a resource: what a list row shows of it is enough to change the row, and what changes nothing leaves it.

use diesel::{QueryDsl as _, RunQueryDsl as _};
use samverkan::platform::db::schema::audit_events;
use serde_json::{Value, json};

use super::operations::{Operation, operations};
use super::steps::{execute, literal};
use super::world::World;
use crate::both;
use crate::programmes::draft;
use crate::support::documented::{document, resolved};
use crate::support::{Client, Response, TestApp};
use crate::time::entered;

/// A row of a list, whose reader may change it.
struct Changeable {
    client: Client,
    path: String,
    row: Value,
}

fn events(t: &TestApp) -> i64 {
    t.db(|db| audit_events::table.count().get_result(db).unwrap())
}

fn tag_of(row: &Value) -> String {
    format!("\"{}\"", row["version"])
}

/// The lists that have such rows, each with the path below which the rows are.
fn collections(world: &World, operation: &Operation) -> Vec<(String, String)> {
    let template = operation.path.rsplit_once('/').unwrap().0;
    if !operations().iter().any(|list| list.method == "GET" && list.path == template) {
        let of_programme = format!("/programmes/{}{template}", world.programme);
        return vec![(of_programme, template.to_owned())];
    }
    let people = [world.coordinator.id(), world.maja.client.id()].map(|person| person.to_string());
    let of_people = people.iter().filter(|_| template.contains("{personId}"));
    let mut lists = vec![world.filled(template)];
    lists.extend(of_people.map(|person| template.replace("{personId}", person)));
    lists.into_iter().map(|list| (list.clone(), list)).collect()
}

/// The first row that somebody may change, with its version as the list shows it.
fn changeable(t: &TestApp, world: &World, operation: &Operation) -> Option<Changeable> {
    let (admin, applicant) = (t.admin(), t.login_as("sokande.2582@example.org"));
    let clients =
        [&world.manager, &world.coordinator, &world.maja.client, &world.nils.client, &admin, &applicant];
    for (client, (list, base)) in clients
        .iter()
        .flat_map(|client| collections(world, operation).into_iter().map(move |list| (*client, list)))
    {
        let page = client.get(&format!("{list}?limit=100"));
        let items = page.json()["items"].as_array().filter(|_| page.status == 200).cloned();
        for row in items.unwrap_or_default() {
            let path = format!("{base}/{}", row["id"].as_str().unwrap());
            if client.header("If-Match", &tag_of(&row)).patch(&path, json!({})).status == 200 {
                return Some(Changeable { client: client.clone(), path, row });
            }
        }
    }
    None
}

/// The values of a row that its PATCH takes, each alone: some may be for other roles to change.
fn values(path: &str, row: &Value) -> Vec<Value> {
    let body = &document()["paths"][path]["patch"]["requestBody"]["content"]["application/json"]["schema"];
    let known = resolved(body)["properties"].as_object().unwrap();
    let values = row.as_object().unwrap().iter();
    let values = values.filter(|(name, value)| known.contains_key(*name) && !value.is_null());
    values.map(|(name, value)| json!({name: value})).collect()
}

both!(a_rows_version_is_enough_to_change_it_and_no_change_leaves_it, |t| {
    let world = World::new(t);
    // What the world has is settled: of these one can still be changed.
    entered(&world.nils, "2021-01-12", 60);
    draft(t);
    let letter = literal(t, world.id("avsiktsforklaringId"));
    execute(t, &format!("UPDATE avsiktsforklaringar SET status = 'draft' WHERE id = {letter}"));
    let (mut faults, mut walked, mut tried) = (Vec::new(), 0, 0);
    for operation in operations().iter().filter(|operation| operation.method == "PATCH") {
        walked += 1;
        let Some(Changeable { client, path, row }) = changeable(t, &world, operation) else {
            faults.push(format!("{}: nobody can change one by its row's version", operation.path));
            continue;
        };
        let (before, count) = (client.get(&path), events(t));
        let tag = tag_of(&row);
        let marked = format!("W/\"{}-anything-gzip\"", row["version"]);
        let bodies = [json!({})].into_iter().chain(values(&operation.path, &row));
        for (tag, body) in [&tag, &marked].into_iter().cycle().zip(bodies) {
            let answer = client.header("If-Match", tag).patch(&path, body.clone());
            let same = |one: &Response, other: &Response| {
                one.text == other.text && one.header("etag") == other.header("etag")
            };
            let is_other_roles = body != json!({}) && answer.json_code() == "notYours";
            let is_left = answer.status == 200 && same(&answer, &before);
            if !(is_left || is_other_roles) || !same(&client.get(&path), &before) {
                faults.push(format!("{path} {tag} {body}: {} {}", answer.status, answer.text));
            }
            tried += u32::from(is_left);
        }
        if events(t) != count {
            faults.push(format!("{path}: {} events tell of no change", events(t) - count));
        }
        for (tag, told) in [("\"999\"", "If-Match anger"), ("\"abc\"", "nämner ingen version")] {
            let refused = client.header("If-Match", tag).patch(&path, json!({}));
            if refused.json_code() != "versionMismatch" || !refused.text.contains(told) {
                faults.push(format!("{path} {tag}: {}", refused.text));
            }
        }
        let bare = client.header("If-Match", &row["version"].to_string()).patch(&path, json!({}));
        if bare.json_code() != "invalidHeader" || !bare.text.contains("citattecken") {
            faults.push(format!("{path} without quotation marks: {}", bare.text));
        }
    }
    assert!(walked > 10 && tried > 3 * walked, "{walked}, {tried}");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});

both!(who_names_an_old_version_is_told_where, |t| {
    let id = draft(t);
    let (path, manager) = (format!("/programmes/{id}"), t.manager(id));
    let steps = |version: i64| {
        let item = json!({"id": id, "version": version, "to": "scheduled"});
        let done = manager.post("/programmes/status-changes/batch", json!({"items": [item]})).is(200);
        done["items"][0]["problem"].clone()
    };
    let version = manager.get(&path).is(200)["version"].as_i64().unwrap();
    let stale = steps(version + 1);
    assert_eq!(stale["code"], "versionMismatch");
    let told = stale["detail"].as_str().unwrap();
    assert!(told.contains("som version anger") && !told.contains("If-Match"), "{told}");
    let missing = manager.patch(&path, json!({"places": 3})).refused(428, "preconditionRequired");
    assert!(!missing["title"].as_str().unwrap().contains("If-Match"), "{missing}");
    assert!(missing["detail"].as_str().unwrap().contains("If-Match"), "{missing}");
});
