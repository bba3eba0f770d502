//! Time entries: entering and confirming, what each role sees, copies, batches and aggregates.

use diesel::prelude::*;
use samverkan::identity::policy::Role;
use samverkan::platform::auth::scope::HasKeys as _;
use samverkan::platform::auth::scope::Scope;
use samverkan::platform::db::Db;
use samverkan::schema::time_reports;
use samverkan::time::time_entries::EntryRow;
use samverkan::time::time_reports::TimeReportState;
use serde_json::{Value, json};

use super::time_reports::is_visible_to;
use super::{Member, entered, member, work};
use crate::both;
use crate::contract::scopes::{Rows, Rule};
use crate::contract::world::{Offer, Owner, Wish, World};
use crate::support::Client;
use crate::support::documented::{document, resolved};
use crate::team::participants::OWNERS;
use crate::team::{BODEN, LULEA, coordinator, each, patch, running, with};

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "timeEntryId",
    owner: Owner::Kommun,
    make: |t, world| {
        let programme = world.programme;
        let list = format!("/participants?programmeId={programme}&organisation=owner");
        let id = World::first(&world.manager, &list).as_str().unwrap().parse().unwrap();
        entered(&Member { id, client: t.login_as(OWNERS) }, "2021-01-12", 60);
        entered(&world.nils, "2021-01-12", 60);
        entered(&world.maja, "2021-01-13", 60);
        json!(entered(&world.maja, "2021-01-12", 240))
    },
    wishes: |world| {
        let copies = json!({"participantId": world.maja.id, "fromMonth": "2020-12", "toMonth": "2021-01"});
        vec![
            Wish::post("/time-entries", work(&world.maja, "2021-01-14", 60)),
            Wish::post("/time-entries/copies", copies),
        ]
    },
    rows: Some(Rows::by_rule::<EntryRow>()),
}];

/// Attesters see an entry once its report is signed.
impl Rule for EntryRow {
    fn is_visible(&self, db: &mut Db, scope: &Scope) -> bool {
        let report = time_reports::table.find(self.time_report_id).select(time_reports::status);
        let status: TimeReportState = report.first(db).unwrap();
        is_visible_to(scope, &self.keys(), status)
    }
}

both!(a_person_enters_changes_and_voids_time, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-01-12");
    let made = maja
        .client
        .post("/time-entries", with(work(&maja, "2021-01-11", 150), json!({"description": "  Policy. "})));
    let entry = made.is(201);
    assert_eq!(
        (&entry["status"], &entry["source"], &entry["description"]),
        (&json!("recorded"), &json!("manual"), &json!("Policy."))
    );
    assert_eq!((&entry["kommunkod"], &entry["month"]), (&json!(BODEN), &json!("2021-01")));
    assert_eq!(entry["warnings"], json!([]));
    let path = format!("/time-entries/{}", entry["id"].as_str().unwrap());
    assert!(made.header("location").unwrap().ends_with(&path));
    let changed =
        patch(&maja.client, &path, json!({"minutes": 180, "workDate": "2021-01-10", "description": null}))
            .is(200);
    let codes: Vec<_> = changed["warnings"].as_array().unwrap().iter().map(|w| w["code"].clone()).collect();
    assert_eq!(codes, ["restDay", "descriptionMissing"]);
    assert!(changed["warnings"][0]["detail"].as_str().unwrap().contains("söndag"));
    assert_eq!(maja.client.change(&path, "voided").is(200)["allowedTransitions"], json!([]));
    patch(&maja.client, &path, json!({"minutes": 60})).refused(409, "stateConflict");
    maja.client.change(&path, "recorded").refused(409, "transitionNotAllowed");
    let history = maja.client.get(&format!("{path}/status-changes")).is(200);
    assert_eq!(each(&history, "to"), ["voided"]);
    // A voided entry stays visible.
    assert_eq!(maja.client.get("/time-entries?status=voided").is(200)["_meta"]["totalRecords"], 1);
});

