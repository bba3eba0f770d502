//! Programmes: their states, their dates and what the public sees of them.

use diesel::prelude::*;
use samverkan::identity::policy::Role;
use samverkan::platform::auth::scope::Scope;
use samverkan::platform::db::Db;
use samverkan::platform::ids::Id;
use samverkan::programmes::programme::ProgrammeRow;
use samverkan::schema::programme_months;
use serde_json::{Value, json};

use super::{draft, offer, open, start};
use crate::both;
use crate::contract::scopes::{Rows, Rule};
use crate::contract::world::{Offer, Owner};
use crate::support::documented::document;
use crate::team::with;

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "programmeId",
    owner: Owner::Anyone,
    make: |_, world| json!(world.programme),
    rows: Some(Rows::by_rule::<ProgrammeRow>()),
    ..Offer::NONE
}];

/// A programme that has opened is public. Before that, only its own people see it.
impl Rule for ProgrammeRow {
    fn is_visible(&self, _: &mut Db, scope: &Scope) -> bool {
        self.opened_at.is_some() || scope.role_for(self).is_some()
    }
}

both!(a_programme_from_draft_to_selecting, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    t.anonymous().get(&path).refused(404, "notFound");
    assert_eq!(manager.get(&path).is(200)["allowedTransitions"][0]["to"], "scheduled");
    let scheduled = manager.change(&path, "scheduled").is(200);
    assert_eq!(scheduled["seedSha256"].as_str().unwrap().len(), 64);
    assert!(scheduled["seed"].is_null());
    t.at("2020-10-05T08:00:00+02:00");
    assert_eq!(t.anonymous().get(&path).is(200)["status"], "open");
    t.at("2020-11-03");
    assert_eq!(t.anonymous().get(&path).is(200)["status"], "closed");
    t.at("2020-11-15");
    let selecting = t.anonymous().get(&path).is(200);
    assert_eq!(selecting["status"], "selecting");
    let seed = selecting["seed"].as_str().unwrap();
    assert_eq!(samverkan::platform::ids::sha256_hex(seed), scheduled["seedSha256"].as_str().unwrap());
    let history = manager.get(&format!("{path}/status-changes")).is(200);
    let steps: Vec<&str> =
        history["items"].as_array().unwrap().iter().map(|c| c["to"].as_str().unwrap()).collect();
    assert_eq!(steps, ["scheduled", "open", "closed", "selecting"]);
});

both!(whoever_adds_a_programme_names_its_manager, |t| {
    let mut new = offer();
    new["manager"] = json!({"name": "Maja Lind", "email": "Maja.Lind@skr.example"});
    let id = t.admin().post("/programmes", new.clone()).is(201)["id"].as_str().unwrap().to_owned();
    let (link, token) = t.link_for("maja.lind@skr.example");
    let body = json!({"token": token, "password": crate::identity::PASSWORD});
    t.anonymous().post(&format!("/invitations/{link}/acceptance"), body).is(200);
    let maja = t.login_as("maja.lind@skr.example");
    let path = format!("/programmes/{id}");
    assert_eq!(maja.change(&path, "scheduled").is(200)["status"], "scheduled");
    // Nobody gives a role to themselves, and then there is no programme either.
    let refused = maja.post("/programmes", new.clone());
    refused.refused(403, "ownWork");
    assert_eq!(maja.get("/programmes").is(200)["_meta"]["totalRecords"], 1);
    new["manager"]["email"] = json!("no address");
    assert_eq!(t.admin().post("/programmes", new).faults()[0].0, "/manager/email");
});

both!(the_seed_is_not_read_before_selecting, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    manager.change(&path, "scheduled").is(200);
    t.at("2020-11-03");
    let seen = manager.get(&path);
    manager.if_match(&seen).patch(&path, json!({"name": "Utvecklingsnätverket"})).is(200);
    let trail = format!("/audit-events?resourceId={id}&limit=100");
    let before = manager.get(&trail);
    t.at("2020-11-15");
    let shown = manager.get(&path).is(200);
    let (seed, sha256) = (shown["seed"].as_str().unwrap(), shown["seedSha256"].as_str().unwrap());
    assert!(!before.text.contains(seed), "the audit trail would reveal the lottery");
    assert!(before.text.contains(sha256));
    assert!(!manager.get(&trail).text.contains(seed));
});

