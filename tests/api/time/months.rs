//! Months: opened and closed by the clock, locked by the economist, and the settlement period.

use samverkan::identity::policy::Role;
use samverkan::time::months::MonthRow;
use serde_json::{Value, json};

use super::{entered, member, work};
use crate::both;
use crate::contract::scopes::Rows;
use crate::contract::world::{Offer, Owner};
use crate::programmes::{draft, hold, start};
use crate::team::{BODEN, LULEA, coordinator, each, patch, running};

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "month",
    owner: Owner::Anyone,
    make: |_, _| json!("2021-01"),
    rows: Some(Rows::by_keys::<MonthRow>()),
    ..Offer::NONE
}];

both!(a_month_opens_ends_and_closes_by_the_clock, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    let months = format!("/programmes/{programme}/months");
    assert_eq!(manager.get(&months).is(200)["items"], json!([]));
    let january = format!("{months}/2021-01");
    manager.get(&january).refused(404, "notFound");
    t.at("2021-01-01T00:00:00+01:00");
    let open = manager.get(&january).is(200);
    assert_eq!((&open["status"], &open["graceEndsAt"]), (&json!("open"), &json!("2021-02-05T23:00:00.000Z")));
    assert_eq!(open["allowedTransitions"], json!([]));
    t.at("2021-01-31");
    assert_eq!(manager.get(&january).is(200)["status"], "grace");
    assert_eq!(each(&manager.get(&months).is(200), "month"), ["2021-01", "2021-02"]);
    t.at("2021-02-05T23:59:59+01:00");
    assert_eq!(manager.get(&january).is(200)["status"], "grace");
    t.at("2021-02-05");
    assert_eq!(manager.get(&january).is(200)["status"], "closed");
    let history = manager.get(&format!("{january}/status-changes")).is(200);
    assert_eq!(
        (each(&history, "to"), each(&history, "role")),
        (vec![json!("grace"), json!("closed")], vec![json!("system"); 2])
    );
    assert_eq!(manager.get(&format!("{months}?status=closed")).is(200)["_meta"]["totalRecords"], 1);
    manager.get(&format!("{months}/2021-13")).refused(404, "notFound");
    t.anonymous().get(&months).refused(401, "unauthenticated");
});

both!(a_programme_that_starts_late_has_its_months_at_once, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    manager.change(&path, "scheduled").is(200);
    t.at("2020-11-15");
    manager.change(&path, "decided").is(200);
    t.at("2021-02-10");
    manager.post(&format!("{path}/status-changes"), start("2020-12-10")).is(200);
    assert_eq!(each(&manager.get(&format!("{path}/months")).is(200), "month"), ["2021-01", "2021-02"]);
    t.run_jobs();
    assert_eq!(each(&manager.get(&format!("{path}/months")).is(200), "status"), ["closed", "open"]);
    let refusal = manager.change(&path, "completed");
    refusal.refused(409, "stateConflict");
});

both!(the_settings_of_the_first_day_decide_the_grace_period, |t| {
    let programme = running(t);
    t.at("2021-01-10");
    let mut settings = json!(samverkan::programmes::settings::SettingsContent::of(
        samverkan::programmes::programme::Profile::Esf20142020
    ));
    settings["graceWorkingDays"] = json!(2);
    settings["validFrom"] = json!("2021-01-01");
    hold(t, programme, settings.clone());
    settings["graceWorkingDays"] = json!(4);
    settings["validFrom"] = json!("2021-02-01");
    hold(t, programme, settings);
    t.at("2021-01-31");
    let january = t.manager(programme).get(&format!("/programmes/{programme}/months/2021-01")).is(200);
    assert_eq!(
        (&january["status"], &january["graceEndsAt"]),
        (&json!("grace"), &json!("2021-02-02T23:00:00.000Z"))
    );
});

