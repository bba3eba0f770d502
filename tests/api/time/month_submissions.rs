//! Month submissions and the month overview.

use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use samverkan::time::month_submissions::SubmissionRow;
use serde_json::{Value, json};

use super::time_reports::{Boden, begun, enter, join, nils, report, steps, submit};
use crate::both;
use crate::contract::scopes::Rows;
use crate::contract::world::{Offer, Owner, Wish};
use crate::programmes::content;
use crate::team::{BODEN, LULEA, coordinator, each, maja, running, with};

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "monthSubmissionId",
    owner: Owner::Kommun,
    make: |_, world| {
        world.coordinator.post("/month-submissions", january(world.programme)).is(201)["id"].clone()
    },
    wishes: |world| vec![Wish::post("/month-submissions", january(world.programme))],
    rows: Some(Rows::by_keys::<SubmissionRow>()),
}];

/// The request that submits Boden's January.
pub fn january(programme: Id) -> Value {
    json!({"programmeId": programme, "organisation": "kommun", "kommunkod": BODEN, "month": "2021-01"})
}

both!(late_reports_come_with_a_second_submission, |t| {
    let boden = begun(t);
    let (nils, participant) = nils(t, &boden);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    enter(&nils, &participant["id"], "2021-01-12", 120);
    for person in [&boden.maja, &nils] {
        let path = report(person, "2021-01");
        person.change(&path, "signed").is(200);
    }
    boden.attester.change(&report(&boden.maja, "2021-01"), "attested").is(200);
    let first = submit(&boden.coordinator, &boden);
    // Nils's report is signed, but not attested.
    let handed = first.is(201);
    assert_eq!(
        (&handed["missingParticipantIds"], &handed["totalMinutes"]),
        (&json!([participant["id"]]), &json!(240))
    );
    boden.attester.change(&report(&nils, "2021-01"), "attested").is(200);
    t.at("2021-01-31T09:00:00+01:00");
    let second = submit(&boden.coordinator, &boden).is(201);
    assert_eq!((&second["missingParticipantIds"], &second["totalMinutes"]), (&json!([]), &json!(120)));

    let path = format!("/month-submissions/{}", first.id());
    assert!(first.header("location").unwrap().ends_with(&path));
    assert_eq!(boden.coordinator.get(&path).is(200)["submittedBy"], json!(boden.coordinator.id()));
    let list = boden.coordinator.get("/month-submissions?month=2021-01&sort=createdAt").is(200);
    assert_eq!(each(&list, "totalMinutes"), [json!(240), json!(120)]);
    let lulea = coordinator(t, boden.programme, LULEA);
    lulea.get(&path).refused(404, "notFound");
    assert_eq!(lulea.get("/month-submissions").is(200)["items"], json!([]));
    boden.maja.get(&path).refused(403, "forbidden");
    t.in_programme(Role::Auditor, boden.programme).get(&path).is(200);
    let auditor = t.in_programme(Role::Auditor, boden.programme);
    submit(&auditor, &boden).refused(403, "forbidden");
    let never = with(january(boden.programme), json!({"month": "2023-01"}));
    let refusal = boden.coordinator.post("/month-submissions", never);
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/month".to_owned(), "unknownMonth".to_owned())]);
});

both!(a_month_is_not_submitted_before_its_last_day, |t| {
    let programme = running(t);
    let coordinator = coordinator(t, programme, BODEN);
    let participant = join(&coordinator, programme, maja(programme));
    t.at("2021-01-29T08:00:00+01:00");
    let boden = Boden {
        programme,
        attester: t.in_kommun(Role::Attester, programme, BODEN),
        maja: t.login_as("maja.lind@boden.example"),
        participant: participant["id"].clone(),
        coordinator,
    };
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    boden.maja.change(&path, "signed").is(200);
    boden.attester.change(&path, "attested").is(200);
    let overview = format!("/programmes/{programme}/months/2021-01/overview");
    let offers = || {
        let overview = boden.coordinator.get(&overview).is(200);
        let leads = overview["_links"].as_array().unwrap().iter().any(|link| link["rel"] == "submit");
        assert_eq!(overview["teams"][0]["canSubmit"], json!(leads));
        leads
    };
    for early in ["2021-01-29T08:00:00+01:00", "2021-01-30T23:59:59+01:00"] {
        t.at(early);
        assert!(!offers(), "{early}");
        let refusal = submit(&boden.coordinator, &boden);
        refusal.refused(409, "stateConflict");
        assert_eq!(refusal.faults(), [("/month".to_owned(), "notYet".to_owned())]);
        assert_eq!(boden.coordinator.get("/me/tasks").is(200)["items"], json!([]));
    }
    assert_eq!(boden.maja.get(&path).is(200)["status"], "attested");
    // The last day begins in Sweden.
    t.at("2021-01-30T23:00:00Z");
    assert!(offers());
    submit(&boden.coordinator, &boden).is(201);
});

both!(concurrent_requests_submit_a_month_once, |t| {
    let boden = begun(t);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    boden.maja.change(&path, "signed").is(200);
    boden.attester.change(&path, "attested").is(200);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let asked: Vec<_> =
            (0..6).map(|_| scope.spawn(|| submit(&boden.coordinator, &boden).status)).collect();
        asked.into_iter().map(|answer| answer.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 5, "{statuses:?}");
});