both!(a_coordinator_proposes_time_and_only_the_person_confirms_it, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    let coordinator = coordinator(t, programme, BODEN);
    t.at("2021-01-12");
    let entry = coordinator.post("/time-entries", work(&maja, "2021-01-11", 60)).is(201);
    assert_eq!((&entry["status"], &entry["source"]), (&json!("proposed"), &json!("coordinator")));
    assert_eq!(each(&json!({"items": entry["allowedTransitions"]}), "to"), ["voided"]);
    let path = format!("/time-entries/{}", entry["id"].as_str().unwrap());
    coordinator.change(&path, "recorded").refused(403, "notYours");
    patch(&coordinator, &path, json!({"minutes": 90})).is(200);
    maja.client.change(&path, "recorded").is(200);
    coordinator.change(&path, "voided").refused(403, "notYours");
    patch(&coordinator, &path, json!({"minutes": 30})).refused(403, "notYours");
    let second = coordinator.post("/time-entries", work(&maja, "2021-01-08", 60)).id();
    coordinator.change(&format!("/time-entries/{second}"), "voided").is(200);
});

both!(every_role_sees_its_own_entries, |t| {
    let programme = running(t);
    let (maja, nils) = (member(t, programme, BODEN, 1), member(t, programme, BODEN, 2));
    let lisa = member(t, programme, LULEA, 1);
    t.at("2021-01-12");
    let id = entered(&maja, "2021-01-11", 60);
    entered(&nils, "2021-01-11", 30);
    entered(&lisa, "2021-01-11", 45);
    let path = format!("/time-entries/{id}");
    let seen = |client: &Client| client.get("/time-entries").is(200)["_meta"]["totalRecords"].clone();
    assert_eq!((seen(&maja.client), seen(&lisa.client)), (json!(1), json!(1)));
    assert_eq!(seen(&coordinator(t, programme, BODEN)), 2);
    for role in [Role::ProgrammeManager, Role::Economist, Role::Auditor] {
        assert_eq!(seen(&t.in_programme(role, programme)), 3, "{role}");
    }
    nils.client.get(&path).refused(404, "notFound");
    coordinator(t, programme, LULEA).get(&path).refused(404, "notFound");
    t.in_kommun(Role::ProcessSupporter, programme, BODEN).get(&path).refused(403, "forbidden");
    t.anonymous().get(&path).refused(401, "unauthenticated");
    // An attester sees entries once the report is signed.
    let attester = t.in_kommun(Role::Attester, programme, BODEN);
    assert_eq!(seen(&attester), 0);
    attester.get(&path).refused(404, "notFound");
    let report = maja.client.get(&path).is(200)["timeReportId"].as_str().unwrap().to_owned();
    maja.client.change(&format!("/time-reports/{report}"), "signed").is(200);
    assert_eq!(seen(&attester), 1);
    attester.get(&path).is(200);
    attester.post("/time-entries", work(&maja, "2021-01-11", 60)).refused(403, "forbidden");
});

