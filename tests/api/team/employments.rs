//! The employments of participants.

use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use samverkan::team::employments::{self, EmploymentRow};
use serde_json::{Value, json};

use super::{BODEN, LULEA, coordinator, each, maja, patch, running, with};
use crate::both;
use crate::contract::scopes::Rows;
use crate::contract::world::{Offer, Owner, Wish};
use crate::support::{Client, TestApp};

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "employmentId",
    owner: Owner::Kommun,
    make: |_, world| {
        let (programme, person) = (world.programme, json!(world.maja.client.id()));
        world.coordinator.post("/employments", employment(programme, &person)).is(201)["id"].clone()
    },
    wishes: |world| {
        let wanted = employment(world.programme, &json!(world.maja.client.id()));
        vec![Wish::post(
            "/employments",
            with(wanted, json!({"employmentPercent": 50, "jobCategory": "Chef"})),
        )]
    },
    rows: Some(Rows::by_keys::<EmploymentRow>()),
}];

/// The request that registers an employment with Bodens kommun.
pub fn employment(programme: Id, person: &Value) -> Value {
    json!({
        "programmeId": programme,
        "personId": person,
        "organisation": "kommun",
        "kommunkod": BODEN,
        "employerName": "Bodens kommun",
        "organisationNumber": "2120002767",
        "employerKind": "kommun",
        "employmentPercent": 100,
        "jobCategory": "Enhetschef",
        "validFrom": "2019-08-12"
    })
}

/// A running programme, Boden's coordinator, and the id of the person Maja.
fn begun(t: &TestApp) -> (Id, Client, Value) {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    let person = boden.post("/participants", maja(programme)).is(201)["personId"].clone();
    (programme, boden, person)
}

both!(a_new_job_category_needs_a_decision, |t| {
    let (programme, boden, person) = begun(t);
    let first = boden.post("/employments", employment(programme, &person));
    first.is(201);
    let path = format!("/employments/{}", first.id());
    assert!(first.header("location").unwrap().ends_with(&path));
    let next = with(
        employment(programme, &person),
        json!({"jobCategory": "Områdeschef", "validFrom": "2021-04-01"}),
    );
    let refusal = boden.post("/employments", next.clone());
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/decisionReference".to_owned(), "required".to_owned())]);
    let next = with(next, json!({"decisionReference": "KS 2021/17"}));
    let second = boden.post("/employments", next);
    second.is(201);
    let ended = boden.get(&path).is(200);
    assert_eq!((&ended["validTo"], &ended["version"]), (&json!("2021-03-31"), &json!(2)));

    let list =
        boden.get(&format!("/employments?personId={}&sort=-validFrom", person.as_str().unwrap())).is(200);
    assert_eq!(each(&list, "jobCategory"), ["Områdeschef", "Enhetschef"]);
    let on = boden.get("/employments?validFromTo=2021-03-31&validToFrom=2021-03-31").is(200);
    assert_eq!(each(&on, "jobCategory"), ["Enhetschef"]);
    let (found, before) = t.db(|db| {
        let person = person.as_str().unwrap().parse().unwrap();
        let on = |db: &mut _, day: &str| {
            employments::unscoped_on_day(db, programme, person, day.parse().unwrap()).unwrap()
        };
        let found = on(db, "2021-04-01").map(|row| row.job_category);
        (found, on(db, "2019-08-11").is_none())
    });
    assert_eq!((found.as_deref(), before), (Some("Områdeschef"), true));

    // Fields that may change; the later employment must keep its decision.
    let path = format!("/employments/{}", second.id());
    patch(&boden, &path, json!({"decisionReference": null})).refused(422, "invalidInput");
    let changed = patch(
        &boden,
        &path,
        json!({"employmentPercent": 75, "validTo": "2022-06-30", "otherPublicFunding": "Lönebidrag"}),
    );
    let changed = changed.is(200);
    assert_eq!((&changed["employmentPercent"], &changed["validTo"]), (&json!(75), &json!("2022-06-30")));
    patch(&boden, &path, json!({"validTo": "2021-03-31"})).refused(422, "invalidInput");
    boden.patch(&path, json!({"jobCategory": "Direktör"})).refused(400, "invalidBody");
    boden.patch(&path, json!({"employmentPercent": 50})).refused(428, "preconditionRequired");
    boden.delete(&path).refused(405, "methodNotAllowed");
});

