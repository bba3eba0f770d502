//! What four pages of a frontend ask for after login: each needs at most three calls, and what it shows is in their answers.

use std::cell::Cell;

use samverkan::identity::policy::Role;
use serde_json::{Value, json};

use crate::both;
use crate::goals::{Network, decision};
use crate::support::{Client, TestApp};
use crate::team::BODEN;
use crate::time::month_submissions::january;
use crate::time::time_reports::{Boden, begun, enter, nils, report, steps};

/// The most calls of a page.
const MOST_CALLS: u32 = 3;

/// A page of a frontend: somebody who is logged in, with the number of their calls.
struct Page<'c> {
    who: &'c Client,
    calls: Cell<u32>,
}

impl<'c> Page<'c> {
    fn of(who: &'c Client) -> Self {
        Self { who, calls: Cell::new(0) }
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.calls.set(self.calls.get() + 1);
        assert!(self.calls.get() <= MOST_CALLS, "a call too many: {path}");
        self.who.get(path).is(200)
    }

    /// The first role of whoever is logged in: a page begins with where they are.
    #[track_caller]
    fn place(&self) -> (String, String) {
        let me = self.get("/me");
        let text = |name: &str| me["roles"][0][name].as_str().unwrap_or_default().to_owned();
        (text("programmeId"), text("kommunkod"))
    }
}

/// Fails unless the object has a value at each of these pointers.
#[track_caller]
fn shows(object: &Value, pointers: &[&str]) {
    for pointer in pointers {
        let value = object.pointer(pointer);
        assert!(value.is_some_and(|value| !value.is_null()), "{pointer} is missing in {object:#}");
    }
}

/// Boden's January: Maja's report was returned and is submitted again, Nils waits for the attest.
fn a_month_under_way(t: &TestApp) -> (Boden, Client) {
    let boden = begun(t);
    let (nils, participant) = nils(t, &boden);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    enter(&nils, &participant["id"], "2021-01-13", 120);
    let economist = t.economist(boden.programme);
    let (majas, nilses) = (report(&boden.maja, "2021-01"), report(&nils, "2021-01"));
    boden.maja.change(&majas, "signed").is(200);
    nils.change(&nilses, "signed").is(200);
    boden.attester.change(&majas, "attested").is(200);
    boden.coordinator.post("/month-submissions", january(boden.programme)).is(201);
    economist.change_because(&majas, "returned", "Beskriv arbetet.").is(200);
    (boden, nils)
}

both!(a_coordinators_month_takes_two_calls, |t| {
    let (boden, _) = a_month_under_way(t);
    let page = Page::of(&boden.coordinator);
    let (programme, _) = page.place();
    let month = page.get(&format!("/programmes/{programme}/months/2021-01/overview"));
    shows(&month, &["/monthStatus", "/graceEndsAt", "/totals/totalMinutes"]);
    let team = &month["teams"][0];
    assert_eq!((&team["kommunName"], &team["kommunkod"]), (&json!("Boden"), &json!(BODEN)));
    assert_eq!(team["attesters"][0]["id"], json!(boden.attester.id()));
    shows(team, &["/attesters/0/name", "/canSubmit", "/sums/missingCount", "/sums/readyCount"]);
    shows(team, &["/lastSubmission/id", "/lastSubmission/submittedAt", "/lastSubmission/submittedBy/name"]);
    assert_eq!(team["lastSubmission"]["status"], "returned");
    let people = month["participants"].as_array().unwrap();
    assert_eq!(people.len(), 2);
    for person in people {
        let shown = ["/name", "/function", "/status", "/minutesByKind/own", "/totalMinutes", "/missing/0"];
        shows(person, &shown);
        shows(person, &["/timeReportId", "/timeReportVersion", "/allowedTransitions", "/proposedEntries"]);
    }
    let maja = people.iter().find(|person| person["name"] == "Maja Lind").unwrap();
    assert_eq!(
        (&maja["status"], &maja["lastReturn"]["comment"]),
        (&json!("returned"), &json!("Beskriv arbetet."))
    );
    shows(maja, &["/lastReturn/by/name", "/lastReturn/at"]);
    let nils = people.iter().find(|person| person["name"] == "Nils Berg").unwrap();
    assert_eq!((&nils["status"], &nils["missing"]), (&json!("signed"), &json!(["attest"])));
});

