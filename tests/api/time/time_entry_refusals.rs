//! The refusals of time entries.

use samverkan::platform::ids::Id;
use samverkan::programmes::programme::Profile;
use samverkan::programmes::settings::SettingsContent;
use serde_json::json;

use super::{Member, entered, member, work};
use crate::both;
use crate::programmes::{draft, hold, start};
use crate::support::TestApp;
use crate::team::{BODEN, LULEA, coordinator, maja, patch, running, with};

both!(one_response_names_every_error_of_an_entry, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-01-12");
    let post = |changes| maja.client.post("/time-entries", with(work(&maja, "2021-01-11", 60), changes));
    let wrong = post(json!({"workDate": "2023-01-14", "activityCode": "colour"}));
    wrong.refused(422, "invalidInput");
    let codes: Vec<String> = wrong.faults().into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["unknown", "inTheFuture", "outsideProgramme"]);
    // Errors of the schema and errors that depend on programme and clock come in one response.
    let wrong = post(
        json!({"minutes": 1500, "workDate": "2023-01-14", "activityCode": "colour", "description": "x".repeat(2001)}),
    );
    wrong.refused(422, "invalidInput");
    let places: Vec<String> = wrong.faults().into_iter().map(|(place, _)| place).collect();
    assert_eq!(places, ["/activityCode", "/description", "/minutes", "/workDate", "/workDate"]);
    let travel = post(json!({"kind": "joint", "activityCode": "travel"}));
    travel.refused(422, "invalidInput");
    assert_eq!(travel.faults(), [("/kind".to_owned(), "travelIsNeverJoint".to_owned())]);
    post(json!({"workDate": "2021-01-14"})).refused(422, "invalidInput");
    post(json!({"workDate": "2020-12-31"})).refused(422, "invalidInput");
    for minutes in [0, -1, 1441, 1500] {
        post(json!({"minutes": minutes})).refused(422, "invalidInput");
    }
    post(json!({"workDate": "2021-02-30"})).is(422);
    post(json!({"minutes": 1.5})).is(400);
    post(json!({"kind": "travel"})).refused(422, "invalidInput");
    post(json!({"status": "recorded"})).refused(400, "invalidBody");
    post(json!({"description": "x".repeat(2001)})).refused(422, "invalidInput");
    assert_eq!(maja.client.get("/time-entries").is(200)["_meta"]["totalRecords"], 0);
});

both!(the_day_must_be_within_the_participation, |t| {
    let programme = running(t);
    let boden = coordinator(t, programme, BODEN);
    let body = with(maja(programme), json!({"validFrom": "2021-01-11", "validTo": "2021-01-20"}));
    let id = boden.post("/participants", body).id();
    let maja = Member { id, client: t.login_as("maja.lind@boden.example") };
    t.at("2021-01-22");
    for (day, is_right) in
        [("2021-01-08", false), ("2021-01-11", true), ("2021-01-20", true), ("2021-01-21", false)]
    {
        let answer = maja.client.post("/time-entries", work(&maja, day, 60));
        assert_eq!(answer.status, if is_right { 201 } else { 422 }, "{day}: {}", answer.text);
        if !is_right {
            assert_eq!(answer.faults()[0].1, "outsideParticipation");
        }
    }
    // The last day cannot move before entered time.
    let path = format!("/participants/{id}");
    let refusal = patch(&boden, &path, json!({"validTo": "2021-01-19"}));
    assert!(refusal.status == 409 || refusal.status == 422, "{}", refusal.text);
    assert_eq!(refusal.faults()[0].1, "timeEntered");
});

