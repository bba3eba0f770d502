//! Teams: participants and their employments.

mod employments;
mod participants;

use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use crate::programmes;
use crate::support::{Client, Response, TestApp};

/// Boden and Luleå.
pub const BODEN: &str = "2582";
pub const LULEA: &str = "2580";

/// A programme in which the work is about to begin; the clock stands on 2020-11-16 (24:00 of the 15th).
pub fn running(t: &TestApp) -> Id {
    let id = programmes::draft(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    manager.change(&path, "scheduled").is(200);
    t.at("2020-11-15");
    manager.change(&path, "decided").is(200);
    let decision = json!({"body": "ESF-rådet", "decidedOn": "2020-12-10", "registryNumber": "2020/00373"});
    manager
        .post(&format!("{path}/status-changes"), json!({"to": "running", "data": {"decision": decision}}))
        .is(200);
    id
}

/// A participant of Boden, to be changed by the test.
pub fn maja(programme: Id) -> Value {
    json!({
        "programmeId": programme,
        "organisation": "kommun",
        "kommunkod": BODEN,
        "name": "Maja Lind",
        "email": "Maja.Lind@boden.example",
        "function": "Enhetschef",
        "department": "Socialförvaltningen",
        "employeeNumber": "104233",
        "validFrom": "2021-01-01"
    })
}

/// The body with some members replaced.
pub fn with(mut body: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

pub fn coordinator(t: &TestApp, programme: Id, kommunkod: &str) -> Client {
    t.in_kommun(Role::Coordinator, programme, kommunkod)
}

/// Changes what was just read.
#[track_caller]
pub fn patch(client: &Client, path: &str, body: Value) -> Response {
    client.if_match(&client.get(path)).patch(path, body)
}

/// A member of every item of a list.
pub fn each(list: &Value, member: &str) -> Vec<Value> {
    list["items"].as_array().unwrap().iter().map(|item| item[member].clone()).collect()
}