both!(an_attesters_inbox_takes_three_calls, |t| {
    let (boden, _) = a_month_under_way(t);
    let page = Page::of(&boden.attester);
    let (programme, _) = page.place();
    let inbox = page.get(&format!("/time-reports?programmeId={programme}&status=signed&limit=100"));
    let waiting = inbox["items"].as_array().unwrap();
    assert_eq!(waiting.len(), 1);
    let report = &waiting[0];
    assert_eq!((&report["participantName"], &report["kommunName"]), (&json!("Nils Berg"), &json!("Boden")));
    shows(
        report,
        &["/month", "/minutesByKind/own", "/totalMinutes", "/contentSha256", "/signedAt", "/version"],
    );
    assert_eq!(steps(report), ["attested", "returned"]);
    let entries =
        page.get(&format!("/time-entries?timeReportId={}&limit=1000", report["id"].as_str().unwrap()));
    let entry = &entries["items"][0];
    shows(
        entry,
        &["/workDate", "/minutes", "/kind", "/activityCode", "/description", "/participantName", "/warnings"],
    );
    // What the page shows is enough to attest.
    let attest = json!({"to": "attested", "data": {"sha256": report["contentSha256"]}});
    let path = format!("/time-reports/{}/status-changes", report["id"].as_str().unwrap());
    boden.attester.post(&path, attest).is(200);
});

both!(a_managers_table_of_applications_takes_two_calls, |t| {
    let network = Network::new(t);
    let page = Page::of(&network.manager);
    let (programme, _) = page.place();
    let table = page.get(&format!("/applications?programmeId={programme}&limit=1000"));
    assert_eq!(table["_meta"]["totalRecords"], 2);
    let boden = table["items"].as_array().unwrap().iter().find(|row| row["kommunkod"] == BODEN).unwrap();
    assert_eq!(boden["kommunName"], "Boden");
    assert_eq!(
        (&boden["status"], &boden["latestLetter"]["status"]),
        (&json!("participating"), &json!("received"))
    );
    shows(
        boden,
        &[
            "/contactName",
            "/contactEmail",
            "/receivedAt",
            "/maturity",
            "/latestLetter/id",
            "/latestLetter/deadline",
        ],
    );
    assert_eq!(steps(boden), ["completed", "terminated"]);
    for field in ["respondBy", "isLate", "reason", "lastComment", "registryNumber"] {
        assert!(boden.get(field).is_some(), "{field}");
    }
});

both!(a_page_of_milestones_takes_two_calls, |t| {
    let network = Network::new(t);
    let path = network.submitted("policyDocument");
    network.supporter.change_because(&path, "returned", "Bilaga saknas.").is(200);
    let page = Page::of(&network.coordinator);
    let (programme, kommunkod) = page.place();
    let list = page.get(&format!("/milestones?programmeId={programme}&kommunkod={kommunkod}&limit=100"));
    let chain = list["items"].as_array().unwrap();
    assert_eq!(chain.len(), 8);
    for step in chain {
        shows(
            step,
            &["/kind", "/kommunName", "/status", "/dueOn", "/isLate", "/allowedTransitions", "/history"],
        );
    }
    let policy = chain.iter().find(|step| step["kind"] == "policyDocument").unwrap();
    assert_eq!(policy["decision"]["body"], decision()["body"]);
    let last = &policy["lastComment"];
    assert_eq!((&last["comment"], &last["to"]), (&json!("Bilaga saknas."), &json!("returned")));
    assert_eq!(last["by"]["id"], json!(network.supporter.id()));
    let history = policy["history"].as_array().unwrap();
    let went: Vec<&str> = history.iter().map(|step| step["to"].as_str().unwrap()).collect();
    assert_eq!(went, ["inProgress", "submitted", "returned"]);
    assert_eq!(history[1]["by"]["name"], policy["submittedByName"]);
    // A kommun's reader sees the same, without names.
    let reader = t.in_kommun(Role::KommunReader, network.programme, BODEN);
    let seen = reader.get(&path).is(200);
    assert_eq!(
        (&seen["lastComment"]["comment"], &seen["submittedByName"]),
        (&json!("Bilaga saknas."), &Value::Null)
    );
    let told = reader.get(&format!("{path}/status-changes")).is(200);
    assert_eq!(told["items"].as_array().unwrap().len(), 3);
    for by in [&seen["lastComment"]["by"], &seen["history"][0]["by"], &told["items"][0]["by"]] {
        assert!(by["id"].is_string() && by.get("name").is_none(), "{by}");
    }
    // SKR's names are shown to the kommun.
    let to_kommun = network.coordinator.get(&format!("{path}/status-changes")).is(200);
    assert_eq!(to_kommun["items"][2]["by"]["name"], format!("{} {BODEN}", Role::ProcessSupporter));
});
