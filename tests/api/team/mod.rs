//! Teams: participants and their employments.

crate::resources!(participants, employments);

mod employee_numbers;

use diesel::prelude::*;
use samverkan::calls::applications::ApplicationRow;
use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use samverkan::platform::problem::Problem;
use samverkan::platform::tx::Tx;
use samverkan::schema::applications;
use serde_json::{Value, json};

use crate::programmes;
use crate::support::{Client, Response, TestApp};

pub const BODEN: &str = "2582";
pub const LULEA: &str = "2580";

/// A running programme whose work begins in January. The clock is at 24:00 on 15 November 2020.
pub fn running(t: &TestApp) -> Id {
    let id = programmes::draft(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    manager.change(&path, "scheduled").is(200);
    t.at("2020-11-15");
    manager.change(&path, "decided").is(200);
    manager.post(&format!("{path}/status-changes"), programmes::start("2020-11-13")).is(200);
    give_place(t, id, BODEN);
    give_place(t, id, LULEA);
    id
}

/// Gives a kommun a place directly in the database. The tests of calls take the whole way there.
pub fn give_place(t: &TestApp, programme: Id, kommunkod: &str) {
    t.write(|tx| add_application(tx, programme, kommunkod, "participating"));
}

/// Adds an application in this state directly in the database.
pub fn add_application(tx: &mut Tx<'_>, programme: Id, kommunkod: &str, status: &str) -> Result<(), Problem> {
    let (now, id) = (tx.ctx.now, tx.ctx.new_id());
    diesel::insert_into(applications::table)
        .values((
            (
                applications::id.eq(id),
                applications::programme_id.eq(programme),
                applications::kommunkod.eq(kommunkod),
                applications::status.eq(status),
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
    let row = tx.locked::<ApplicationRow>(id)?;
    tx.audit_created(&row)
}

/// The request that adds Maja to Boden's team.
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

/// A body with some fields replaced. Somebody with another address has no employee number, unless one is given.
pub fn with(mut body: Value, changes: Value) -> Value {
    if changes.get("email").is_some() && body.get("employeeNumber").is_some() {
        body["employeeNumber"] = Value::Null;
    }
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

pub fn coordinator(t: &TestApp, programme: Id, kommunkod: &str) -> Client {
    t.in_kommun(Role::Coordinator, programme, kommunkod)
}

/// Reads a resource and changes that version.
#[track_caller]
pub fn patch(client: &Client, path: &str, body: Value) -> Response {
    client.if_match(&client.get(path)).patch(path, body)
}

/// One field of every item of a list.
pub fn each(list: &Value, member: &str) -> Vec<Value> {
    list["items"].as_array().unwrap().iter().map(|item| item[member].clone()).collect()
}
