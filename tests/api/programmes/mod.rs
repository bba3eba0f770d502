//! Programmes and their dated settings.

crate::resources!(programme, settings);

mod copying;
mod selection_plan;

use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use crate::support::TestApp;

/// The programme of SKR's offer (domain guide §3).
pub fn offer() -> Value {
    json!({
        "name": "Utvecklingsnätverk för samverkan med sociala företag",
        "description": "Ett tvåårigt utvecklingsnätverk.",
        "profile": "esf-2014-2020",
        "places": 12,
        "startsOn": "2021-01-01",
        "endsOn": "2022-12-31",
        "opensAt": "2020-10-05T08:00:00+02:00",
        "interestDeadline": "2020-11-03",
        "infoMeetingAt": "2020-11-06T13:00:00+01:00",
        "confirmationDeadline": "2020-11-10",
        "avsiktsforklaringDeadline": "2020-11-15"
    })
}

/// A programme in draft.
pub fn draft(t: &TestApp) -> Id {
    t.admin().post("/programmes", offer()).id()
}

/// The part of settings that a client sends: without the fields that the server sets.
pub fn content(mut settings: Value) -> Value {
    for member in [
        "id",
        "programmeId",
        "status",
        "adoptedAt",
        "proposedBy",
        "proposedByName",
        "proposedRole",
        "allowedTransitions",
        "createdAt",
        "updatedAt",
        "version",
        "_links",
    ] {
        settings.as_object_mut().unwrap().remove(member);
    }
    settings
}

/// Enters settings as the economist; for a month that has begun a manager adopts them.
pub fn hold(t: &TestApp, programme: Id, settings: Value) {
    let path = format!("/programmes/{programme}/settings");
    let entered = t.economist(programme).post(&path, settings).is(201);
    if entered["status"] == "proposed" {
        let one = format!("{path}/{}", entered["id"].as_str().unwrap());
        t.manager(programme).change(&one, "adopted").is(200);
    }
}

/// A programme that is open. The clock is at 5 October 2020.
pub fn open(t: &TestApp) -> Id {
    let id = draft(t);
    t.manager(id).change(&format!("/programmes/{id}"), "scheduled").is(200);
    t.at("2020-10-05T10:00:00+02:00");
    id
}

/// The change of status that starts a programme, decided by ESF on this day.
pub fn start(decided_on: &str) -> Value {
    let decision = json!({"body": "ESF-rådet", "decidedOn": decided_on, "registryNumber": "2020/00373"});
    json!({"to": "running", "data": {"decision": decision}})
}
