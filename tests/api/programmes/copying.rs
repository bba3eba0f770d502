//! A new programme that gets the settings, milestone templates, goals and quotas of an older one (`copyFrom`).

use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use super::{content, draft, hold, offer};
use crate::both;
use crate::support::{Client, TestApp};
use crate::team::{running, with};

/// The offer again, two years later.
fn next_offer(copy_from: Id) -> Value {
    let dates = json!({
        "name": "Utvecklingsnätverket, omgång 2",
        "startsOn": "2023-01-01",
        "endsOn": "2024-12-31",
        "opensAt": "2022-10-05T08:00:00+02:00",
        "interestDeadline": "2022-11-03",
        "infoMeetingAt": "2022-11-06T13:00:00+01:00",
        "confirmationDeadline": "2022-11-10",
        "avsiktsforklaringDeadline": "2022-11-15",
        "copyFrom": copy_from,
    });
    with(offer(), dates)
}

/// A running programme with settings, a milestone and a plan of its own.
fn older(t: &TestApp) -> Id {
    let id = running(t);
    let manager = t.manager(id);
    let list = t.economist(id).get(&format!("/programmes/{id}/settings")).is(200);
    let hours = |valid_from: &str, hours: i32| {
        with(content(list["items"][0].clone()), json!({"validFrom": valid_from, "annualHours": hours}))
    };
    hold(t, id, hours("2021-02-01", 640));
    hold(t, id, hours("2021-01-01", 620));
    let templates = manager.get(&format!("/milestone-templates?programmeId={id}")).is(200);
    let first = format!("/milestone-templates/{}", templates["items"][0]["id"].as_str().unwrap());
    let change = json!({"dueOn": "2021-02-28", "instructions": "Räkna de sociala företagen."});
    manager.if_match(&manager.get(&first)).patch(&first, change).is(200);
    id
}

fn templates_of(client: &Client, programme: Id) -> Vec<Value> {
    let page = client.get(&format!("/milestone-templates?programmeId={programme}&limit=100")).is(200);
    page["items"].as_array().unwrap().clone()
}

both!(a_new_programme_gets_what_an_older_one_has_learned, |t| {
    let older = older(t);
    let manager = t.manager(older);
    let new = manager.post("/programmes", next_offer(older));
    new.is(201);
    let (id, path) = (new.id(), format!("/programmes/{}", new.id()));
    let settings = manager.get(&format!("{path}/settings")).is(200);
    assert_eq!(settings["_meta"]["totalRecords"], 1);
    let first = &settings["items"][0];
    assert_eq!((&first["annualHours"], &first["status"]), (&json!(640), &json!("adopted")), "the newest");
    let copied = templates_of(&manager, id);
    assert_eq!(copied.len(), 8);
    assert_eq!(copied[0]["dueOn"], "2023-02-28");
    assert_eq!(copied[0]["instructions"], "Räkna de sociala företagen.");
    assert_eq!(copied[7]["dueOn"], "2024-12-31");
    // The older one keeps its own, and scheduling adds no second chain.
    assert_eq!(templates_of(&manager, older)[0]["dueOn"], "2021-02-28");
    manager.change(&path, "scheduled").is(200);
    assert_eq!(templates_of(&manager, id).len(), 8);
    let trail = manager.get(&format!("/audit-events?resourceId={id}&resourceType=programme")).is(200);
    assert_eq!(trail["items"].as_array().unwrap().last().unwrap()["after"]["copiedFrom"], json!(older));
});

both!(goals_and_quotas_are_copied_and_pins_are_not, |t| {
    let plan = json!({
        "goals": [{"kind": "coverage", "dimension": "lan"}],
        "quotas": [{"dimension": "skrGroup", "category": "A1", "min": null, "max": 1}],
        "pins": [{"kommunkod": "2582", "in": true, "reason": "Var värd för pilotomgången."}],
    });
    let older = t.admin().post("/programmes", with(offer(), json!({"selectionPlan": plan}))).id();
    let copy = t.admin().post("/programmes", next_offer(older)).is(201);
    assert_eq!(copy["selectionPlan"]["goals"], json!([{"kind": "coverage", "dimension": "lan"}]));
    assert_eq!(copy["selectionPlan"]["quotas"], plan["quotas"]);
    assert_eq!(copy["selectionPlan"]["pins"], json!([]));
    // A plan of its own takes the place of the older one's.
    let own = with(next_offer(older), json!({"selectionPlan": {"quotas": []}}));
    let own = t.admin().post("/programmes", own).is(201);
    assert_eq!(own["selectionPlan"]["quotas"], json!([]));
    assert_eq!(own["selectionPlan"]["goals"].as_array().unwrap().len(), 6);
});

both!(only_what_the_caller_may_read_can_be_copied, |t| {
    let older = draft(t);
    let other = draft(t);
    let manager = t.manager(other);
    manager.post("/programmes", next_offer(older)).refused(404, "notFound");
    manager.post("/programmes", next_offer(manager.id())).refused(404, "notFound");
    t.economist(older).post("/programmes", next_offer(older)).refused(403, "forbidden");
    t.anonymous().post("/programmes", next_offer(older)).refused(401, "unauthenticated");
    assert_eq!(manager.get("/programmes").is(200)["_meta"]["totalRecords"], 1, "nothing was added");
    // Another profile has other rules; the error is named with the others.
    let wrong = json!({"profile": "esf-plus-2021-2027", "endsOn": "2022-12-31"});
    let refusal = t.manager(older).post("/programmes", with(next_offer(older), wrong));
    refusal.refused(422, "invalidInput");
    let mut faults = refusal.faults();
    faults.sort();
    let expected = [("/endsOn", "wrongOrder"), ("/profile", "wrongProfile")];
    assert_eq!(faults, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
});