both!(other_working_hours_begin_on_any_day, |t| {
    let (programme, boden, person) = begun(t);
    boden.post("/employments", employment(programme, &person)).is(201);
    t.at("2021-04-30T12:00:00+02:00");
    let maja = t.login_as("maja.lind@boden.example");
    let participant = maja.get("/participants").is(200)["items"][0]["id"].clone();
    let work = |day: &str| {
        json!({"participantId": participant, "workDate": day, "minutes": 60, "kind": "own",
            "activityCode": "development", "description": "Utkast."})
    };
    for day in ["2021-04-14", "2021-04-20", "2021-04-20", "2021-04-22"] {
        maja.post("/time-entries", work(day)).is(201);
    }
    let same = json!({"employmentPercent": 80, "validFrom": "2021-04-15", "decisionReference": "KS 2021/17"});
    let second = boden.post("/employments", with(employment(programme, &person), same)).is(201);
    assert_eq!((&second["employmentPercent"], &second["jobCategory"]), (&json!(80), &json!("Enhetschef")));
    maja.post("/time-entries", work("2021-04-15")).is(201);
    // Another category from inside the month: that of the post held first holds for the whole month.
    let other =
        json!({"jobCategory": "Områdeschef", "validFrom": "2021-04-22", "decisionReference": "KS 2021/18"});
    let third = boden.post("/employments", with(employment(programme, &person), other)).is(201);
    let category = |month: &str| {
        let person = person.as_str().unwrap().parse().unwrap();
        let posts = t.db(|db| employments::unscoped_of_person(db, programme, person).unwrap());
        employments::of_month(&posts, month.parse().unwrap()).map(|post| post.job_category.clone())
    };
    assert_eq!(
        (category("2021-04").as_deref(), category("2021-05").as_deref()),
        (Some("Enhetschef"), Some("Områdeschef"))
    );

    // Ending a post says what time it leaves without one.
    let path = |post: &Value| format!("/employments/{}", post["id"].as_str().unwrap());
    let refusal = patch(&boden, &path(&second), json!({"validTo": "2021-04-19"}));
    let problem = refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [("/validTo".to_owned(), "timeEntered".to_owned())]);
    assert_eq!(problem["timeWithoutEmployment"], json!([{"workDate": "2021-04-20", "minutes": 120}]));
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("2021-04-20 (120 min)"), "{problem}");
    let refusal = patch(&boden, &path(&third), json!({"validTo": "2021-04-22"}));
    refusal.is(200);
    let entries = maja.get("/time-entries?workDateFrom=2021-04-20&workDateTo=2021-04-20").is(200);
    for id in each(&entries, "id") {
        maja.change(&format!("/time-entries/{}", id.as_str().unwrap()), "voided").is(200);
    }
    patch(&boden, &path(&second), json!({"validTo": "2021-04-19"})).is(200);
});

both!(an_earlier_employment_does_not_avoid_the_decision, |t| {
    let (programme, boden, person) = begun(t);
    let october = with(employment(programme, &person), json!({"validFrom": "2021-10-01"}));
    let october = format!("/employments/{}", boden.post("/employments", october).id());
    let summer = json!({"jobCategory": "Områdeschef", "validFrom": "2021-08-01", "validTo": "2021-09-30"});
    let summer = with(employment(programme, &person), summer);
    let refusal = boden.post("/employments", summer.clone());
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/validFrom".to_owned(), "nextWithoutDecision".to_owned())]);
    patch(&boden, &october, json!({"decisionReference": "KS 2021/17"})).is(200);
    boden.post("/employments", summer).is(201);
});

both!(two_employments_of_one_employer_never_overlap, |t| {
    let (programme, boden, person) = begun(t);
    let until_june = with(employment(programme, &person), json!({"validTo": "2021-06-30"}));
    let first = boden.post("/employments", until_june);
    let next = json!({"validFrom": "2021-06-01", "decisionReference": "KS 2021/17"});
    let refusal = boden.post("/employments", with(employment(programme, &person), next));
    assert_eq!(refusal.refused(409, "alreadyExists")["employmentId"], first.json()["id"]);
    let next = json!({"validFrom": "2021-07-01", "decisionReference": "KS 2021/17"});
    boden.post("/employments", with(employment(programme, &person), next)).is(201);
    let path = format!("/employments/{}", first.id());
    patch(&boden, &path, json!({"validTo": null})).refused(409, "alreadyExists");
    // A second employer, a municipal company, in the same category.
    let company = json!({
        "employerName": "Bodens Energi AB", "organisationNumber": "5561021980", "employerKind": "municipalCompany",
        "employmentPercent": 20, "validFrom": "2021-09-13", "decisionReference": "VD 4"
    });
    boden.post("/employments", with(employment(programme, &person), company)).is(201);
});

