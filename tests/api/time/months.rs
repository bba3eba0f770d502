//! Months: the clock's way, the lock, exceptions and the settlement period.

use samverkan::identity::policy::Role;
use serde_json::{Value, json};

use super::{entered, member, work};
use crate::both;
use crate::team::{BODEN, LULEA, coordinator, each, patch, running};

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

both!(a_programme_that_runs_late_has_its_months_at_once, |t| {
    let id = crate::programmes::draft(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    manager.change(&path, "scheduled").is(200);
    t.at("2020-11-15");
    manager.change(&path, "decided").is(200);
    t.at("2021-02-10");
    let decision = json!({"body": "ESF-rådet", "decidedOn": "2020-12-10", "registryNumber": "2020/00373"});
    manager
        .post(&format!("{path}/status-changes"), json!({"to": "running", "data": {"decision": decision}}))
        .is(200);
    assert_eq!(each(&manager.get(&format!("{path}/months")).is(200), "month"), ["2021-01", "2021-02"]);
    t.run_jobs();
    assert_eq!(each(&manager.get(&format!("{path}/months")).is(200), "status"), ["closed", "open"]);
    let refusal = manager.change(&path, "completed");
    refusal.refused(409, "stateConflict");
});

both!(settings_of_the_last_day_decide_the_grace, |t| {
    let programme = running(t);
    t.at("2021-01-10");
    let mut settings = json!(samverkan::programmes::settings::SettingsContent::of(
        samverkan::programmes::programme::Profile::Esf20142020
    ));
    settings["graceWorkingDays"] = json!(2);
    settings["validFrom"] = json!("2021-01-20");
    t.economist(programme).post(&format!("/programmes/{programme}/settings"), settings).is(201);
    t.at("2021-01-31");
    let january = t.manager(programme).get(&format!("/programmes/{programme}/months/2021-01")).is(200);
    assert_eq!(
        (&january["status"], &january["graceEndsAt"]),
        (&json!("grace"), &json!("2021-02-02T23:00:00.000Z"))
    );
});

both!(a_closed_month_takes_nothing_but_under_an_exception, |t| {
    let programme = running(t);
    let (maja, lisa) = (member(t, programme, BODEN, 1), member(t, programme, LULEA, 1));
    t.at("2021-01-12");
    let path = format!("/time-entries/{}", entered(&maja, "2021-01-11", 60));
    t.at("2021-02-05T23:59:00+01:00");
    entered(&maja, "2021-01-12", 60);
    t.at("2021-02-05");
    let refusal =
        maja.client.post("/time-entries", work(&maja, "2021-01-12", 60)).refused(409, "monthClosed");
    assert_eq!((&refusal["month"], &refusal["currentStatus"]), (&json!("2021-01"), &json!("closed")));
    patch(&maja.client, &path, json!({"minutes": 30})).refused(409, "monthClosed");
    maja.client.change(&path, "voided").refused(409, "monthClosed");
    let copies = json!({"participantId": maja.id, "fromMonth": "2020-12", "toMonth": "2021-01"});
    maja.client.post("/time-entries/copies", copies).refused(409, "monthClosed");
    // An exception for the kommun lets it go on, until it expires.
    let manager = t.manager(programme);
    let grant = json!({"programmeId": programme, "month": "2021-01", "kommunkod": BODEN,
        "expiresAt": "2021-02-12T23:00:00Z", "reason": "Tidsystemet låg nere."});
    let exception = manager.post("/month-exceptions", grant).is(201);
    assert_eq!(exception["isValid"], true);
    patch(&maja.client, &path, json!({"minutes": 30})).is(200);
    lisa.client.post("/time-entries", work(&lisa, "2021-01-12", 60)).refused(409, "monthClosed");
    // Moving an entry asks both months.
    patch(&maja.client, &path, json!({"workDate": "2021-02-05"})).is(200);
    assert_eq!(maja.client.get(&path).is(200)["month"], "2021-02");
    let path = format!("/month-exceptions/{}", exception["id"].as_str().unwrap());
    // A plain day ends when the day does, in Sweden.
    let day = patch(&manager, &path, json!({"expiresAt": "2021-02-20"})).is(200);
    assert_eq!(day["expiresAt"], "2021-02-20T23:00:00.000Z");
    let ended = patch(&manager, &path, json!({"expiresAt": "2021-02-01T00:00:00Z"})).is(200);
    assert_eq!((&ended["isValid"], &ended["expiresAt"]), (&json!(false), &json!("2021-02-05T23:00:00.000Z")));
    maja.client.post("/time-entries", work(&maja, "2021-01-12", 60)).refused(409, "monthClosed");
});

both!(an_exception_is_for_one_kommun_or_one_person, |t| {
    let programme = running(t);
    let (maja, nils) = (member(t, programme, BODEN, 1), member(t, programme, BODEN, 2));
    t.at("2021-02-05");
    let manager = t.manager(programme);
    let grant = |changes| {
        let body = json!({"programmeId": programme, "month": "2021-01",
            "expiresAt": "2021-02-12T23:00:00Z", "reason": "Sjukdom."});
        manager.post("/month-exceptions", crate::team::with(body, changes))
    };
    let wrong = grant(json!({"month": "2023-01", "expiresAt": "2021-02-05T23:00:00Z"}));
    wrong.refused(422, "invalidInput");
    let codes: Vec<String> = wrong.faults().into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["inThePast", "outsideProgramme", "exactlyOne"]);
    grant(json!({"kommunkod": BODEN, "participantId": maja.id})).refused(422, "invalidInput");
    grant(json!({"kommunkod": "9999"})).refused(422, "invalidInput");
    grant(json!({"kommunkod": BODEN, "expiresAt": "2021-02-05"})).refused(422, "invalidInput");
    grant(json!({"participantId": programme})).refused(422, "invalidInput");
    grant(json!({"kommunkod": BODEN, "reason": ""})).refused(422, "invalidInput");
    let made = grant(json!({"participantId": maja.id, "expiresAt": "2021-02-12"})).is(201);
    assert_eq!((&made["kommunkod"], &made["expiresAt"]), (&json!(BODEN), &json!("2021-02-12T23:00:00.000Z")));
    entered(&maja, "2021-01-12", 60);
    nils.client.post("/time-entries", work(&nils, "2021-01-12", 60)).refused(409, "monthClosed");
    let path = format!("/month-exceptions/{}", made["id"].as_str().unwrap());
    coordinator(t, programme, BODEN).get(&path).is(200);
    coordinator(t, programme, LULEA).get(&path).refused(404, "notFound");
    assert_eq!(coordinator(t, programme, LULEA).get("/month-exceptions").is(200)["items"], json!([]));
    maja.client.get(&path).refused(403, "forbidden");
    coordinator(t, programme, BODEN).post("/month-exceptions", json!({})).refused(403, "forbidden");
    let other = crate::programmes::draft(t);
    let body = json!({"programmeId": programme, "month": "2021-01", "kommunkod": BODEN,
        "expiresAt": "2021-02-12T23:00:00Z", "reason": "Sjukdom."});
    t.manager(other).post("/month-exceptions", body).refused(403, "notYours");
    manager.patch(&path, json!({"expiresAt": "2021-03-01T00:00:00Z"})).refused(428, "preconditionRequired");
    // Its use is in the audit trail.
    let uses: i64 = t.db(|db| {
        use diesel::prelude::*;
        use samverkan::platform::db::schema::audit_events as events;
        events::table.filter(events::action.eq("monthException.used")).count().get_result(db).unwrap()
    });
    assert_eq!(uses, 1);
});

