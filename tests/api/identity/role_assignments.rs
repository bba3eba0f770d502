//! `/people/{personId}/role-assignments`.

use samverkan::identity::policy::Role;
use samverkan::identity::roles::AssignmentRow;
use serde_json::json;

use super::*;
use crate::both;
use crate::contract::scopes::Rows;
use crate::contract::world::{Offer, Owner, Wish, World};
use crate::goals::BODEN;
use crate::support::Response;

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "roleAssignmentId",
    owner: Owner::Kommun,
    make: |t, world| World::first(&t.admin(), &path(world.maja.client.id())),
    wishes: |world| {
        let role = json!({"role": "participant", "programmeId": world.programme, "kommunkod": BODEN});
        vec![Wish::post(path(world.nils.client.id()), role)]
    },
    rows: Some(Rows::by_keys::<AssignmentRow>()),
}];

fn path(person: Id) -> String {
    format!("/people/{person}/role-assignments")
}

/// Somebody without a role, whom the manager sees because they have accepted an invitation.
fn known(t: &TestApp, manager: &Client) -> Client {
    manager.post("/people", json!({"name": "Karin", "email": "karin.o@boden.example"})).is(201);
    t.login_as("karin.o@boden.example")
}

both!(a_role_is_granted_takes_effect_and_ends, |t| {
    let programme = programme(t);
    let manager = t.manager(programme);
    let karin = known(t, &manager);
    karin.get(&format!("/programmes/{programme}")).refused(404, "notFound");
    let wanted = json!({"role": "coordinator", "programmeId": programme, "kommunkod": "2582"});
    let granted = manager.post(&path(karin.id()), wanted.clone());
    let role = granted.is(201);
    assert_eq!(role["validFrom"], "2020-10-01");
    karin.get(&format!("/programmes/{programme}")).is(200);
    assert_eq!(manager.post(&path(karin.id()), wanted).is(201)["id"], role["id"], "the same assignment");
    assert_eq!(karin.get(&path(karin.id())).is(200)["_meta"]["totalRecords"], 1);

    let one = format!("{}/{}", path(karin.id()), granted.id());
    karin.get(&one).is(200);
    // Below another person there is no such role, whatever the body says.
    let elsewhere = format!("{}/{}", path(manager.id()), granted.id());
    manager.get(&elsewhere).refused(404, "notFound");
    manager.patch(&elsewhere, json!({"validTo": "yesterday"})).refused(404, "notFound");
    let seen = manager.get(&one);
    let boden = karin.if_match(&seen).patch(&one, json!({"validTo": "2020-09-30"}));
    boden.refused(403, "ownWork");
    manager.patch(&one, json!({"validTo": "2020-09-30"})).refused(428, "preconditionRequired");
    manager.patch(&one, json!({"validTo": "2020-09-29"})).refused(422, "invalidInput");
    let early = manager.if_match(&seen).patch(&one, json!({"validTo": "2020-09-29"}));
    early.refused(422, "invalidInput");
    assert_eq!(early.faults(), [("/validTo".into(), "inThePast".into())]);
    manager.if_match(&seen).patch(&one, json!({"validTo": "2020-09-30"})).is(200);
    karin.get(&format!("/programmes/{programme}")).refused(404, "notFound");
    let seen = manager.get(&one);
    manager.if_match(&seen).patch(&one, json!({"validTo": null})).refused(409, "stateConflict");
});

both!(the_last_administrator_keeps_the_role, |t| {
    let (one, two) = (t.admin(), t.admin());
    let role_of = |who: &Client| {
        let listed = who.get(&path(who.id())).is(200);
        format!("{}/{}", path(who.id()), listed["items"][0]["id"].as_str().unwrap())
    };
    let (ones, twos) = (role_of(&one), role_of(&two));
    // Read before the race: whoever has lost the role reads nothing.
    let (seen_by_one, seen_by_two) = (one.get(&twos), two.get(&ones));
    let end = |who: &Client, seen: &Response, role: &str| {
        who.if_match(seen).patch(role, json!({"validTo": "2020-09-30"})).status
    };
    let statuses = std::thread::scope(|scope| {
        let first = scope.spawn(|| end(&one, &seen_by_one, &twos));
        let second = scope.spawn(|| end(&two, &seen_by_two, &ones));
        let mut both = [first.join().unwrap(), second.join().unwrap()];
        both.sort_unstable();
        both
    });
    // The second request is refused, or its caller has lost the role.
    assert_eq!(statuses[0], 200);
    assert!([403, 404, 409].contains(&statuses[1]), "{statuses:?}");
});