both!(the_economist_locks_when_every_report_is_settled, |t| {
    let programme = running(t);
    let (maja, nils) = (member(t, programme, BODEN, 1), member(t, programme, BODEN, 2));
    t.at("2021-01-12");
    entered(&maja, "2021-01-11", 60);
    let economist = t.economist(programme);
    let january = format!("/programmes/{programme}/months/2021-01");
    economist.change(&january, "locked").refused(409, "transitionNotAllowed");
    t.at("2021-02-05");
    t.manager(programme).change(&january, "locked").refused(403, "forbidden");
    economist.change(&january, "closed").refused(409, "transitionNotAllowed");
    let refusal = economist.change(&january, "locked");
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults()[0], ("/data/missing".to_owned(), "required".to_owned()));
    assert_eq!(refusal.faults().len(), 3);
    let offer = economist.get(&january).is(200)["allowedTransitions"].clone();
    assert_eq!(offer, json!([{"to": "locked", "requiresComment": false, "requires": ["missing"]}]));
    let missing = json!([
        {"participantId": maja.id, "reason": "Sjukskriven."},
        {"participantId": nils.id, "reason": "Har slutat."}
    ]);
    let overview = economist.get(&format!("{january}/overview")).is(200);
    let awaited = overview["awaited"].as_array().unwrap();
    let ids: Vec<&Value> = awaited.iter().map(|person| &person["participantId"]).collect();
    assert!(
        ids.len() == 2 && ids.contains(&&json!(maja.id)) && ids.contains(&&json!(nils.id)),
        "{awaited:?}"
    );
    assert!(awaited.iter().all(|person| person["participantName"].is_string() && person["status"] == "open"));
    let partial = json!({"to": "locked", "data": {"missing": [missing[0]]}});
    let refusal = economist.post(&format!("{january}/status-changes"), partial);
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [(format!("/participants/{}", nils.id), "open".to_owned())]);
    // A participant whose report is not missing, or who is named twice, is refused.
    let stranger = json!({"participantId": programme, "reason": "Okänd."});
    let wrong = json!({"to": "locked", "data": {"missing": [missing[0], stranger, missing[0], missing[1]]}});
    let refusal = economist.post(&format!("{january}/status-changes"), wrong);
    refusal.refused(422, "invalidInput");
    let place = |index: u8, code: &str| (format!("/data/missing/{index}/participantId"), code.to_owned());
    assert_eq!(refusal.faults(), [place(1, "notAwaited"), place(2, "notUnique")]);
    let body = json!({"to": "locked", "data": {"missing": missing}});
    let locked = economist.post(&format!("{january}/status-changes"), body).is(200);
    assert_eq!((&locked["status"], &locked["missing"]), (&json!("locked"), &missing));
    // Other kommuner do not see the reasons about people.
    assert_eq!(coordinator(t, programme, LULEA).get(&january).is(200)["missing"], json!([]));
    assert_eq!(t.in_programme(Role::Auditor, programme).get(&january).is(200)["missing"], missing);
    let refusal =
        maja.client.post("/time-entries", work(&maja, "2021-01-12", 60)).refused(409, "monthClosed");
    assert_eq!(refusal["currentStatus"], "locked");
});

both!(after_the_last_month_closed_months_accept_late_time, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-02-05");
    let economist = t.economist(programme);
    let missing = json!([{"participantId": maja.id, "reason": "Sjukskriven."}]);
    let body = json!({"to": "locked", "data": {"missing": missing}});
    economist.post(&format!("/programmes/{programme}/months/2021-01/status-changes"), body).is(200);
    t.at("2022-12-30");
    maja.client.post("/time-entries", work(&maja, "2021-02-12", 60)).refused(409, "monthClosed");
    t.at("2022-12-31");
    entered(&maja, "2021-02-12", 60);
    maja.client.post("/time-entries", work(&maja, "2021-01-12", 60)).refused(409, "monthClosed");
    let refusal = t.manager(programme).change(&format!("/programmes/{programme}"), "completed");
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults().len(), 23);
});

both!(a_leaving_member_keeps_the_role_until_the_month_of_the_last_day_is_locked, |t| {
    let programme = running(t);
    let (maja, nils) = (member(t, programme, BODEN, 1), member(t, programme, BODEN, 2));
    let boden = || coordinator(t, programme, BODEN);
    let leaves = |id: samverkan::platform::ids::Id, last: &str| {
        patch(&boden(), &format!("/participants/{id}"), json!({"validTo": last})).is(200);
    };
    leaves(maja.id, "2021-01-20");
    let lock = |month: &str, awaited: &[samverkan::platform::ids::Id]| {
        let missing: Vec<Value> =
            awaited.iter().map(|id| json!({"participantId": id, "reason": "Sjukskriven."})).collect();
        let body = json!({"to": "locked", "data": {"missing": missing}});
        t.economist(programme)
            .post(&format!("/programmes/{programme}/months/{month}/status-changes"), body)
            .is(200);
    };
    t.at("2021-03-10");
    lock("2021-02", &[nils.id]);
    t.at("2021-03-12");
    maja.client.get("/time-reports").is(200);
    lock("2021-01", &[maja.id, nils.id]);
    maja.client.get("/time-reports").is(200);
    t.at("2021-03-14");
    maja.client.get("/time-reports").refused(403, "forbidden");
    // The last day is set afterwards, in a month that is already locked.
    nils.client.get("/time-reports").is(200);
    leaves(nils.id, "2021-02-20");
    t.at("2021-03-16");
    nils.client.get("/time-reports").refused(403, "forbidden");
});

both!(own_time_in_a_former_kommun_can_be_read_but_not_changed, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-01-12");
    let entry = format!("/time-entries/{}", entered(&maja, "2021-01-11", 60));
    let report = maja.client.get("/time-reports?month=2021-01").is(200);
    let report = format!("/time-reports/{}", report["items"][0]["id"].as_str().unwrap());
    // The role moves from Boden to Luleå.
    let person = maja.client.id();
    t.write(|tx| {
        use samverkan::identity::roles::{self, Wanted};
        for held in roles::unscoped_of_person(tx.db, person)? {
            roles::end(tx, held, tx.ctx.today().plus_days(-1))?;
        }
        let wanted = Wanted::new(person, Role::Participant, programme, Some(LULEA), tx.ctx.today());
        roles::grant(tx, &wanted)
    });
    assert_eq!(maja.client.get(&report).is(200)["allowedTransitions"], json!([]));
    maja.client.get(&entry).is(200);
    maja.client.change(&report, "signed").refused(403, "notYours");
    maja.client.change(&entry, "voided").refused(403, "notYours");
    patch(&maja.client, &entry, json!({"minutes": 30})).refused(403, "notYours");
    maja.client.post("/time-entries", work(&maja, "2021-01-11", 60)).refused(404, "notFound");
});
