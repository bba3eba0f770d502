//! Teams: participants and their employments.

mod employments;
mod participants;

use diesel::prelude::*;
use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use samverkan::schema::applications;
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
    let decision = json!({"body": "ESF-rådet", "decidedOn": "2020-11-13", "registryNumber": "2020/00373"});
    manager
        .post(&format!("{path}/status-changes"), json!({"to": "running", "data": {"decision": decision}}))
        .is(200);
    give_place(t, id, BODEN);
    give_place(t, id, LULEA);
    id
}

/// Gives a kommun a place without the way there, which the tests of calls walk.
pub fn give_place(t: &TestApp, programme: Id, kommunkod: &str) {
    t.write(|tx| {
        let now = tx.ctx.now;
        diesel::insert_into(applications::table)
            .values((
                (
                    applications::id.eq(tx.ctx.new_id()),
                    applications::programme_id.eq(programme),
                    applications::kommunkod.eq(kommunkod),
                    applications::status.eq("participating"),
                    applications::contact_name.eq("Sökande"),
                    applications::contact_email.eq("sokande@example.org"),
                    applications::motivation.eq("Vi vill samverka."),
                    applications::maturity.eq(2),
                ),
                (
                    applications::departments.eq("[]"),
                    applications::known_social_enterprises.eq("[]"),
                    applications::received_at.eq(now),
                    applications::is_late.eq(false),
                    applications::notes.eq("[]"),
                    applications::search_text.eq(""),
                    applications::created_at.eq(now),
                    applications::updated_at.eq(now),
                    applications::version.eq(1),
                ),
            ))
            .execute(tx.db)?;
        Ok(())
    });
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
