//! Reports outside the normal order: moved dates, people who leave and come back, paper sheets, time after the month is closed
//! or locked. No report may end in a status that nobody can leave.

use samverkan::identity::policy::Role;
use serde_json::{Value, json};

use super::time_reports::{Boden, begun, enter, nils, report, steps, submit};
use crate::both;
use crate::support::Client;
use crate::team::{BODEN, each, patch};

fn task(client: &Client, code: &str) -> Option<Value> {
    let tasks = client.get("/me/tasks").is(200);
    tasks["items"].as_array().unwrap().iter().find(|task| task["code"] == code).cloned()
}

fn path_of(participant: &Value) -> String {
    format!("/participants/{}", participant.as_str().unwrap())
}

fn lock(by: &Client, boden: &Boden, missing: &Value) -> crate::support::Response {
    let body = json!({"to": "locked", "data": {"missing": missing}});
    by.post(&format!("/programmes/{}/months/2021-01/status-changes", boden.programme), body)
}

both!(a_month_outside_the_participation_has_an_empty_report, |t| {
    let boden = begun(t);
    let (path, who) = (report(&boden.maja, "2021-01"), path_of(&boden.participant));
    patch(&boden.coordinator, &who, json!({"validFrom": "2021-02-01"})).is(200);
    assert_eq!(boden.maja.get(&path).is(200)["status"], "empty");
    patch(&boden.coordinator, &who, json!({"validFrom": "2021-01-11"})).is(200);
    assert_eq!(boden.maja.get(&path).is(200)["status"], "open");
    // A report that the person declared empty stays empty.
    boden.maja.change(&path, "empty").is(200);
    patch(&boden.coordinator, &who, json!({"validFrom": "2021-02-01"})).is(200);
    patch(&boden.coordinator, &who, json!({"validFrom": "2021-01-11"})).is(200);
    assert_eq!(boden.maja.get(&path).is(200)["status"], "empty");
    boden.maja.change(&path, "open").is(200);
    patch(&boden.coordinator, &who, json!({"validFrom": "2021-02-01"})).is(200);
    let history = boden.maja.get(&format!("{path}/status-changes")).is(200);
    assert_eq!(each(&history, "to"), ["empty", "open", "empty", "open", "empty"]);
    t.at("2021-02-09T08:00:00+01:00");
    lock(&t.economist(boden.programme), &boden, &json!([])).is(200);
});

both!(a_person_who_did_not_leave_after_all_signs_as_usual, |t| {
    let boden = begun(t);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let proposed = enter(&boden.coordinator, &boden.participant, "2021-01-13", 30);
    let (path, who) = (report(&boden.maja, "2021-01"), path_of(&boden.participant));
    patch(&boden.coordinator, &who, json!({"validTo": "2021-01-28"})).is(200);
    boden.coordinator.change_because(&path, "unsigned", "Slutat.").is(200);
    // The proposal is voided, since nobody is there to confirm it.
    let proposed = format!("/time-entries/{}", proposed["id"].as_str().unwrap());
    assert_eq!(boden.maja.get(&proposed).is(200)["status"], "voided");
    patch(&boden.coordinator, &who, json!({"validTo": null})).is(200);
    boden.maja.change(&path, "open").refused(403, "notYours");
    t.manager(boden.programme).change(&path, "open").refused(403, "notYours");
    let mut ways = boden.coordinator.get(&path).is(200)["allowedTransitions"].clone();
    ways.as_array_mut().unwrap().retain(|step| step["to"] == "open");
    assert_eq!(ways, json!([{"to": "open", "requiresComment": false, "requires": []}]));
    let open = boden.coordinator.change(&path, "open").is(200);
    assert_eq!((&open["status"], &open["reason"]), (&json!("open"), &json!(null)));
    boden.coordinator.change_because(&path, "unsigned", "Slutat.").refused(409, "stateConflict");
    boden.maja.change(&path, "signed").is(200);
});

both!(a_paper_sheet_is_signed_after_the_work_and_approved_by_another_person, |t| {
    let boden = begun(t);
    t.grant(&boden.coordinator, Role::Economist, boden.programme, None);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    patch(&boden.coordinator, &path_of(&boden.participant), json!({"validTo": "2021-01-28"})).is(200);
    boden.coordinator.change_because(&path, "unsigned", "Slutat.").is(200);
    t.at("2021-02-09T08:00:00+01:00");
    let register = |day: &str| {
        let mut data = boden.coordinator.read_before(&path, "signed").unwrap();
        (data["signedOn"], data["checkedBy"]) = (json!(day), json!("Karin Öberg"));
        let body = json!({"to": "signed", "data": data});
        boden.coordinator.post(&format!("{path}/status-changes"), body)
    };
    let early = register("2021-01-11");
    early.refused(422, "invalidInput");
    assert_eq!(early.faults(), [("/data/signedOn".to_owned(), "beforeTheWork".to_owned())]);
    register("2021-01-12").is(200);
    boden.attester.change(&path, "attested").is(200);
    submit(&boden.coordinator, &boden).is(201);
    assert!(!steps(&boden.coordinator.get(&path).is(200)).contains(&"approved"));
    assert!(task(&boden.coordinator, "reportsToApprove").is_none());
    boden.coordinator.change(&path, "approved").refused(403, "ownWork");
    let economist = t.economist(boden.programme);
    assert_eq!(task(&economist, "reportsToApprove").unwrap()["count"], 1);
    economist.change(&path, "approved").is(200);
});