both!(filters_work_the_same_in_lists_and_aggregates, |t| {
    let programme = running(t);
    let (maja, nils) = (member(t, programme, BODEN, 1), member(t, programme, BODEN, 2));
    let lisa = member(t, programme, LULEA, 1);
    t.at("2021-02-03");
    entered(&maja, "2021-01-11", 60);
    entered(&maja, "2021-02-01", 90);
    entered(&nils, "2021-01-12", 30);
    maja.client
        .post(
            "/time-entries",
            with(work(&maja, "2021-01-13", 120), json!({"kind": "joint", "activityCode": "network"})),
        )
        .is(201);
    entered(&lisa, "2021-01-11", 45);
    coordinator(t, programme, BODEN).post("/time-entries", work(&nils, "2021-01-14", 500)).is(201);
    let manager = t.manager(programme);
    let total =
        |query: &str| manager.get(&format!("/time-entries?{query}")).is(200)["_meta"]["totalRecords"].clone();
    assert_eq!(total("kommunkod=2582"), 5);
    assert_eq!(total("month=2021-02"), 1);
    assert_eq!(total("workDateFrom=2021-01-12&workDateTo=2021-01-13"), 2);
    assert_eq!(total(&format!("participantId={}&kind=joint&kind=own", maja.id)), 3);
    assert_eq!(total("source=coordinator"), 1);
    assert_eq!(
        each(
            &manager.get("/time-entries?sort=workDate,-minutes&fields=workDate&limit=1").is(200),
            "workDate"
        ),
        ["2021-01-11"]
    );
    manager.get("/time-entries?kind=travel").refused(400, "invalidQuery");
    let sums = manager.get("/time-entries/aggregate?groupBy=kommun,kind").is(200);
    let expected = json!([
        {"kommunkod": "2580", "kind": "own", "minutes": 45, "entries": 1},
        {"kommunkod": "2582", "kind": "joint", "minutes": 120, "entries": 1},
        {"kommunkod": "2582", "kind": "own", "minutes": 180, "entries": 3},
    ]);
    assert_eq!(sums["items"], expected);
    assert_eq!((&sums["totalMinutes"], &sums["totalEntries"]), (&json!(345), &json!(5)));
    let february = manager.get("/time-entries/aggregate?groupBy=month&monthFrom=2021-02").is(200);
    assert_eq!(february["items"], json!([{"month": "2021-02", "minutes": 90, "entries": 1}]));
    // The example in the API contract.
    let by_kommun = manager.get("/time-entries/aggregate?groupBy=kommun,month,kind").is(200);
    assert_eq!(by_kommun["groupBy"], json!(["kommun", "month", "kind"]));
    let proposed = manager.get("/time-entries/aggregate?status=proposed").is(200);
    assert_eq!(proposed["totalMinutes"], 500);
    let own = maja.client.get("/time-entries/aggregate?groupBy=participantId").is(200);
    assert_eq!(own["items"], json!([{"participantId": maja.id, "minutes": 270, "entries": 3}]));
    let refusal = manager.get("/time-entries/aggregate?groupBy=colour&page=2");
    refusal.refused(400, "invalidQuery");
    assert_eq!(refusal.faults().len(), 2);
});

