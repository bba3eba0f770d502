//! Month exceptions: more time for one kommun or one person after a month has closed.

use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use samverkan::time::month_exceptions::ExceptionRow;
use serde_json::{Value, json};

use super::{entered, member, work};
use crate::both;
use crate::contract::scopes::Rows;
use crate::contract::world::{Offer, Owner, Wish};
use crate::programmes::draft;
use crate::support::Client;
use crate::team::{BODEN, LULEA, coordinator, maja, patch, running, with};

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "monthExceptionId",
    owner: Owner::Kommun,
    make: |_, world| {
        let wanted = for_boden(world.programme, "2021-03-12T23:00:00Z");
        world.manager.post("/month-exceptions", wanted).is(201)["id"].clone()
    },
    wishes: |world| vec![Wish::post("/month-exceptions", for_boden(world.programme, "2021-03-12T23:00:00Z"))],
    rows: Some(Rows::by_keys::<ExceptionRow>()),
}];

/// The request that gives Boden more time for January.
fn for_boden(programme: Id, expires_at: &str) -> Value {
    json!({"programmeId": programme, "month": "2021-01", "kommunkod": BODEN, "expiresAt": expires_at,
        "reason": "Tidsystemet låg nere."})
}

both!(a_closed_month_accepts_time_only_with_an_exception, |t| {
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
    // An exception for the kommun holds until it expires.
    let manager = t.manager(programme);
    let wanted = for_boden(programme, "2021-02-12T23:00:00Z");
    let exception = manager.post("/month-exceptions", wanted).is(201);
    assert_eq!(exception["isValid"], true);
    // The month's overview tells of it, to its kommun and to SKR, not to others.
    let overview = format!("/programmes/{programme}/months/2021-01/overview");
    let told = |who: &Client| who.get(&overview).is(200)["exceptions"].clone();
    assert_eq!(told(&manager)[0]["id"], exception["id"]);
    assert_eq!(told(&t.in_kommun(Role::Coordinator, programme, BODEN))[0]["kommunName"], "Boden");
    assert_eq!(told(&t.in_kommun(Role::Coordinator, programme, LULEA)), json!([]));
    patch(&maja.client, &path, json!({"minutes": 30})).is(200);
    lisa.client.post("/time-entries", work(&lisa, "2021-01-12", 60)).refused(409, "monthClosed");
    // A moved entry must be allowed in both months.
    patch(&maja.client, &path, json!({"workDate": "2021-02-05"})).is(200);
    assert_eq!(maja.client.get(&path).is(200)["month"], "2021-02");
    let path = format!("/month-exceptions/{}", exception["id"].as_str().unwrap());
    // A plain day means its end in Sweden.
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
        manager.post("/month-exceptions", with(body, changes))
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
    let other = draft(t);
    let body = for_boden(programme, "2021-02-12T23:00:00Z");
    t.manager(other).post("/month-exceptions", body).refused(403, "notYours");
    manager.patch(&path, json!({"expiresAt": "2021-03-01T00:00:00Z"})).refused(428, "preconditionRequired");
    // The audit trail has its use.
    let uses: i64 = t.db(|db| {
        use diesel::prelude::*;
        use samverkan::platform::db::schema::audit_events as events;
        events::table.filter(events::action.eq("monthException.used")).count().get_result(db).unwrap()
    });
    assert_eq!(uses, 1);
});

both!(nobody_grants_an_exception_to_the_kommun_of_their_own_team, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    let boden = member(t, programme, BODEN, 1);
    t.at("2021-02-05");
    let path = format!(
        "/month-exceptions/{}",
        manager.post("/month-exceptions", for_boden(programme, "2021-02-12T23:00:00Z")).id()
    );
    // Now, and also after the person has left the team.
    let left = json!({"validTo": "2021-01-31"});
    t.grant(&boden.client, Role::ProgrammeManager, programme, None);
    for _ in ["now", "then"] {
        let own = t.login(boden.client.id());
        own.post("/month-exceptions", for_boden(programme, "2021-02-12T23:00:00Z")).refused(403, "ownWork");
        patch(&own, &path, json!({"expiresAt": "2021-02-13T23:00:00Z"})).refused(403, "ownWork");
        let lulea = json!({"kommunkod": LULEA});
        own.post("/month-exceptions", with(for_boden(programme, "2021-02-12T23:00:00Z"), lulea)).is(201);
        patch(&manager, &format!("/participants/{}", boden.id), left.clone());
    }
});

both!(nobody_grants_an_exception_to_themself, |t| {
    let programme = running(t);
    let manager = t.manager(programme);
    let owners = json!({"organisation": "owner", "kommunkod": null, "email": "metod@skr.example"});
    let id = manager.post("/participants", with(maja(programme), owners)).id();
    let own = t.login_as("metod@skr.example");
    t.grant(&own, Role::ProgrammeManager, programme, None);
    let body = json!({"programmeId": programme, "month": "2021-01", "participantId": id,
        "expiresAt": "2021-02-12T23:00:00Z", "reason": "Sjukdom."});
    t.at("2021-02-05");
    own.post("/month-exceptions", body.clone()).refused(403, "ownWork");
    let path = format!("/month-exceptions/{}", manager.post("/month-exceptions", body).id());
    patch(&own, &path, json!({"expiresAt": "2021-03-12T23:00:00Z"})).refused(403, "ownWork");
    patch(&manager, &path, json!({"expiresAt": "2021-03-12T23:00:00Z"})).is(200);
});