both!(a_returned_report_can_become_empty, |t| {
    let boden = begun(t);
    let entry = enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    boden.maja.change(&path, "signed").is(200);
    t.at("2021-02-09T08:00:00+01:00");
    boden.attester.change_because(&path, "returned", "Fel program.").is(200);
    boden.maja.change(&path, "empty").refused(409, "stateConflict");
    boden.maja.change(&format!("/time-entries/{}", entry["id"].as_str().unwrap()), "voided").is(200);
    t.at("2021-02-20");
    assert!(steps(&boden.maja.get(&path).is(200)).contains(&"empty"));
    let empty = boden.maja.change(&path, "empty").is(200);
    assert_eq!((&empty["status"], &empty["reason"]), (&json!("empty"), &json!(null)));
    lock(&t.economist(boden.programme), &boden, &json!([])).is(200);
});

both!(a_locked_month_accepts_time_only_with_an_exception_and_shows_it_as_tasks, |t| {
    let boden = begun(t);
    let (nils, second) = nils(t, &boden);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let (path, his) = (report(&boden.maja, "2021-01"), report(&nils, "2021-01"));
    boden.maja.change(&path, "signed").is(200);
    t.at("2021-02-09T08:00:00+01:00");
    assert!(steps(&nils.get(&his).is(200)).is_empty());
    assert!(task(&nils, "reportToSign").is_none());
    let economist = t.economist(boden.programme);
    let missing = json!([
        {"participantId": boden.participant, "reason": "Kommer senare."},
        {"participantId": second["id"], "reason": "Sjukskriven."}
    ]);
    lock(&economist, &boden, &missing).is(200);
    boden.attester.change_because(&path, "returned", "Fyll på.").is(200);
    let more = json!({
        "participantId": boden.participant, "workDate": "2021-01-13", "minutes": 30, "kind": "own",
        "activityCode": "development", "description": "Utkast."
    });
    let refusal = boden.maja.post("/time-entries", more.clone()).refused(409, "monthClosed");
    assert_eq!(refusal["currentStatus"], "locked");
    let exception = json!({"programmeId": boden.programme, "month": "2021-01", "kommunkod": BODEN,
        "expiresAt": "2021-02-26T23:00:00Z", "reason": "Sen tid."});
    t.manager(boden.programme).post("/month-exceptions", exception).is(201);
    boden.maja.post("/time-entries", more).is(201);
    boden.maja.change(&path, "signed").is(200);
    // While the exception holds, there is a task, and a report without time can be declared empty.
    assert_eq!(steps(&nils.get(&his).is(200)), ["empty"]);
    assert!(task(&nils, "reportToSign").is_none());
    assert_eq!(task(&nils, "reportToDeclareEmpty").unwrap()["dueAt"], "2021-02-26T23:00:00.000Z");
    enter(&boden.coordinator, &second["id"], "2021-01-14", 30);
    assert_eq!(task(&nils, "entriesToConfirm").unwrap()["count"], 1);

    boden.attester.change(&path, "attested").is(200);
    let href = task(&boden.coordinator, "monthToSubmit").unwrap()["href"].as_str().unwrap().to_owned();
    assert!(href.ends_with(&format!("/months/2021-01/overview?kommunkod={BODEN}")), "{href}");
    boden.coordinator.get(&href).is(200);
    submit(&boden.coordinator, &boden).is(201);
    assert_eq!(economist.change(&path, "approved").is(200)["status"], "locked");
});

both!(recalled_reports_and_the_settlement_period_make_tasks, |t| {
    let boden = begun(t);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    boden.maja.change(&path, "signed").is(200);
    t.at("2021-02-09T08:00:00+01:00");
    boden.attester.change_because(&path, "returned", "Se över.").is(200);
    boden.maja.change(&path, "signed").is(200);
    boden.maja.change(&path, "open").is(200);
    let href = |code: &str| task(&boden.maja, code).map(|task| task["dueAt"].clone());
    assert_eq!(href("reportToSign"), Some(json!("2021-02-16T23:00:00.000Z")));
    t.at("2021-02-20");
    // A report that was signed before can be signed again at any time, unchanged.
    assert_eq!(href("reportToSign"), Some(json!(null)));
    boden.maja.change(&path, "signed").is(200);
    t.at("2022-12-30");
    let before = boden.maja.get("/me/tasks").is(200)["items"].as_array().unwrap().len();
    t.at("2023-01-31");
    // In the settlement period every closed month accepts late reports.
    assert!(boden.maja.get("/me/tasks").is(200)["items"].as_array().unwrap().len() > before + 20);
});

both!(an_offered_step_says_whether_it_needs_a_comment, |t| {
    let boden = begun(t);
    enter(&boden.maja, &boden.participant, "2021-01-16", 240);
    let path = report(&boden.maja, "2021-01");
    boden.maja.change(&path, "signed").is(200);
    let seen = boden.attester.get("/time-reports").is(200)["items"][0]["allowedTransitions"].clone();
    let attest = seen.as_array().unwrap().iter().find(|step| step["to"] == "attested").unwrap().clone();
    assert_eq!(attest["requiresComment"], true);
    boden.attester.change(&path, "attested").refused(422, "invalidInput");
    boden.attester.change_because(&path, "attested", "Mässa på lördagen.").is(200);
});
