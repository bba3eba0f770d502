//! Time: months, entries, reports and their submission.

mod entries;
mod entry_refusals;
mod late;
mod months;
mod races;
mod reports;
mod submissions;

use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};
use crate::team::{coordinator, maja, with};

/// Somebody in a kommun's team, logged in.
pub struct Member {
    /// Their id as participant.
    pub id: Id,
    /// Themself.
    pub client: Client,
}

/// A new member of a kommun's team, from the first day of the programme.
pub fn member(t: &TestApp, programme: Id, kommunkod: &str, number: u32) -> Member {
    let email = format!("medarbetare{number}@kommun{kommunkod}.example");
    let changes = json!({
        "kommunkod": kommunkod,
        "name": format!("Medarbetare {number}"),
        "email": email,
        "employeeNumber": format!("{kommunkod}-{number}"),
    });
    let id = coordinator(t, programme, kommunkod).post("/participants", with(maja(programme), changes)).id();
    Member { id, client: t.login_as(&email) }
}

/// A day's own work.
pub fn work(member: &Member, work_date: &str, minutes: i64) -> Value {
    json!({
        "participantId": member.id,
        "workDate": work_date,
        "minutes": minutes,
        "kind": "own",
        "activityCode": "development",
        "description": "Utkast till policy."
    })
}

/// Enters a day's own work.
#[track_caller]
pub fn entered(member: &Member, work_date: &str, minutes: i64) -> Id {
    let answer = member.client.post("/time-entries", work(member, work_date, minutes));
    answer.is(201);
    answer.id()
}