both!(colleagues_and_other_kommuner_are_refused, |t| {
    let programme = running(t);
    let (maja, nils) = (member(t, programme, BODEN, 1), member(t, programme, BODEN, 2));
    let lisa = member(t, programme, LULEA, 1);
    t.at("2021-01-12");
    nils.client.post("/time-entries", work(&maja, "2021-01-11", 60)).refused(403, "notYours");
    lisa.client.post("/time-entries", work(&maja, "2021-01-11", 60)).refused(404, "notFound");
    coordinator(t, programme, LULEA)
        .post("/time-entries", work(&maja, "2021-01-11", 60))
        .refused(404, "notFound");
    t.economist(programme).post("/time-entries", work(&maja, "2021-01-11", 60)).refused(403, "forbidden");
    t.anonymous().post("/time-entries", work(&maja, "2021-01-11", 60)).refused(401, "unauthenticated");
    let path = format!("/time-entries/{}", entered(&maja, "2021-01-11", 60));
    nils.client.change(&path, "voided").refused(404, "notFound");
    let client = &maja.client;
    client.patch(&path, json!({"minutes": 30})).refused(428, "preconditionRequired");
    let seen = client.get(&path);
    client.if_match(&seen).patch(&path, json!({"minutes": 30})).is(200);
    client.if_match(&seen).patch(&path, json!({"minutes": 20})).refused(412, "versionMismatch");
});

/// Two running programmes whose work begins in January.
fn two_running(t: &TestApp) -> [Id; 2] {
    let programmes = [draft(t), draft(t)];
    let change = |id: Id, body| {
        let path = format!("/programmes/{id}/status-changes");
        t.manager(id).post(&path, body).is(200);
    };
    for id in programmes {
        change(id, json!({"to": "scheduled"}));
    }
    t.at("2020-11-15");
    for id in programmes {
        change(id, json!({"to": "decided"}));
        change(id, start("2020-11-13"));
        crate::team::give_place(t, id, BODEN);
    }
    programmes
}

both!(a_day_has_24_hours_in_all_programmes_together, |t| {
    let [first, second] = two_running(t);
    let (here, there) = (member(t, first, BODEN, 1), member(t, second, BODEN, 1));
    assert_eq!(here.client.id(), there.client.id());
    t.at("2021-01-12");
    entered(&there, "2021-01-11", 1000);
    let over = here.client.post("/time-entries", work(&here, "2021-01-11", 441));
    over.refused(422, "dailyHoursExceeded");
    assert_eq!(over.faults(), [("/minutes".to_owned(), "dailyHoursExceeded".to_owned())]);
    let rest = format!("/time-entries/{}", entered(&here, "2021-01-11", 440));
    patch(&here.client, &rest, json!({"minutes": 441})).refused(422, "dailyHoursExceeded");
    patch(&here.client, &rest, json!({"minutes": 440})).is(200);
    here.client.change(&rest, "voided").is(200);
    entered(&here, "2021-01-11", 440);
});

both!(proposals_do_not_fill_a_day_and_reveal_no_other_time, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    let coordinator = coordinator(t, programme, BODEN);
    t.at("2021-01-12");
    let whole_day = coordinator.post("/time-entries", work(&maja, "2021-01-11", 1440));
    whole_day.is(201);
    let own = format!("/time-entries/{}", entered(&maja, "2021-01-11", 1380));
    patch(&maja.client, &own, json!({"minutes": 1390})).is(200);
    let proposal = format!("/time-entries/{}", whole_day.id());
    let told = maja.client.change(&proposal, "recorded").refused(422, "dailyHoursExceeded");
    assert!(told["errors"][0]["detail"].as_str().unwrap().contains("50 minuter"), "{told}");
    let other = coordinator.post("/time-entries", work(&maja, "2021-01-11", 60));
    let told = other.refused(422, "dailyHoursExceeded")["errors"][0]["detail"].as_str().unwrap().to_owned();
    assert!(!told.contains(|letter: char| letter.is_ascii_digit()), "{told}");
    patch(&coordinator, &proposal, json!({"minutes": 50})).is(200);
    maja.client.change(&proposal, "recorded").is(200);
});