both!(a_cancelled_programme_stays_public, |t| {
    let [planned, opened, drawn] = [draft(t), draft(t), draft(t)];
    let path = |id: Id| format!("/programmes/{id}");
    for id in [planned, opened, drawn] {
        t.manager(id).change(&path(id), "scheduled").is(200);
    }
    t.manager(planned).change_because(&path(planned), "cancelled", "Ingen finansiering.").is(200);
    t.at("2020-10-05T10:00:00+02:00");
    t.manager(opened).change_because(&path(opened), "cancelled", "Ingen finansiering.").is(200);
    t.at("2020-11-15");
    let seed = t.anonymous().get(&path(drawn)).is(200)["seed"].clone();
    t.manager(drawn).change_because(&path(drawn), "cancelled", "Ingen finansiering.").is(200);
    t.anonymous().get(&path(planned)).refused(404, "notFound");
    let called_off = t.anonymous().get(&path(opened)).is(200);
    assert_eq!((&called_off["status"], &called_off["seed"]), (&json!("cancelled"), &Value::Null));
    assert!(seed.is_string());
    assert_eq!(t.anonymous().get(&path(drawn)).is(200)["seed"], seed);
    assert_eq!(t.anonymous().get("/programmes").is(200)["_meta"]["totalRecords"], 2);
});

both!(a_scheduled_programme_cannot_move_into_the_past, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    let past = json!({"opensAt": "2020-09-01", "interestDeadline": "2020-09-20"});
    manager.if_match(&manager.get(&path)).patch(&path, past.clone()).is(200);
    manager.change(&path, "scheduled").refused(409, "stateConflict");
    let ahead = json!({"opensAt": "2020-10-05", "interestDeadline": "2020-11-03"});
    manager.if_match(&manager.get(&path)).patch(&path, ahead).is(200);
    manager.change(&path, "scheduled").is(200);
    let refusal = manager.if_match(&manager.get(&path)).patch(&path, past);
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/interestDeadline".to_owned(), "inThePast".to_owned())]);
});

both!(a_plain_day_opens_at_its_beginning_and_is_a_deadline_until_its_end, |t| {
    let days =
        json!({"opensAt": "2020-10-05", "infoMeetingAt": "2020-11-06", "interestDeadline": "2020-11-03"});
    let new = t.admin().post("/programmes", with(offer(), days)).is(201);
    assert_eq!(
        (&new["opensAt"], &new["infoMeetingAt"]),
        (&json!("2020-10-04T22:00:00.000Z"), &json!("2020-11-05T23:00:00.000Z"))
    );
    assert_eq!(new["interestDeadline"], "2020-11-03T23:00:00.000Z");
    let id = new["id"].as_str().unwrap().parse().unwrap();
    let (path, manager) = (format!("/programmes/{id}"), t.manager(id));
    let later = json!({"opensAt": "2020-10-06"});
    let changed = manager.if_match(&manager.get(&path)).patch(&path, later).is(200);
    assert_eq!(changed["opensAt"], "2020-10-05T22:00:00.000Z");
    manager.change(&path, "scheduled").is(200);
    t.at("2020-10-05T23:59:00+02:00");
    assert_eq!(manager.get(&path).is(200)["status"], "scheduled");
    t.at("2020-10-06T00:01:00+02:00");
    assert_eq!(manager.get(&path).is(200)["status"], "open");
    // The document says which is which.
    let fields = &document()["components"]["schemas"]["NewProgramme"]["properties"];
    let said = |field: &str| fields[field].to_string();
    assert!(said("opensAt").contains("/Opening\"") && said("infoMeetingAt").contains("/Opening\""));
    assert!(said("interestDeadline").contains("/Deadline\""), "{fields}");
});

both!(the_work_begins_after_the_decision_of_esf, |t| {
    let id = open(t);
    let path = format!("/programmes/{id}");
    t.at("2020-11-15");
    t.manager(id).change(&path, "decided").is(200);
    let running = start("2020-11-17");
    let refusal = t.manager(id).post(&format!("{path}/status-changes"), running.clone());
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/data/decision/decidedOn".to_owned(), "inTheFuture".to_owned())]);
    t.at("2020-11-17T08:00:00+01:00");
    t.manager(id).post(&format!("{path}/status-changes"), running).is(200);
});

