//! Everyone's tasks, through a call and into the work.

use samverkan::identity::policy::Role;
use serde_json::{Value, json};

use crate::both;
use crate::goals::{BODEN, Network, VASBY};
use crate::programmes::{draft, open};
use crate::support::{Client, TestApp};
use crate::team::employments::employment;
use crate::team::{coordinator, maja, running};
use crate::time::month_submissions::january;

fn tasks(client: &Client) -> Vec<Value> {
    client.get("/me/tasks").is(200)["items"].as_array().unwrap().clone()
}

fn codes(client: &Client) -> Vec<String> {
    tasks(client).iter().map(|task| task["code"].as_str().unwrap().to_owned()).collect()
}

fn task(client: &Client, code: &str) -> Value {
    let found = tasks(client).into_iter().find(|task| task["code"] == code);
    found.unwrap_or_else(|| panic!("no {code} in {:?}", codes(client)))
}

/// Every task links to a resource that its holder may read.
fn all_can_be_followed(client: &Client) {
    for task in tasks(client) {
        client.get(task["href"].as_str().unwrap()).is(200);
    }
}

both!(a_call_from_interest_to_place, |t| {
    t.anonymous().get("/me/tasks").refused(401, "unauthenticated");
    let planned = draft(t);
    assert_eq!(task(&t.manager(planned), "programmeToSchedule")["dueAt"], "2020-10-05T06:00:00.000Z");
    let programme = open(t);
    let manager = t.manager(programme);
    assert!(codes(&manager).contains(&"staffingGap".to_owned()));
    let interest = json!({
        "kommunkod": BODEN, "contactName": "Strateg", "contactEmail": "strateg@example.org",
        "motivation": "Vi vill.", "maturity": 2, "departments": ["Socialförvaltningen"],
    });
    t.anonymous().post(&format!("/programmes/{programme}/applications"), interest);
    let (id, token) = t.link_for("strateg@example.org");
    assert!(!codes(&manager).contains(&"applicationsToAnswer".to_owned()));
    let proof = json!({"token": token, "password": "ett långt lösenord 2020"});
    t.anonymous().post(&format!("/applications/{id}/verification"), proof).is(200);
    assert_eq!(task(&manager, "applicationsToAnswer")["count"], 1);
    all_can_be_followed(&manager);

    let applicant = t.login_as("strateg@example.org");
    assert!(codes(&applicant).is_empty());
    let path = format!("/applications/{id}");
    manager.change_because(&path, "changesRequested", "Ange förvaltningar.").is(200);
    assert_eq!(codes(&applicant), ["applicationToComplete"]);
    applicant.change(&path, "submitted").is(200);
    manager.change(&path, "invited").is(200);
    // The answer is given after the information meeting.
    assert!(codes(&applicant).is_empty());
    t.at("2020-11-06T15:00:00+01:00");
    let confirm = task(&applicant, "interestToConfirm");
    assert_eq!((&confirm["rel"], &confirm["to"]), (&json!("changeStatus"), &json!("confirmed")));
    assert_eq!(task(&applicant, "interestToConfirm")["id"], confirm["id"]);
    assert_eq!(confirm["dueAt"], "2020-11-10T23:00:00.000Z");
    assert_eq!(confirm["title"], "Bekräfta intresset eller tacka nej");
    let english = applicant.header("Accept-Language", "en").get("/me/tasks").is(200);
    assert_eq!(english["items"][0]["title"], "Confirm the interest or decline");
    applicant.change(&path, "confirmed").is(200);
    assert_eq!(task(&applicant, "letterToWrite")["dueAt"], "2020-11-15T23:00:00.000Z");
    all_can_be_followed(&applicant);
    sign_letter(t, &applicant, &id);
    assert!(codes(&applicant).is_empty());
    t.at("2020-11-15");
    let decide = task(&manager, "programmeToDecide");
    assert_eq!(decide["dueAt"], "2020-12-31T23:00:00.000Z");
    manager.change(&format!("/programmes/{programme}"), "decided").is(200);
    assert!(codes(&manager).contains(&"programmeToStart".to_owned()));
});

fn sign_letter(t: &TestApp, applicant: &Client, application: &str) {
    let signers = json!([
        {"signerRole": "municipalDirector", "name": "Direktör", "title": "Kommundirektör", "email": "direktor@example.org"},
        {"signerRole": "executiveBoardChair", "name": "Ordförande", "title": "Ordförande", "email": "ordforande@example.org"},
    ]);
    let letter =
        applicant.post("/avsiktsforklaringar", json!({"applicationId": application, "signers": signers}));
    let path = format!("/avsiktsforklaringar/{}", letter.id());
    assert_eq!(codes(applicant), ["letterToSend"]);
    applicant.change(&path, "sentForSignature").is(200);
    assert!(codes(applicant).is_empty());
    for email in ["direktor@example.org", "ordforande@example.org"] {
        let signer = t.login_as(email);
        assert_eq!(codes(&signer), ["letterToSign"]);
        all_can_be_followed(&signer);
        let sha256 = signer.get(&path).is(200)["textSha256"].clone();
        signer.post(&format!("{path}/signatures"), json!({"method": "account", "sha256": sha256})).is(201);
        assert!(codes(&signer).is_empty());
    }
}