both!(a_refusal_does_not_reveal_time_in_another_kommun, |t| {
    let programme = running(t);
    let here = member(t, programme, BODEN, 1);
    let lulea = coordinator(t, programme, LULEA);
    let email = format!("medarbetare1@kommun{BODEN}.example");
    let joined = with(maja(programme), json!({"kommunkod": LULEA, "email": email, "employeeNumber": "1-1"}));
    let there = Member { id: lulea.post("/participants", joined).id(), client: here.client.clone() };
    t.at("2021-01-12");
    entered(&here, "2021-01-11", 1000);
    let body = json!({"dryRun": true, "items": [work(&there, "2021-01-11", 1440)]});
    assert_eq!(lulea.post("/time-entries/batch", body).is(200)["failed"], 0);
    // The person's confirmation counts the whole day.
    let proposal = lulea.post("/time-entries", work(&there, "2021-01-11", 600)).id();
    let confirmed = here.client.change(&format!("/time-entries/{proposal}"), "recorded");
    confirmed.refused(422, "dailyHoursExceeded");
});

both!(the_settings_decide_which_activity_is_travel, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    let mut settings = json!(SettingsContent::of(Profile::Esf20142020));
    settings["activities"] = json!([
        {"code": "A1", "labelSv": "Resor", "labelEn": "Journeys", "isTravel": true},
        {"code": "travel", "labelSv": "Studieresa tillsammans", "labelEn": "Study visit together"},
    ]);
    settings["validFrom"] = json!("2021-01-01");
    hold(t, programme, settings);
    t.at("2021-01-12");
    let enter = |code: &str| {
        let joint = json!({"kind": "joint", "activityCode": code});
        maja.client.post("/time-entries", with(work(&maja, "2021-01-11", 60), joint))
    };
    enter("A1").refused(422, "invalidInput");
    assert_eq!(enter("A1").faults(), [("/kind".to_owned(), "travelIsNeverJoint".to_owned())]);
    enter("travel").is(201);
});

both!(the_programmes_daily_cap_holds_for_whole_months, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    let mut settings = json!(SettingsContent::of(Profile::Esf20142020));
    settings["dailyHoursCap"] = json!(13);
    settings["validFrom"] = json!("2021-02-01");
    hold(t, programme, settings);
    t.at("2021-02-02");
    entered(&maja, "2021-01-31", 14 * 60);
    entered(&maja, "2021-02-01", 13 * 60);
    maja.client.post("/time-entries", work(&maja, "2021-02-01", 1)).refused(422, "dailyCapExceeded");
});

both!(a_signed_report_accepts_no_changes, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-01-12");
    let id = entered(&maja, "2021-01-11", 60);
    let path = format!("/time-entries/{id}");
    let report = maja.client.get(&path).is(200)["timeReportId"].as_str().unwrap().to_owned();
    let report = format!("/time-reports/{report}");
    maja.client.change(&report, "signed").is(200);
    maja.client.post("/time-entries", work(&maja, "2021-01-11", 60)).refused(409, "reportSigned");
    patch(&maja.client, &path, json!({"minutes": 30})).refused(409, "reportSigned");
    maja.client.change(&path, "voided").refused(409, "reportSigned");
    maja.client.change(&report, "open").is(200);
    patch(&maja.client, &path, json!({"minutes": 30})).is(200);
});

both!(an_empty_report_explains_why_it_accepts_no_time, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-01-12");
    let list = maja.client.get("/time-reports?month=2021-01").is(200);
    let report = format!("/time-reports/{}", list["items"][0]["id"].as_str().unwrap());
    maja.client.change(&report, "empty").is(200);
    let english = maja.client.header("Accept-Language", "en");
    let refusal = english.post("/time-entries", work(&maja, "2021-01-11", 60)).refused(409, "stateConflict");
    assert_eq!(refusal["currentStatus"], "empty");
    assert!(refusal["detail"].as_str().unwrap().contains("declared empty"), "{refusal}");
    maja.client.change(&report, "open").is(200);
    entered(&maja, "2021-01-11", 60);
});

both!(a_programme_that_is_not_running_accepts_no_time, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-01-12");
    let path = format!("/time-entries/{}", entered(&maja, "2021-01-11", 60));
    t.manager(programme)
        .change_because(&format!("/programmes/{programme}"), "cancelled", "Ingen finansiering.")
        .is(200);
    maja.client.post("/time-entries", work(&maja, "2021-01-11", 60)).refused(409, "stateConflict");
    maja.client.change(&path, "voided").refused(409, "stateConflict");
});
