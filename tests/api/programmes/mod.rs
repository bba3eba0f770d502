//! Programmes and their settings.

use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use samverkan::programmes::programme::Profile;
use samverkan::programmes::settings::SettingsContent;
use serde_json::{Value, json};

use crate::both;
use crate::support::{Response, TestApp};

/// The offer's own round (domain guide §3).
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

/// What settings hold, as it is sent: without what the program itself says of them.
pub fn content(mut settings: Value) -> Value {
    for member in ["id", "programmeId", "createdAt", "updatedAt", "version", "_links"] {
        settings.as_object_mut().unwrap().remove(member);
    }
    settings
}

/// A programme that is open; the clock stands on 2020-10-05.
pub fn open(t: &TestApp) -> Id {
    let id = draft(t);
    t.manager(id).change(&format!("/programmes/{id}"), "scheduled").is(200);
    t.at("2020-10-05T10:00:00+02:00");
    id
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
    assert!(!before.text.contains(seed), "whoever reads the trail knows the lottery before it is held");
    assert!(before.text.contains(sha256));
    assert!(!manager.get(&trail).text.contains(seed));
});

both!(calling_off_hides_nothing_that_was_public, |t| {
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

both!(a_scheduled_programme_is_not_moved_into_the_past, |t| {
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

both!(esf_has_decided_before_the_work_begins, |t| {
    let id = open(t);
    let path = format!("/programmes/{id}");
    t.at("2020-11-15");
    t.manager(id).change(&path, "decided").is(200);
    let decision = json!({"body": "ESF-rådet", "decidedOn": "2020-11-17", "registryNumber": "2020/00373"});
    let running = json!({"to": "running", "data": {"decision": decision}});
    let refusal = t.manager(id).post(&format!("{path}/status-changes"), running.clone());
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/data/decision/decidedOn".to_owned(), "inTheFuture".to_owned())]);
    t.at("2020-11-17T08:00:00+01:00");
    t.manager(id).post(&format!("{path}/status-changes"), running).is(200);
});

both!(settings_stay_complete_and_the_programmes_own, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}/settings");
    let manager = t.manager(id);
    let with = |profile: &str, member: &str, value: Value| {
        let profile: Profile = profile.parse().unwrap();
        let mut settings = json!(SettingsContent::of(profile));
        settings[member] = value;
        settings["validFrom"] = json!("2021-03-01");
        settings
    };
    let own = "esf-2014-2020";
    let refused = |body: Value| {
        let refusal = manager.post(&path, body);
        refusal.refused(422, "invalidInput");
        refusal.faults()
    };
    assert_eq!(
        refused(with("esf-plus-2021-2027", "teamSize", json!(8))),
        [("/profile".to_owned(), "wrongProfile".to_owned())]
    );
    let bank_id = json!({"avsiktsforklaring": ["account"], "timeReport": ["account", "bankId"]});
    assert_eq!(
        refused(with(own, "acceptedMethods", bank_id)),
        [("/acceptedMethods/timeReport/1".to_owned(), "notSupported".to_owned())]
    );
    // What is to hold later stands in the way of scheduling, too.
    let unnamed = with(own, "activities", json!([]));
    let later = manager.post(&path, unnamed.clone());
    later.is(201);
    let refusal = manager.change(&format!("/programmes/{id}"), "scheduled");
    refusal.refused(409, "settingsIncomplete");
    assert_eq!(refusal.faults(), [(format!("/settings/{}/activities", later.id()), "required".to_owned())]);
    let one = format!("{path}/{}", later.id());
    manager.if_match(&manager.get(&one)).put(&one, with(own, "teamSize", json!(8))).is(200);
    manager.change(&format!("/programmes/{id}"), "scheduled").is(200);
    let refusal = manager.if_match(&manager.get(&one)).put(&one, unnamed.clone());
    refusal.refused(409, "settingsIncomplete");
    assert_eq!(refusal.faults(), [("/activities".to_owned(), "required".to_owned())]);
    let mut another_day = unnamed;
    another_day["validFrom"] = json!("2021-04-01");
    manager.post(&path, another_day).refused(409, "settingsIncomplete");
});

both!(settings_are_sent_as_they_are_read, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}/settings");
    let manager = t.manager(id);
    let read = manager.get(&path).is(200)["items"][0].clone();
    let mut sent = content(read.clone());
    sent["validFrom"] = json!("2021-03-01");
    let made = manager.post(&path, sent.clone());
    made.is(201);
    assert_eq!(content(made.json()), sent);
    let one = format!("{path}/{}", made.id());
    let same = manager.if_match(&manager.get(&one)).put(&one, sent.clone()).is(200);
    assert_eq!(content(same), sent);
    // What is not its content is refused, as is everything else that is wrong, each at its place.
    let mut whole = read;
    whole["settings"] = json!({});
    whole["teamSize"] = json!("seven");
    whole["activities"][0]["colour"] = json!("blue");
    let refused = manager.post(&path, whole);
    refused.refused(400, "invalidBody");
    let places =
        |refused: &Response| refused.faults().into_iter().map(|(place, _)| place).collect::<Vec<_>>();
    let own = ["/_links", "/activities/0/colour", "/createdAt", "/id", "/programmeId", "/settings"];
    assert_eq!(places(&refused), [&own[..], &["/teamSize", "/updatedAt", "/version"]].concat());
    sent.as_object_mut().unwrap().remove("validFrom");
    sent["teamSize"] = json!(0);
    sent["activities"][0]["code"] = json!("å");
    let refused = manager.post(&path, sent);
    refused.refused(422, "invalidInput");
    assert_eq!(places(&refused), ["/activities/0/code", "/teamSize", "/validFrom"]);
});

both!(every_fault_of_a_new_programme_is_named, |t| {
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

both!(a_deadline_that_is_none_is_told_how_one_is_written, |t| {
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
    assert_eq!(steps(), ["completed", "cancelled"]);
});

both!(whoever_makes_a_programme_reads_it_at_once, |t| {
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

both!(a_change_needs_the_version_that_was_seen, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    let seen = manager.get(&path);
    manager.patch(&path, json!({"places": 14})).refused(428, "preconditionRequired");
    manager.if_match(&seen).patch(&path, json!({"places": 14})).is(200);
    manager.if_match(&seen).patch(&path, json!({"places": 15})).refused(412, "versionMismatch");
    manager.if_match(&manager.get(&path)).patch(&path, json!({"places": null})).refused(400, "invalidBody");
});

both!(esf_plus_needs_its_activities_named_before_it_is_scheduled, |t| {
    let mut plus = offer();
    plus["profile"] = json!("esf-plus-2021-2027");
    let id = t.admin().post("/programmes", plus).id();
    let refusal = t.manager(id).change(&format!("/programmes/{id}"), "scheduled");
    refusal.refused(409, "settingsIncomplete");
    assert_eq!(refusal.faults().len(), 14);
    let economist = t.economist(id);
    let list = economist.get(&format!("/programmes/{id}/settings")).is(200);
    let path = format!("/programmes/{id}/settings/{}", list["items"][0]["id"].as_str().unwrap());
    let seen = economist.get(&path);
    let mut settings = content(seen.json());
    for activity in settings["activities"].as_array_mut().unwrap() {
        activity["labelSv"] = json!("Aktivitet");
        activity["labelEn"] = json!("Activity");
    }
    economist.if_match(&seen).put(&path, settings).is(200);
    t.manager(id).change(&format!("/programmes/{id}"), "scheduled").is(200);
});

both!(the_same_key_gives_the_same_answer, |t| {
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