both!(readers_without_access_to_entries_get_aggregates_without_people, |t| {
    let programme = running(t);
    let team: Vec<Member> = (1..=3).map(|number| member(t, programme, BODEN, number)).collect();
    let lisa = member(t, programme, LULEA, 1);
    t.at("2021-01-12");
    for maja in &team {
        entered(maja, "2021-01-11", 60);
    }
    entered(&lisa, "2021-01-11", 45);
    let reader = t.in_kommun(Role::KommunReader, programme, BODEN);
    let method = t.in_programme(Role::MethodDeveloper, programme);
    let sums = |client: &Client| {
        client.get("/time-entries/aggregate?groupBy=programme,kommun,year,month").is(200).clone()
    };
    let boden = json!({
        "programmeId": programme, "kommunkod": BODEN, "year": 2021, "month": "2021-01", "minutes": 180, "entries": 3,
    });
    // Lisa is alone in Luleå: the group is there, and nothing in it, nor in the total.
    let lulea = json!({
        "programmeId": programme, "kommunkod": LULEA, "year": 2021, "month": "2021-01", "minutes": null, "entries": null,
        "isIncomplete": true,
    });
    let seen = sums(&method);
    assert_eq!(seen["items"], json!([lulea, boden]));
    assert_eq!((&seen["totalMinutes"], &seen["isIncomplete"]), (&json!(180), &json!(true)));
    let seen = sums(&reader);
    assert_eq!((&seen["items"], &seen["totalMinutes"]), (&json!([boden]), &json!(180)));
    assert!(seen.get("isIncomplete").is_none());
    for query in ["", "kommunkod=2580", "kommunkod=2580&groupBy=year"] {
        let shown = method.get(&format!("/time-entries/aggregate?{query}")).is(200);
        let expected = if query.is_empty() { json!(180) } else { Value::Null };
        assert_eq!(shown["totalMinutes"], expected, "{query}");
    }
    for client in [&reader, &method] {
        for query in [
            "groupBy=participantId".to_owned(),
            "groupBy=kind".to_owned(),
            "groupBy=kommun,activityCode".to_owned(),
            format!("participantId={}", lisa.id),
            format!("personId={}", lisa.client.id()),
            format!("timeReportId={}", lisa.id),
        ] {
            client.get(&format!("/time-entries/aggregate?{query}")).refused(403, "notYours");
        }
        client.get("/time-entries").refused(403, "forbidden");
    }
    // A coordinator sees people of the own kommun, and only those: of the others there are sums of three.
    let both = t.person(
        "Koordinator och metodutvecklare",
        &[(Role::Coordinator, Some(programme), Some(LULEA)), (Role::MethodDeveloper, Some(programme), None)],
    );
    assert_eq!(both.get("/time-entries/aggregate").is(200)["totalMinutes"], 225);
    assert_eq!(both.get("/time-entries/aggregate?groupBy=participantId").is(200)["totalMinutes"], 45);
    let knows = t.person(
        "Koordinator i Boden och metodutvecklare",
        &[(Role::Coordinator, Some(programme), Some(BODEN)), (Role::MethodDeveloper, Some(programme), None)],
    );
    assert_eq!(knows.get("/time-entries/aggregate").is(200)["totalMinutes"], 180);
});