both!(without_attestation_the_signed_report_is_submitted, |t| {
    let boden = begun(t);
    let economist = t.economist(boden.programme);
    // The settings of the month's first day decide for its reports. The month has begun, so that another role adopts them.
    let settings = format!("/programmes/{}/settings", boden.programme);
    let held = content(economist.get(&settings).is(200)["items"][0].clone());
    let wanted = with(held.clone(), json!({"validFrom": "2021-01-01", "requiresAttest": false}));
    let proposal = economist.post(&settings, wanted.clone()).is(201);
    assert_eq!((&proposal["status"], steps(&proposal)), (&json!("proposed"), Vec::<&str>::new()));
    let one = format!("{settings}/{}", proposal["id"].as_str().unwrap());
    economist.change(&one, "adopted").refused(403, "ownWork");
    t.economist(boden.programme).change(&one, "adopted").refused(403, "notYours");
    let manager = t.manager(boden.programme);
    assert_eq!(steps(&manager.get(&one).is(200)), ["adopted", "rejected"]);
    let late = economist.post(&settings, wanted.clone()).is(201);
    let late = format!("{settings}/{}", late["id"].as_str().unwrap());
    manager.change(&one, "adopted").is(200);
    // Whole months, and nothing twice from one day.
    let from = |day: &str| economist.post(&settings, with(held.clone(), json!({"validFrom": day})));
    assert_eq!(from("2021-01-31").faults(), [("/validFrom".to_owned(), "notFirstOfMonth".to_owned())]);
    assert_eq!(from("2021-03-01").is(201)["status"], "adopted");
    from("2021-03-01").refused(409, "alreadyExists");
    let own = manager.post(&settings, wanted.clone()).is(201);
    let own = format!("{settings}/{}", own["id"].as_str().unwrap());
    manager.change(&own, "adopted").refused(403, "ownWork");
    economist.change(&own, "rejected").refused(422, "invalidInput");
    economist.change_because(&own, "rejected", "Attest behövs.").is(200);

    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    let path = report(&boden.maja, "2021-01");
    boden.maja.change(&path, "signed").is(200);
    assert_eq!(steps(&boden.attester.get(&path).is(200)), ["returned"]);
    boden.attester.change(&path, "attested").refused(409, "stateConflict");
    submit(&boden.coordinator, &boden).is(201);
    assert_eq!(economist.change(&path, "approved").is(200)["status"], "approved");
    // What was approved by these settings stands.
    assert_eq!(
        economist.post(&settings, wanted).faults(),
        [("/validFrom".to_owned(), "monthApproved".to_owned())]
    );
    manager.change(&late, "adopted").refused(409, "stateConflict");
});

both!(the_overview_shows_reports_and_what_is_missing, |t| {
    let boden = begun(t);
    enter(&boden.maja, &boden.participant, "2021-01-12", 240);
    enter(&boden.coordinator, &boden.participant, "2021-01-13", 30);
    let path = format!("/programmes/{}/months/2021-01/overview", boden.programme);
    let mine = boden.coordinator.get(&path).is(200);
    let maja = &mine["participants"][0];
    assert_eq!((maja["name"].as_str(), maja["totalMinutes"].as_i64()), (Some("Maja Lind"), Some(240)));
    assert_eq!(
        (&maja["proposedEntries"], &maja["missing"]),
        (&json!(1), &json!(["confirmation", "signature"]))
    );
    assert_eq!((&mine["totals"]["missingCount"], &mine["teams"][0]["canSubmit"]), (&json!(1), &json!(false)));
    assert_eq!((&mine["monthStatus"], &mine["teams"][0]["isSubmitted"]), (&json!("open"), &json!(false)));

    let manager = t.manager(boden.programme);
    let all = manager.get(&path).is(200);
    assert_eq!((&all["teams"][0]["kommunkod"], &all["participants"]), (&json!(BODEN), &json!([])));
    let one = manager.get(&format!("{path}?kommunkod={BODEN}")).is(200);
    assert_eq!(one["participants"].as_array().unwrap().len(), 1);
    manager.get(&format!("{path}?organisation=owner")).is(200);
    manager.get(&format!("{path}?colour=blue")).refused(400, "invalidQuery");
    let supporter = t.in_kommun(Role::ProcessSupporter, boden.programme, BODEN).get(&path).is(200);
    assert_eq!((&supporter["totals"]["totalMinutes"], &supporter["participants"]), (&json!(240), &json!([])));
    let reader = t.in_kommun(Role::KommunReader, boden.programme, BODEN);
    let sums = reader.get(&path).is(200);
    // A reader sees no figure about fewer than three people.
    assert_eq!((&sums["totals"]["totalMinutes"], &sums["participants"]), (&Value::Null, &json!([])));
    assert_eq!(
        (&sums["totals"]["participantCount"], &sums["totals"]["isIncomplete"]),
        (&json!(1), &json!(true))
    );
    reader.get(&format!("{path}?kommunkod={LULEA}")).refused(404, "notFound");
    let lulea = coordinator(t, boden.programme, LULEA);
    lulea.get(&format!("{path}?kommunkod={BODEN}")).refused(404, "notFound");
    assert_eq!(lulea.get(&path).is(200)["totals"]["participantCount"], 0);
    boden.maja.get(&path).refused(403, "forbidden");
    boden
        .coordinator
        .get(&format!("/programmes/{}/months/2030-01/overview", boden.programme))
        .refused(404, "notFound");
    boden
        .coordinator
        .get(&format!("/programmes/{}/months/x/overview", boden.programme))
        .refused(404, "notFound");
});

both!(a_programme_that_the_caller_does_not_see_is_not_found, |t| {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    let nowhere = "0175a2e1-7c00-7000-8000-000000000001";
    let month = with(january(programme), json!({"programmeId": nowhere}));
    boden.post("/month-submissions", month).refused(404, "notFound");
    boden
        .post("/participants", with(maja(programme), json!({"programmeId": nowhere})))
        .refused(404, "notFound");
});