both!(a_dated_role_holds_from_its_first_to_its_last_day, |t| {
    let programme = programme(t);
    let manager = t.manager(programme);
    let revisor = known(t, &manager);
    let dated = json!({"role": "auditor", "programmeId": programme, "validFrom": "2020-10-05", "validTo": "2020-10-06"});
    manager.post(&path(revisor.id()), dated).is(201);
    let programme = format!("/programmes/{programme}/settings");
    revisor.get(&programme).refused(403, "forbidden");
    t.at("2020-10-05T06:00:00Z");
    revisor.get(&programme).is(200);
    t.at("2020-10-06T23:00:00Z");
    revisor.get(&programme).refused(403, "forbidden");
});

both!(who_may_grant_which_role, |t| {
    let programme = programme(t);
    let (admin, manager) = (t.admin(), t.manager(programme));
    let boden = t.in_kommun(Role::Coordinator, programme, "2582");
    // Everyone who grants a role sees her.
    let karin = t.in_kommun(Role::Registrar, programme, "2582");
    let nils = t.in_kommun(Role::Attester, programme, "2582");
    let grant = |who: &Client, body: Value| who.post(&path(karin.id()), body);
    let here = |role: &str| json!({"role": role, "programmeId": programme, "kommunkod": "2582"});

    grant(&boden, here("coordinator")).refused(403, "notYours");
    grant(&boden, json!({"role": "attester", "programmeId": programme, "kommunkod": "2580"}))
        .refused(403, "notYours");
    grant(&manager, here("attester")).refused(403, "notYours");
    let attester = grant(&boden, here("attester"));
    attester.is(201);
    let one = format!("{}/{}", path(karin.id()), attester.id());
    manager
        .if_match(&manager.get(&one))
        .patch(&one, json!({"validTo": "2020-12-31"}))
        .refused(403, "notYours");
    grant(&manager, json!({"role": "attester", "programmeId": programme})).is(201);
    grant(&manager, json!({"role": "systemAdmin"})).refused(403, "notYours");
    grant(&admin, json!({"role": "economist", "programmeId": programme})).refused(403, "notYours");
    grant(&admin, json!({"role": "programmeManager", "programmeId": programme})).is(201);
    for (role, comes_with) in [
        ("participant", "POST /participants"),
        ("applicant", "intresseanmälan"),
        ("signatory", "avsiktsförklaring"),
        ("hrIntegration", "POST /api-clients"),
    ] {
        let refusal = grant(&manager, here(role)).refused(403, "notYours");
        let detail = refusal["detail"].as_str().unwrap();
        assert!(detail.contains(comes_with) && !detail.contains(": ."), "{detail}");
    }
    grant(&nils, here("attester")).refused(403, "forbidden");
    let nowhere = "0175a2e1-7c00-7000-8000-000000000001";
    let unknown = grant(&admin, json!({"role": "programmeManager", "programmeId": nowhere}));
    unknown.refused(422, "invalidInput");
    assert_eq!(unknown.faults(), [("/programmeId".into(), "unknown".into())]);
    let unknown =
        grant(&manager, json!({"role": "coordinator", "programmeId": programme, "kommunkod": "9999"}));
    assert_eq!(unknown.faults(), [("/kommunkod".into(), "unknown".into())]);
    manager.post(&path(nowhere.parse().unwrap()), here("coordinator")).refused(404, "notFound");
    let economist = json!({"role": "economist", "programmeId": programme});
    manager.post(&path(manager.id()), economist).refused(403, "ownWork");
});

both!(a_role_in_the_wrong_place_names_every_fault, |t| {
    let programme = programme(t);
    let manager = t.manager(programme);
    let karin = known(t, &manager);
    let body =
        json!({"role": "auditor", "programmeId": programme, "kommunkod": "2582", "validFrom": "2020-09-01"});
    let refused = manager.post(&path(karin.id()), body);
    refused.refused(422, "invalidInput");
    assert_eq!(
        refused.faults(),
        [
            ("/kommunkod".into(), "wrongPlace".into()),
            ("/validFrom".into(), "inThePast".into()),
            ("/validTo".into(), "required".into()),
        ]
    );
    let body = json!({"role": "economist", "programmeId": programme, "validTo": "2020-09-30"});
    let refused = manager.post(&path(karin.id()), body);
    refused.refused(422, "invalidInput");
    assert_eq!(refused.faults(), [("/validTo".into(), "wrongOrder".into())]);
});

both!(an_administrator_cannot_end_the_own_role, |t| {
    let admin = t.admin();
    let id = admin.get(&path(admin.id())).is(200)["items"][0]["id"].as_str().unwrap().to_owned();
    let one = format!("{}/{id}", path(admin.id()));
    let seen = admin.get(&one);
    admin.if_match(&seen).patch(&one, json!({"validTo": "2020-10-01"})).refused(403, "ownWork");
    t.admin().if_match(&seen).patch(&one, json!({"validTo": "2020-09-30"})).is(200);
    admin.get("/api-clients").refused(403, "forbidden");
});