both!(milestones_are_tasks_of_the_coordinator_and_then_of_the_reviewers, |t| {
    let n = Network::new(t);
    let milestones = |client: &Client| -> Vec<String> {
        codes(client).into_iter().filter(|code| code.starts_with("milestone")).collect()
    };
    assert!(milestones(&n.coordinator).is_empty());
    t.at("2021-03-02T09:00:00+01:00");
    let due = task(&n.coordinator, "milestoneDue");
    assert_eq!(
        (&due["dueAt"], &due["title"]),
        (&json!("2021-03-31T22:00:00.000Z"), &json!("Milstolpe att lämna in: behovsinventering"))
    );
    let path = n.submitted("policyDocument");
    assert_eq!(milestones(&n.supporter), ["milestonesToReview"]);
    assert_eq!(task(&n.supporter, "milestonesToReview")["title"], "Milstolpar att granska: Boden");
    assert_eq!(milestones(&n.manager), ["milestonesToReview"]);
    assert!(milestones(&t.in_kommun(Role::ProcessSupporter, n.programme, VASBY)).is_empty());
    all_can_be_followed(&n.supporter);
    n.supporter.change_because(&path, "returned", "Protokollet saknas.").is(200);
    assert!(milestones(&n.supporter).is_empty());
    t.at("2021-03-31");
    assert_eq!(milestones(&n.coordinator), ["milestoneLate", "milestoneReturned"]);
    all_can_be_followed(&n.coordinator);
});

both!(the_manager_sees_the_kommuner_without_staff, |t| {
    let n = Network::new(t);
    let gaps = || -> Vec<Value> {
        tasks(&n.manager).into_iter().filter(|task| task["code"] == "staffingGap").collect()
    };
    let titles: Vec<String> = gaps().iter().map(|gap| gap["title"].as_str().unwrap().to_owned()).collect();
    assert!(titles.contains(&"Någon saknas: kommuner utan attestant (2)".to_owned()), "{titles:?}");
    t.in_kommun(Role::Attester, n.programme, BODEN);
    t.in_kommun(Role::Attester, n.programme, VASBY);
    t.economist(n.programme);
    assert!(gaps().iter().all(|gap| !gap["title"].as_str().unwrap().contains("attestant")));
    all_can_be_followed(&n.manager);
});

both!(a_months_time_from_a_proposed_entry_to_the_lock, |t| {
    let programme = running(t);
    let coordinator = coordinator(t, programme, BODEN);
    let added = coordinator.post("/participants", maja(programme)).is(201);
    coordinator.post("/employments", employment(programme, &added["personId"])).is(201);
    t.at("2021-01-29T08:00:00+01:00");
    let (attester, economist) = (t.in_kommun(Role::Attester, programme, BODEN), t.economist(programme));
    let maja = t.login_as("maja.lind@boden.example");
    let entry = json!({
        "participantId": added["id"], "workDate": "2021-01-13", "minutes": 30, "kind": "own",
        "activityCode": "development", "description": "Genomgång av upphandlingar.",
    });
    let entry = coordinator.post("/time-entries", entry).is(201);
    assert_eq!(codes(&maja), ["entriesToConfirm"]);
    assert!(codes(&attester).is_empty());

    t.at("2021-02-01T08:00:00+01:00");
    // The report cannot be signed before its entries are confirmed.
    assert_eq!(codes(&maja), ["entriesToConfirm"]);
    maja.change(&format!("/time-entries/{}", entry["id"].as_str().unwrap()), "recorded").is(200);
    assert_eq!(codes(&maja), ["reportToSign"]);
    let sign = task(&maja, "reportToSign");
    assert_eq!((&sign["dueAt"], &sign["kommunkod"]), (&json!("2021-02-05T23:00:00.000Z"), &json!(BODEN)));
    all_can_be_followed(&maja);
    let report = maja.get(sign["href"].as_str().unwrap()).is(200);
    let path = format!("/time-reports/{}", report["id"].as_str().unwrap());
    maja.change(&path, "signed").is(200);
    assert!(codes(&maja).is_empty());

    assert_eq!(codes(&attester), ["reportsToAttest"]);
    all_can_be_followed(&attester);
    attester.change(&path, "attested").is(200);
    assert!(codes(&attester).is_empty());
    assert_eq!(task(&coordinator, "monthToSubmit")["title"], "Månad att lämna in: 2021-01");
    all_can_be_followed(&coordinator);
    coordinator.post("/month-submissions", january(programme)).is(201);
    assert!(codes(&coordinator).is_empty());

    assert_eq!(codes(&economist), ["reportsToApprove"]);
    all_can_be_followed(&economist);
    economist.change(&path, "approved").is(200);
    assert!(codes(&economist).is_empty());
    t.at("2021-02-09T08:00:00+01:00");
    assert_eq!(codes(&economist), ["monthsToLock"]);
    all_can_be_followed(&economist);
    economist.change(&format!("/programmes/{programme}/months/2021-01"), "locked").is(200);
    assert!(codes(&economist).is_empty());
});
