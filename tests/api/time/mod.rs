//! Time: entries, reports, months, their exceptions and their submission.

mod concurrency;
mod entry_sets;
mod late_reports;
mod side_doors;
mod time_entry_refusals;

crate::resources!(time_entries, time_reports, months, month_exceptions, month_submissions);

use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};
use crate::team::{coordinator, maja, with};

/// Somebody in a kommun's team, logged in.
pub struct Member {
    /// The id as a participant.
    pub id: Id,
    /// The client with the person's token.
    pub client: Client,
}

/// Adds a member to a kommun's team from the programme's first day on.
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

/// The request that enters a day's own work.
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