both!(every_error_of_an_employment_is_named, |t| {
    let (programme, boden, person) = begun(t);
    let wrong = json!({
        "organisationNumber": "8112189876", "employerKind": "owner", "employmentPercent": 101, "jobCategory": "",
        "validTo": "2019-08-11"
    });
    let refusal = boden.post("/employments", with(employment(programme, &person), wrong));
    refusal.refused(422, "invalidInput");
    let pointers: Vec<String> = refusal.faults().into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(
        pointers,
        ["/employerKind", "/employmentPercent", "/jobCategory", "/organisationNumber", "/validTo"]
    );
    for (number, code) in
        [("212000-2767", "wrongFormat"), ("2120002768", "wrongChecksum"), ("8112189876", "notAnOrganisation")]
    {
        let refusal = boden.post(
            "/employments",
            with(employment(programme, &person), json!({"organisationNumber": number})),
        );
        refusal.refused(422, "invalidInput");
        assert_eq!(refusal.faults(), [("/organisationNumber".to_owned(), code.to_owned())]);
    }
    // A person outside the team, and oneself.
    boden.post("/employments", employment(programme, &json!(boden.id()))).refused(403, "ownWork");
    let stranger = json!(t.person("Ingen", &[]).id());
    let refusal = boden.post("/employments", employment(programme, &stranger));
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/personId".to_owned(), "notInTeam".to_owned())]);
});

both!(nobody_sets_their_own_job_category_or_share_of_full_time, |t| {
    let (programme, boden, person) = begun(t);
    let path = format!("/employments/{}", boden.post("/employments", employment(programme, &person)).id());
    let maja = t.login_as("maja.lind@boden.example");
    for (role, kommunkod) in
        [(Role::Coordinator, Some(BODEN)), (Role::Economist, None), (Role::ProgrammeManager, None)]
    {
        t.grant(&maja, role, programme, kommunkod);
        let own = t.login(maja.id());
        patch(&own, &path, json!({"employmentPercent": 50})).refused(403, "ownWork");
        let later =
            json!({"jobCategory": "Chef", "validFrom": "2020-11-01", "decisionReference": "KS 2020/1"});
        own.post("/employments", with(employment(programme, &person), later)).refused(403, "ownWork");
    }
    patch(&boden, &path, json!({"employmentPercent": 50})).is(200);
});

both!(who_reads_and_changes_employments, |t| {
    let (programme, boden, person) = begun(t);
    let path = format!("/employments/{}", boden.post("/employments", employment(programme, &person)).id());
    let lulea = coordinator(t, programme, LULEA);
    lulea.get(&path).refused(404, "notFound");
    lulea.patch(&path, json!({"employmentPercent": 50})).refused(404, "notFound");
    lulea.post("/employments", employment(programme, &person)).refused(403, "notYours");
    assert_eq!(lulea.get("/employments").is(200)["items"], json!([]));
    t.anonymous().get(&path).refused(401, "unauthenticated");
    t.in_kommun(Role::ProcessSupporter, programme, BODEN).get(&path).refused(403, "forbidden");
    let auditor = t.in_programme(Role::Auditor, programme);
    auditor.get(&path).is(200);
    auditor.patch(&path, json!({"employmentPercent": 50})).refused(403, "forbidden");
    t.at("2021-01-04");
    let maja = t.login_as("maja.lind@boden.example");
    maja.get(&path).is(200);
    maja.patch(&path, json!({"employmentPercent": 50})).refused(403, "forbidden");
    t.in_kommun(Role::Participant, programme, BODEN).get(&path).refused(404, "notFound");
    let economist = t.economist(programme);
    patch(&economist, &path, json!({"employmentPercent": 50})).is(200);
    t.manager(programme).change_because(&format!("/programmes/{programme}"), "cancelled", "Slut.").is(200);
    patch(&economist, &path, json!({"employmentPercent": 60})).refused(409, "stateConflict");
});

both!(an_employment_in_another_kommun_does_not_end_this_one, |t| {
    let programme = running(t);
    let coordinator = |kommun: &str| t.in_kommun(Role::Coordinator, programme, kommun);
    let (boden, lulea) = (coordinator(BODEN), coordinator(LULEA));
    let person = boden.post("/participants", maja(programme)).is(201)["personId"].clone();
    let there = with(maja(programme), json!({"kommunkod": LULEA}));
    lulea.post("/participants", there).is(201);
    let wanted = |kommun: &str, category: &str, from: &str| {
        json!({
            "programmeId": programme, "personId": person, "organisation": "kommun", "kommunkod": kommun,
            "employerName": "Bodens kommun", "organisationNumber": "2120001355", "employerKind": "kommun",
            "employmentPercent": 100, "jobCategory": category, "decisionReference": "KS 1", "validFrom": from,
        })
    };
    let first = format!("/employments/{}", boden.post("/employments", wanted(BODEN, "a", "2021-01-01")).id());
    lulea.post("/employments", wanted(LULEA, "b", "2021-03-01")).is(201);
    assert!(boden.get(&first).is(200)["validTo"].is_null());
});