both!(nobody_grants_themself_an_exception, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    let owners = json!({"organisation": "owner", "kommunkod": null, "email": "metod@skr.example"});
    let id = manager.post("/participants", crate::team::with(crate::team::maja(programme), owners)).id();
    let own = t.login_as("metod@skr.example");
    super::reports::grant(t, &own, Role::ProgrammeManager, programme, None);
    let body = json!({"programmeId": programme, "month": "2021-01", "participantId": id,
        "expiresAt": "2021-02-12T23:00:00Z", "reason": "Sjukdom."});
    t.at("2021-02-05");
    own.post("/month-exceptions", body.clone()).refused(403, "ownWork");
    let path = format!("/month-exceptions/{}", manager.post("/month-exceptions", body).id());
    patch(&own, &path, json!({"expiresAt": "2021-03-12T23:00:00Z"})).refused(403, "ownWork");
    patch(&manager, &path, json!({"expiresAt": "2021-03-12T23:00:00Z"})).is(200);
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
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults().len(), 2);
    let missing = json!([
        {"participantId": maja.id, "reason": "Sjukskriven."},
        {"participantId": nils.id, "reason": "Har slutat."}
    ]);
    // Whom the month does not wait for, and who stands there twice, is refused.
    let stranger = json!({"participantId": programme, "reason": "Okänd."});
    let wrong = json!({"to": "locked", "data": {"missing": [missing[0], stranger, missing[0], missing[1]]}});
    let refusal = economist.post(&format!("{january}/status-changes"), wrong);
    refusal.refused(422, "invalidInput");
    let place = |index: u8, code: &str| (format!("/data/missing/{index}/participantId"), code.to_owned());
    assert_eq!(refusal.faults(), [place(1, "notAwaited"), place(2, "notUnique")]);
    let body = json!({"to": "locked", "data": {"missing": missing}});
    let locked = economist.post(&format!("{january}/status-changes"), body).is(200);
    assert_eq!((&locked["status"], &locked["missing"]), (&json!("locked"), &missing));
    // What is said of people is not for other kommuner.
    assert_eq!(coordinator(t, programme, LULEA).get(&january).is(200)["missing"], json!([]));
    assert_eq!(t.in_programme(Role::Auditor, programme).get(&january).is(200)["missing"], missing);
    let refusal =
        maja.client.post("/time-entries", work(&maja, "2021-01-12", 60)).refused(409, "monthClosed");
    assert_eq!(refusal["currentStatus"], "locked");
});

both!(after_the_last_month_closed_ones_take_late_time, |t| {
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

both!(a_leaver_keeps_the_role_until_the_month_of_the_last_day_is_locked, |t| {
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
    // A last day that is set afterwards, in a month that is locked already.
    nils.client.get("/time-reports").is(200);
    leaves(nils.id, "2021-02-20");
    t.at("2021-03-16");
    nils.client.get("/time-reports").refused(403, "forbidden");
});

both!(ones_own_in_another_kommun_is_read_and_not_worked_on, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-01-12");
    let entry = format!("/time-entries/{}", entered(&maja, "2021-01-11", 60));
    let report = maja.client.get("/time-reports?month=2021-01").is(200);
    let report = format!("/time-reports/{}", report["items"][0]["id"].as_str().unwrap());
    // The role in Boden is gone, one in Luleå has come.
    let person = maja.client.id();
    t.write(|tx| {
        use samverkan::identity::roles::{self, Wanted};
        for held in roles::of_person(tx.db, person)? {
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