both!(the_hours_of_one_coordinator_are_not_told_by_any_sum, |t| {
    let programme = running(t);
    let team: Vec<Member> = (1..=4).map(|number| member(t, programme, BODEN, number)).collect();
    t.at("2021-02-04");
    for maja in &team {
        entered(maja, "2021-01-11", 60);
    }
    // In February only two have time, one of them as coordination.
    entered(&team[0], "2021-02-01", 90);
    let coordination = json!({"kind": "coordination", "minutes": 77});
    team[1].client.post("/time-entries", with(work(&team[1], "2021-02-02", 77), coordination)).is(201);
    let reader = t.in_kommun(Role::KommunReader, programme, BODEN);
    let overview = |month: &str| {
        let path = format!("/programmes/{programme}/months/{month}/overview?kommunkod={BODEN}");
        reader.get(&path).is(200).clone()
    };
    let january = overview("2021-01");
    assert_eq!(january["totals"]["totalMinutes"], 240);
    assert!(january["totals"]["minutesByKind"].is_null() && january["totals"]["proposedEntries"].is_null());
    let february = overview("2021-02");
    assert_eq!(
        (&february["totals"]["totalMinutes"], &february["totals"]["isIncomplete"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(february["teams"][0]["sums"], february["totals"]);
    let year = reader.get("/time-entries/aggregate?groupBy=year").is(200);
    assert_eq!(year["items"], json!([{"year": 2021, "minutes": 240, "entries": 4, "isIncomplete": true}]));
    for text in [february.to_string(), year.to_string(), january.to_string()] {
        // Ids contain any digits; a figure follows a colon.
        assert!(!text.contains(":77"), "{text}");
    }
    // Who sees names sees all of it.
    let path = format!("/programmes/{programme}/months/2021-02/overview?kommunkod={BODEN}");
    let seen = coordinator(t, programme, BODEN).get(&path).is(200);
    assert_eq!(
        (&seen["totals"]["totalMinutes"], &seen["totals"]["minutesByKind"]["coordination"]),
        (&json!(167), &json!(77))
    );
});

both!(no_filter_of_an_aggregate_singles_out_a_person, |t| {
    let programme = running(t);
    let team: Vec<Member> = (1..=3).map(|number| member(t, programme, BODEN, number)).collect();
    t.at("2021-01-12");
    let maja = &team[0];
    let entry = entered(maja, "2021-01-11", 60);
    entered(&team[1], "2021-01-11", 60);
    entered(&team[2], "2021-01-11", 60);
    let report = maja.client.get(&format!("/time-entries/{entry}")).is(200)["timeReportId"].clone();
    let (participant, person) = (maja.id.to_string(), maja.client.id().to_string());
    let id = entry.to_string();
    // Each of these filters may leave the entries of one person.
    let narrow = [
        ("id", id.as_str()),
        ("participantId", participant.as_str()),
        ("personId", &person),
        ("timeReportId", report.as_str().unwrap()),
        ("workDateFrom", "2021-01-11"),
        ("workDateTo", "2021-01-11"),
        ("createdAtFrom", "2021-01-01T00:00:00Z"),
        ("createdAtTo", "2021-01-31T00:00:00Z"),
        ("updatedSince", "2021-01-01T00:00:00Z"),
        ("source", "manual"),
        ("status", "recorded"),
        ("organisation", "kommun"),
        ("kind", "own"),
        ("activityCode", "development"),
    ];
    let programme_id = programme.to_string();
    let wide = [
        ("programmeId", programme_id.as_str()),
        ("kommunkod", BODEN),
        ("month", "2021-01"),
        ("monthFrom", "2021-01"),
        ("monthTo", "2021-01"),
    ];
    // A new filter must be added to one of the two lists.
    let parameters = document()["paths"]["/time-entries/aggregate"]["get"]["parameters"].as_array().unwrap();
    let in_query = parameters.iter().map(resolved).filter(|parameter| parameter["in"] == "query");
    let mut known: Vec<&str> = in_query.map(|parameter| parameter["name"].as_str().unwrap()).collect();
    let mut placed: Vec<&str> =
        narrow.iter().chain(&wide).map(|(name, _)| *name).chain(["groupBy"]).collect();
    known.sort_unstable();
    placed.sort_unstable();
    assert_eq!(known, placed);

    let asked = |client: &Client, query: &str| client.get(&format!("/time-entries/aggregate?{query}"));
    let reader = t.in_kommun(Role::KommunReader, programme, BODEN);
    let method = t.in_programme(Role::MethodDeveloper, programme);
    let coordinator = coordinator(t, programme, BODEN);
    for (name, value) in narrow {
        for client in [&reader, &method] {
            // Nor together with permitted filters.
            for query in [
                format!("{name}={value}"),
                format!("groupBy=kommun,year&kommunkod={BODEN}&month=2021-01&{name}={value}"),
            ] {
                let problem = asked(client, &query).refused(403, "notYours");
                let is_told = problem["detail"].as_str().unwrap().contains("program, kommun, år och månad");
                assert!(is_told, "{query}: {problem}");
            }
        }
        // The coordinator may use the filter.
        let minutes = asked(&coordinator, &format!("{name}={value}")).is(200)["totalMinutes"].as_i64();
        assert!([Some(60), Some(180)].contains(&minutes), "{name}");
    }
    for client in [&reader, &method] {
        for (name, value) in wide {
            assert_eq!(asked(client, &format!("{name}={value}")).is(200)["totalMinutes"], 180, "{name}");
        }
        let all = wide.map(|(name, value)| format!("{name}={value}")).join("&");
        let sums = asked(client, &format!("groupBy=programme,kommun,year,month&{all}")).is(200);
        assert_eq!((&sums["totalMinutes"], &sums["totalEntries"]), (&json!(180), &json!(3)));
    }
});

both!(a_month_is_copied_by_weekday, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-01-31");
    let (second_tuesday, fifth_friday) = (entered(&maja, "2021-01-12", 60), entered(&maja, "2021-01-29", 30));
    let last_monday = entered(&maja, "2021-01-25", 45);
    t.at("2021-02-15");
    let wanted = json!({"participantId": maja.id, "fromMonth": "2021-01", "toMonth": "2021-02"});
    let copied = maja.client.post("/time-entries/copies", wanted.clone()).is(200);
    let reasons: Vec<_> = each(&json!({"items": copied["skipped"]}), "reason");
    assert_eq!(reasons, ["inTheFuture", "noSuchDay"]);
    let skipped = each(&json!({"items": copied["skipped"]}), "timeEntryId");
    assert_eq!(skipped, [json!(last_monday), json!(fifth_friday)]);
    let path = format!("/time-entries/{}", copied["timeEntryIds"][0].as_str().unwrap());
    let copy = maja.client.get(&path).is(200);
    assert_eq!((&copy["workDate"], &copy["status"]), (&json!("2021-02-09"), &json!("proposed")));
    assert_eq!(copy["copiedFromId"], json!(second_tuesday));
    let again = maja.client.post("/time-entries/copies", wanted).is(200);
    assert_eq!(again["timeEntryIds"], json!([]));
    // Only the person changes the person's own copies.
    coordinator(t, programme, BODEN).change(&path, "voided").refused(403, "notYours");
    maja.client.change(&path, "recorded").is(200);
    let backwards = json!({"participantId": maja.id, "fromMonth": "2021-02", "toMonth": "2021-01"});
    maja.client.post("/time-entries/copies", backwards).refused(422, "invalidInput");
});

both!(a_batch_has_a_result_for_each_item, |t| {
    let programme = running(t);
    let (maja, lisa) = (member(t, programme, BODEN, 1), member(t, programme, LULEA, 1));
    let coordinator = coordinator(t, programme, BODEN);
    t.at("2021-01-12");
    let items =
        json!([work(&maja, "2021-01-11", 60), work(&maja, "2021-01-14", 60), work(&lisa, "2021-01-11", 60)]);
    let atomic = coordinator.post("/time-entries/batch", json!({"atomic": true, "items": items})).is(200);
    assert_eq!((&atomic["isKept"], &atomic["failed"]), (&json!(false), &json!(3)));
    let single = coordinator.post("/time-entries/batch", json!({"items": items})).is(200);
    let statuses: Vec<_> = single["items"].as_array().unwrap().iter().map(|i| i["status"].clone()).collect();
    assert_eq!(statuses, [201, 422, 404]);
    assert_eq!(maja.client.get("/time-entries").is(200)["_meta"]["totalRecords"], 1);
    let id = single["items"][0]["id"].clone();
    let change =
        json!({"items": [{"id": id, "version": 1, "to": "recorded"}, {"id": lisa.id, "to": "recorded"}]});
    let changed = maja.client.post("/time-entries/status-changes/batch", change).is(200);
    assert_eq!((&changed["succeeded"], &changed["failed"]), (&json!(1), &json!(1)));
});

both!(whoever_confirms_their_entries_signs_in_the_next_call, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    let coordinator = coordinator(t, programme, BODEN);
    t.at("2021-01-29");
    let items = json!([work(&maja, "2021-01-11", 60), work(&maja, "2021-01-12", 90)]);
    let proposed = coordinator.post("/time-entries/batch", json!({"items": items})).is(200);
    let confirm = |by: &Client, dry_run: bool| {
        let step = |item: &Value| json!({"id": item["id"], "to": "recorded"});
        let items: Vec<Value> = proposed["items"].as_array().unwrap().iter().map(step).collect();
        by.post("/time-entries/status-changes/batch", json!({"dryRun": dry_run, "items": items})).is(200)
    };
    assert!(confirm(&maja.client, true).get("touched").is_none(), "nothing was kept");
    let confirmed = confirm(&maja.client, false);
    assert_eq!((&confirmed["succeeded"], confirmed["touched"].as_array().unwrap().len()), (&json!(2), 1));
    let report = &confirmed["touched"][0];
    assert_eq!(report["resourceType"], "timeReport");
    let path = format!("/time-reports/{}", report["id"].as_str().unwrap());
    let read = maja.client.get(&path).is(200);
    assert_eq!((&read["version"], &read["contentSha256"]), (&report["version"], &report["contentSha256"]));
    let sign = json!({"to": "signed", "data": {"sha256": report["contentSha256"]}});
    assert_eq!(maja.client.post(&format!("{path}/status-changes"), sign).is(200)["totalMinutes"], 150);
});

both!(the_owners_staff_also_report_time, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    let body = json!({"organisation": "owner", "kommunkod": null, "email": "metod@skr.example"});
    let id = manager.post("/participants", with(crate::team::maja(programme), body)).id();
    let staff = Member { id, client: t.login_as("metod@skr.example") };
    t.at("2021-01-12");
    entered(&staff, "2021-01-11", 60);
    let proposal = manager.post("/time-entries", work(&staff, "2021-01-08", 60)).is(201);
    assert_eq!((&proposal["status"], &proposal["organisation"]), (&json!("proposed"), &json!("owner")));
    // The manager cannot enter time for a kommun's people.
    let maja = member(t, programme, BODEN, 1);
    manager.post("/time-entries", work(&maja, "2021-01-11", 60)).refused(403, "notYours");
    let sums = manager.get("/time-entries/aggregate?groupBy=kommun").is(200);
    assert_eq!(sums["items"], json!([{"kommunkod": null, "minutes": 60, "entries": 1}]));
});