both!(every_error_of_a_new_programme_is_named, |t| {
    let mut wrong = offer();
    wrong["places"] = json!(0);
    wrong["name"] = json!("");
    wrong["startsOn"] = json!("2021-02-30");
    let refusal = t.admin().post("/programmes", wrong);
    refusal.refused(422, "invalidInput");
    let places: Vec<String> = refusal.faults().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(places, ["/name", "/places", "/startsOn"]);
    let mut unknown = offer();
    unknown["colour"] = json!("blue");
    unknown["places"] = json!("twelve");
    let refusal = t.admin().post("/programmes", unknown);
    refusal.refused(400, "invalidBody");
    assert_eq!(refusal.faults().len(), 2);
});

both!(an_invalid_deadline_is_told_the_format, |t| {
    let mut wrong = offer();
    wrong["interestDeadline"] = json!("3 november");
    for (language, day) in [("sv", "ÅÅÅÅ-MM-DD"), ("en", "YYYY-MM-DD")] {
        let refusal = t.admin().header("Accept-Language", language).post("/programmes", wrong.clone());
        let problem = refusal.refused(422, "invalidInput");
        let detail = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains(day) && detail.contains("RFC 3339"), "{detail}");
    }
});

both!(a_programme_is_completed_after_its_last_day, |t| {
    let id = crate::team::running(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    let steps = || {
        let shown = manager.get(&path).is(200);
        crate::team::each(&json!({"items": shown["allowedTransitions"]}), "to")
    };
    t.at("2022-12-31T12:00:00+01:00");
    assert_eq!(steps(), ["cancelled"]);
    let refusal = manager.change(&path, "completed");
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [("/endsOn".to_owned(), "notYet".to_owned())]);
    t.at("2023-01-01T00:00:00+01:00");
    // The programme is over, but its months are not locked.
    assert_eq!(steps(), ["cancelled"]);
    let refusal = manager.change(&path, "completed");
    refusal.refused(409, "stateConflict");
    assert_eq!((refusal.faults()[0].1.as_str(), refusal.faults().len()), ("notLocked", 24));
    t.write(|tx| {
        let months = diesel::update(programme_months::table).set(programme_months::status.eq("locked"));
        months.execute(tx.db)?;
        Ok(())
    });
    assert_eq!(steps(), ["completed", "cancelled"]);
    manager.change(&path, "completed").is(200);
});

both!(a_new_programme_can_be_read_at_once, |t| {
    let manager = t.manager(draft(t));
    let made = manager.post("/programmes", offer());
    let programme = made.is(201);
    assert_eq!(programme["allowedTransitions"][0]["to"], "scheduled");
    let seen = manager.get(made.header("location").unwrap());
    assert_eq!(seen.is(200), programme);
    assert_eq!(seen.header("etag"), made.header("etag"));
});

both!(wrong_roles_and_states_are_refused, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}");
    t.anonymous().post("/programmes", offer()).refused(401, "unauthenticated");
    t.economist(id).post("/programmes", offer()).refused(403, "forbidden");
    t.economist(id).change(&path, "scheduled").refused(403, "forbidden");
    let other = draft(t);
    t.manager(other).change(&path, "scheduled").refused(404, "notFound");
    t.manager(id).change(&path, "running").refused(409, "transitionNotAllowed");
    t.manager(id).change(&path, "open").refused(409, "transitionNotAllowed");
    t.manager(id).change(&path, "cancelled").refused(422, "invalidInput");
    t.manager(id).change_because(&path, "cancelled", "Ingen finansiering.").is(200);
});

both!(a_change_needs_the_current_version, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    let seen = manager.get(&path);
    manager.patch(&path, json!({"places": 14})).refused(428, "preconditionRequired");
    manager.if_match(&seen).patch(&path, json!({"places": 14})).is(200);
    manager.if_match(&seen).patch(&path, json!({"places": 15})).refused(412, "versionMismatch");
    manager.if_match(&manager.get(&path)).patch(&path, json!({"places": null})).refused(400, "invalidBody");
});

both!(the_same_key_gives_the_same_response, |t| {
    let admin = t.admin().header("Idempotency-Key", "one");
    let first = admin.post("/programmes", offer());
    let second = admin.post("/programmes", offer());
    assert_eq!(first.id(), second.id());
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    let mut other = offer();
    other["places"] = json!(3);
    admin.post("/programmes", other).refused(422, "idempotencyKeyReused");
    assert_eq!(
        t.in_programme(Role::Auditor, first.id()).get("/programmes").is(200)["_meta"]["totalRecords"],
        1
    );
});
