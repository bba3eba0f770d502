//! A kommun's milestones: in progress, submitted with evidence, approved or returned; and every refusal.

use samverkan::goals::milestones::MilestoneRow;
use samverkan::identity::policy::Role;
use serde_json::{Value, json};

use super::{BODEN, Network, VASBY, decision, submission};
use crate::both;
use crate::contract::scopes::Rows;
use crate::contract::world::{Offer, Owner};
use crate::identity::{PASSWORD, give_password};
use crate::programmes::draft;
use crate::team::patch;

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "milestoneId",
    owner: Owner::Kommun,
    make: |_, world| {
        let id = world.first_of_boden("/milestones", "&kind=policyDocument");
        // Returned, so that it is among the tasks of Boden's coordinator.
        let path = format!("/milestones/{}", id.as_str().unwrap());
        world.coordinator.change(&path, "inProgress").is(200);
        world.coordinator.post(&format!("{path}/status-changes"), submission(decision())).is(200);
        world.manager.change_because(&path, "returned", "Komplettera.").is(200);
        id
    },
    rows: Some(Rows::by_keys::<MilestoneRow>()),
    ..Offer::NONE
}];

fn steps(milestone: &Value) -> Vec<&str> {
    milestone["allowedTransitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["to"].as_str().unwrap())
        .collect()
}

both!(a_policy_document_from_planned_to_approved, |t| {
    let n = Network::new(t);
    assert_eq!(n.coordinator.get("/milestones").is(200)["_meta"]["totalRecords"], 8);
    assert_eq!(n.manager.get("/milestones").is(200)["_meta"]["totalRecords"], 16);
    let path = n.milestone(BODEN, "policyDocument");
    let planned = n.coordinator.get(&path).is(200);
    assert_eq!(
        (&planned["status"], &planned["dueOn"], &planned["isLate"]),
        (&json!("planned"), &json!("2021-12-31"), &json!(false))
    );
    assert_eq!(steps(&planned), ["inProgress"]);
    let begun = n.coordinator.change(&path, "inProgress").is(200);
    assert_eq!(begun["warnings"][0]["code"], "predecessorMissing");
    assert!(begun["warnings"][0]["detail"].as_str().unwrap().contains("behovsinventering"));

    let changed =
        patch(&n.coordinator, &path, json!({"decision": decision(), "departments": ["Socialförvaltningen"]}));
    assert_eq!(changed.is(200)["decision"]["paragraph"], "§ 214");
    let submitted = n.coordinator.change(&path, "submitted").is(200);
    assert_eq!(submitted["submittedBy"], json!(n.coordinator.id()));
    assert!(steps(&submitted).is_empty());
    assert_eq!(steps(&n.supporter.get(&path).is(200)), ["approved", "returned"]);

    n.supporter.change(&path, "returned").refused(422, "invalidInput");
    let returned = n.supporter.change_because(&path, "returned", "Bifoga protokollet.").is(200);
    assert_eq!(returned["reason"], "Bifoga protokollet.");
    n.coordinator.change(&path, "submitted").is(200);
    let approved = n.supporter.change(&path, "approved").is(200);
    assert_eq!((&approved["status"], &approved["reason"]), (&json!("approved"), &Value::Null));

    let history = n.coordinator.get(&format!("{path}/status-changes")).is(200);
    let to: Vec<&str> =
        history["items"].as_array().unwrap().iter().map(|c| c["to"].as_str().unwrap()).collect();
    assert_eq!(to, ["inProgress", "submitted", "returned", "submitted", "approved"]);
    let told: Vec<String> = t
        .mails()
        .into_iter()
        .map(|(_, body)| body)
        .filter(|body| body.contains("Milstolpen policydokument är"))
        .collect();
    assert_eq!(told.len(), 2);
    assert!(told.iter().any(|body| body.contains("Bifoga protokollet.")));

    n.manager.change_because(&path, "inProgress", "Beslutet upphävdes.").is(200);
    n.manager.change_because(&path, "notApplicable", "Kommunen har redan en policy.").is(200);
    n.manager.change_because(&path, "inProgress", "Policyn gällde annat.").is(200);
});

both!(missing_evidence_is_named_field_by_field, |t| {
    let n = Network::new(t);
    for (kind, missing) in [
        ("anchoring", vec!["/data/decision", "/staffInvolvement"]),
        ("politicalDirection", vec!["/data/decision"]),
        ("policyDocument", vec!["/data/decision"]),
        ("actionPlan", vec!["/data/decision"]),
        ("internalStructure", vec!["/departments", "/description"]),
        ("externalStructure", vec!["/description", "/partners"]),
        ("needsInventory", vec!["/description"]),
        ("business", vec!["/description"]),
    ] {
        let path = n.milestone(BODEN, kind);
        let begun = n.coordinator.change(&path, "inProgress").is(200);
        let refusal = n.coordinator.change(&path, "submitted");
        // What can be sent with the step is missing in the request, the rest in the milestone; both are told at once.
        match missing.contains(&"/data/decision") {
            true => refusal.refused(422, "invalidInput"),
            false => refusal.refused(409, "stateConflict"),
        };
        let told: Vec<String> = begun["missing"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| format!("/{}", part["field"].as_str().unwrap()))
            .collect();
        let mut named: Vec<String> = missing.iter().map(|at| at.replace("/data", "")).collect();
        named.sort();
        let mut sorted = told.clone();
        sorted.sort();
        assert_eq!(sorted, named, "{kind}");
        let pointers: Vec<String> = refusal.faults().into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(pointers, missing, "{kind}");
    }
    let anchoring = n.milestone(BODEN, "anchoring");
    let staff = json!({"date": "2021-01-04", "departments": ["Socialförvaltningen"], "number": 12});
    patch(&n.coordinator, &anchoring, json!({"decision": decision(), "staffInvolvement": staff})).is(200);
    n.coordinator.change(&anchoring, "submitted").is(200);
});

both!(wrong_evidence_is_refused_with_every_error, |t| {
    let n = Network::new(t);
    let path = n.milestone(BODEN, "anchoring");
    let mut future = decision();
    future["decidedOn"] = json!("2021-01-05");
    let staff = json!({"date": "2021-01-05", "departments": [" "], "number": 12});
    let refusal = patch(&n.coordinator, &path, json!({"decision": future, "staffInvolvement": staff}));
    refusal.refused(422, "invalidInput");
    let pointers: Vec<String> = refusal.faults().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(
        pointers,
        ["/decision/decidedOn", "/staffInvolvement/date", "/staffInvolvement/departments/0"]
    );
    let incomplete = json!({"decision": {"body": "Kommunstyrelsen", "decidedOn": "2020-12-14"}});
    patch(&n.coordinator, &path, incomplete).refused(422, "invalidInput");
    patch(&n.coordinator, &path, json!({"colour": "blue"})).refused(400, "invalidBody");
    n.coordinator.change(&path, "inProgress").is(200);
    n.coordinator.post(&format!("{path}/status-changes"), submission(future)).refused(422, "invalidInput");
    let with_data = json!({"to": "notApplicable", "comment": "x", "data": {"decision": decision()}});
    let refusal = n.manager.post(&format!("{path}/status-changes"), with_data);
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/data/decision".into(), "notForThisStep".into())]);
});

both!(a_late_submission_needs_a_justification, |t| {
    let n = Network::new(t);
    let path = n.milestone(BODEN, "politicalDirection");
    let moved = patch(&n.manager, &path, json!({"dueOn": "2021-02-01"})).is(200);
    assert_eq!(moved["dueOn"], "2021-02-01");
    n.coordinator.change(&path, "inProgress").is(200);
    t.at("2021-02-01T23:59:00+01:00");
    assert_eq!(n.coordinator.get(&path).is(200)["isLate"], false);
    t.at("2021-02-01");
    assert_eq!(n.coordinator.get(&path).is(200)["isLate"], true);
    let refusal = n.coordinator.post(&format!("{path}/status-changes"), submission(decision()));
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/data/latenessJustification".into(), "required".into())]);
    let offer = &n.coordinator.get(&path).is(200)["allowedTransitions"][0];
    assert_eq!(offer["requires"], json!(["decision", "latenessJustification"]));
    let refusal = n.coordinator.change(&path, "submitted");
    let missing: Vec<String> = refusal.faults().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(missing, ["/data/decision", "/data/latenessJustification"]);
    let late = json!({"to": "submitted", "data": {"decision": decision(), "latenessJustification": "Mötet sköts upp."}});
    let submitted = n.coordinator.post(&format!("{path}/status-changes"), late).is(200);
    assert_eq!(
        (&submitted["isLate"], &submitted["latenessJustification"]),
        (&json!(false), &json!("Mötet sköts upp."))
    );
    patch(&n.manager, &path, json!({"dueOn": "2021-03-01"})).refused(409, "stateConflict");
    patch(&n.coordinator, &path, json!({"decision": null})).refused(409, "stateConflict");
});

both!(nobody_approves_their_own_submission, |t| {
    let n = Network::new(t);
    let roles = [
        (Role::Coordinator, Some(n.programme), Some(BODEN)),
        (Role::ProcessSupporter, Some(n.programme), Some(BODEN)),
    ];
    let both = t.person("Koordinator och processtödjare", &roles);
    let path = n.milestone(BODEN, "actionPlan");
    both.change(&path, "inProgress").is(200);
    let submitted = both.post(&format!("{path}/status-changes"), submission(decision())).is(200);
    assert!(steps(&submitted).is_empty());
    both.change(&path, "approved").refused(403, "ownWork");
    both.change_because(&path, "returned", "Hoppsan.").refused(403, "ownWork");
    n.manager.change(&path, "approved").is(200);
});

both!(no_coordinator_of_the_kommun_reviews_its_milestones, |t| {
    let n = Network::new(t);
    let manages = (Role::ProgrammeManager, Some(n.programme), None);
    let both = t.person(
        "Projektledare och koordinator",
        &[manages, (Role::Coordinator, Some(n.programme), Some(BODEN))],
    );
    let (path, plan) = (n.submitted("policyDocument"), n.milestone(BODEN, "actionPlan"));
    assert!(steps(&both.get(&path).is(200)).is_empty());
    both.change(&path, "approved").refused(403, "ownWork");
    both.change_because(&path, "returned", "Hoppsan.").refused(403, "ownWork");
    assert_eq!(steps(&both.get(&plan).is(200)), ["inProgress"]);
    both.change_because(&plan, "notApplicable", "Vi vill inte.").refused(403, "ownWork");
    let to_review = |client: &crate::support::Client| {
        let tasks = client.get("/me/tasks").is(200);
        tasks["items"].as_array().unwrap().iter().any(|task| task["code"] == "milestonesToReview")
    };
    assert!(!to_review(&both) && to_review(&n.manager));
    // The coordinator's role does not cover another kommun's milestones, so the manager's role is enough.
    let other = n.milestone(VASBY, "actionPlan");
    both.change_because(&other, "notApplicable", "Redan antagen.").is(200);
    n.manager.change(&path, "approved").is(200);
});

both!(other_kommuner_see_nothing_and_the_wrong_role_is_refused, |t| {
    let n = Network::new(t);
    let path = n.milestone(BODEN, "policyDocument");
    let vasby = t.in_kommun(Role::Coordinator, n.programme, VASBY);
    vasby.get(&path).refused(404, "notFound");
    vasby.patch(&path, json!({"decision": decision()})).refused(404, "notFound");
    vasby.change(&path, "inProgress").refused(404, "notFound");
    t.in_kommun(Role::ProcessSupporter, n.programme, VASBY).get(&path).refused(404, "notFound");
    t.anonymous().get(&path).refused(401, "unauthenticated");
    t.in_programme(Role::MethodDeveloper, n.programme).get(&path).refused(403, "forbidden");
    t.in_kommun(Role::Attester, n.programme, BODEN).get(&path).refused(403, "forbidden");
    for role in [Role::Participant, Role::KommunReader] {
        let reader = t.in_kommun(role, n.programme, BODEN);
        assert!(steps(&reader.get(&path).is(200)).is_empty());
        reader.change(&path, "inProgress").refused(403, "forbidden");
    }
    n.supporter.change(&path, "inProgress").refused(403, "notYours");
    n.manager.change(&path, "inProgress").refused(403, "notYours");
    n.coordinator.change_because(&path, "notApplicable", "Vi vill inte.").refused(403, "notYours");
    patch(&n.coordinator, &path, json!({"dueOn": "2022-01-31"})).refused(403, "notYours");
    patch(&n.manager, &path, json!({"decision": decision()})).refused(403, "notYours");
    // A manager who is in the team is told that it is their own case, whatever else they may change as its coordinator.
    let own = t.in_kommun(Role::Coordinator, n.programme, BODEN);
    t.grant(&own, Role::ProgrammeManager, n.programme, None);
    patch(&own, &path, json!({"dueOn": "2022-01-31"})).refused(403, "ownWork");
    patch(&own, &path, json!({"decision": decision()})).is(200);
    n.coordinator.change(&path, "approved").refused(409, "transitionNotAllowed");
    patch(&n.manager, &path, json!({"dueOn": "2023-01-31"})).refused(422, "invalidInput");
    n.coordinator.patch(&path, json!({"decision": decision()})).refused(428, "preconditionRequired");
});

both!(a_process_supporter_reviews_many_in_one_batch, |t| {
    let n = Network::new(t);
    let (policy, plan) = (n.submitted("policyDocument"), n.submitted("actionPlan"));
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let other = n.milestone(VASBY, "business");
    let items: Vec<Value> =
        [&policy, &plan, &other].iter().map(|path| json!({"id": id(path), "to": "approved"})).collect();
    let tried =
        n.supporter.post("/milestones/status-changes/batch", json!({"dryRun": true, "items": items})).is(200);
    assert_eq!(
        (&tried["isKept"], &tried["succeeded"], &tried["failed"]),
        (&json!(false), &json!(2), &json!(1))
    );
    assert_eq!(tried["items"][2]["problem"]["code"], "notFound");
    let kept = n.supporter.post("/milestones/status-changes/batch", json!({"items": items})).is(200);
    assert_eq!(kept["succeeded"], 2);
    let approved = n.coordinator.get("/milestones?status=approved&sort=-position").is(200);
    assert_eq!(approved["items"][0]["kind"], "actionPlan");
    let due = n.manager.get("/milestones?dueOnTo=2021-03-31&status=planned").is(200);
    assert_eq!(due["_meta"]["totalRecords"], 2);
});

both!(the_open_milestones_of_a_kommun_that_leaves_do_not_apply, |t| {
    let n = Network::new(t);
    let policy = n.submitted("policyDocument");
    let list = format!("/applications?programmeId={}&kommunkod={BODEN}", n.programme);
    let application = n.manager.get(&list).is(200)["items"][0]["id"].as_str().unwrap().to_owned();
    n.manager.change_because(&format!("/applications/{application}"), "terminated", "Ny majoritet.").is(200);
    let plan = n.manager.get(&n.milestone(BODEN, "actionPlan")).is(200);
    assert_eq!((&plan["status"], &plan["reason"]), (&json!("notApplicable"), &json!("Ny majoritet.")));
    assert_eq!(n.manager.get(&policy).is(200)["status"], "submitted");
    assert_eq!(n.manager.get(&n.milestone(VASBY, "actionPlan")).is(200)["status"], "planned");
});

both!(an_item_that_the_caller_only_sees_is_refused_as_in_a_request_of_its_own, |t| {
    let network = Network::new(t);
    // Manager of one programme, and economist, who only reads, of the other.
    let roles =
        [(Role::ProgrammeManager, Some(draft(t)), None), (Role::Economist, Some(network.programme), None)];
    let caller = t.person("two", &roles);
    let path = network.milestone(BODEN, "policyDocument");
    let id = caller.get(&path).is(200)["id"].clone();
    let change = json!({"to": "approved", "comment": "Klart."});
    caller.post(&format!("{path}/status-changes"), change.clone()).refused(403, "notYours");
    let mut item = change;
    item["id"] = id;
    let batch = caller.post("/milestones/status-changes/batch", json!({"items": [item]})).is(200);
    assert_eq!(batch["items"][0]["status"], 403, "{batch}");
    assert_eq!(batch["items"][0]["problem"]["code"], "notYours", "{batch}");
});

both!(what_the_review_said_is_read_on_the_page, |t| {
    let n = Network::new(t);
    let path = n.submitted("policyDocument");
    let email = give_password(t, n.coordinator.id());
    n.supporter.change_because(&path, "returned", "Bifoga <protokollet>.").is(200);
    let address = format!("https://app.example.org{path}");
    assert!(t.mails().iter().any(|(to, mail)| *to == email && mail.contains(&address)));
    let read = |who: &str| t.anonymous().form(&format!("/{path}"), &[("email", who), ("password", PASSWORD)]);
    let page = read(&email);
    let words = [
        "Boden",
        "återlämnad",
        "Bifoga &#60;protokollet&#62;.",
        "Kommunstyrelsen, 2020-12-14, § 214, KS 2020/0457",
    ];
    page.shows(200, &words);
    crate::identity::with_password(t, "Någon Annan", "annan@example.org");
    let refused = read("annan@example.org");
    assert!(refused.status == 403 && !refused.text.contains("Boden"), "{}", refused.text);
});

both!(one_step_may_name_the_version_that_was_read, |t| {
    let n = Network::new(t);
    let path = n.milestone(BODEN, "policyDocument");
    let read = n.coordinator.get(&path).is(200)["version"].as_i64().unwrap();
    let step = |version: i64| {
        n.coordinator.post(&format!("{path}/status-changes"), json!({"to": "inProgress", "version": version}))
    };
    step(read + 1).refused(412, "versionMismatch");
    step(read).is(200);
    // The refusal names the steps that the milestone itself offers.
    let refused = step(read + 1).refused(409, "transitionNotAllowed");
    assert_eq!(refused["allowedTransitions"], n.coordinator.get(&path).is(200)["allowedTransitions"]);
});