both!(entries_are_sorted_by_kommun_with_the_owners_as_the_greatest, |t| {
    let programme = running(t);
    let (maja, lisa) = (member(t, programme, BODEN, 1), member(t, programme, LULEA, 1));
    let manager = t.manager(programme);
    let body = json!({"organisation": "owner", "kommunkod": null, "email": "metod@skr.example"});
    let id = manager.post("/participants", with(crate::team::maja(programme), body)).id();
    let staff = Member { id, client: t.login_as("metod@skr.example") };
    t.at("2021-01-13");
    for day in ["2021-01-11", "2021-01-12"] {
        for member in [&maja, &staff, &lisa, &staff] {
            entered(member, day, 60);
        }
    }
    let of = |entry: &Value| {
        let day = entry["workDate"].as_str().unwrap().to_owned();
        (day, entry["kommunkod"].as_str().unwrap_or_default().to_owned())
    };
    let pairs = |page: &Value| page["items"].as_array().unwrap().iter().map(of).collect::<Vec<_>>();
    let (old, new) = ("2021-01-11", "2021-01-12");
    // The example in the API contract, and the reverse.
    let by_day =
        [(new, ""), (new, ""), (new, LULEA), (new, BODEN), (old, ""), (old, ""), (old, LULEA), (old, BODEN)];
    let by_kommun =
        [(old, BODEN), (new, BODEN), (old, LULEA), (new, LULEA), (old, ""), (old, ""), (new, ""), (new, "")];
    for (sort, expected) in [("-workDate,kommunkod", by_day), ("-kommunkod,workDate", by_kommun)] {
        let expected = expected.map(|(day, kommun)| (day.to_owned(), kommun.to_owned()));
        assert_eq!(pairs(&manager.get(&format!("/time-entries?sort={sort}")).is(200)), expected, "{sort}");
        let (mut walked, mut ids, mut cursor) = (Vec::new(), Vec::new(), String::new());
        loop {
            let page = manager.get(&format!("/time-entries?sort={sort}&limit=1&cursor={cursor}")).is(200);
            walked.extend(pairs(&page));
            ids.extend(each(&page, "id"));
            match page["_meta"]["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(walked, expected, "{sort}");
        ids.sort_by_key(Value::to_string);
        ids.dedup();
        assert_eq!(ids.len(), 8, "each once: {sort}");
    }
});
