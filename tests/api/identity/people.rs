//! `/people`.

use samverkan::identity::policy::Role;
use serde_json::json;

use super::*;
use crate::both;

both!(a_person_is_added_invited_and_changed, |t| {
    let admin = t.admin();
    let made = admin.post("/people", json!({"name": "Åsa Öberg", "email": "Asa.Oberg@Boden.example"}));
    let person = made.is(201);
    assert_eq!(
        (person["email"].as_str(), person["status"].as_str()),
        (Some("asa.oberg@boden.example"), Some("invited"))
    );
    let path = format!("/people/{}", made.id());
    assert_eq!(made.header("location"), Some(format!("{}/api/v1{path}", t.base).as_str()));
    t.link_for("asa.oberg@boden.example");

    let seen = admin.get(&path);
    let changed = admin
        .if_match(&seen)
        .patch(&path, json!({"name": "Åsa Öberg Lind", "email": "asa.lind@boden.example"}));
    assert_eq!(changed.is(200)["name"], "Åsa Öberg Lind");
    t.link_for("asa.lind@boden.example");
    admin.if_match(&seen).patch(&path, json!({"name": "X"})).refused(412, "versionMismatch");
    admin.patch(&path, json!({"name": "X"})).refused(428, "preconditionRequired");
    let found = admin.get("/people?q=%C3%96BERG&status=invited").is(200);
    assert_eq!(found["_meta"]["totalRecords"], 1);
    with_password(t, "Karin", "karin@boden.example");
    let seen = admin.get(&path);
    let taken = admin.if_match(&seen).patch(&path, json!({"email": "Karin@boden.example"}));
    taken.refused(409, "alreadyExists");
});

both!(an_address_belongs_to_one_person_whose_id_alone_is_told, |t| {
    let programme = programme(t);
    let karin = with_password(t, "Karin Öberg", "karin@boden.example");
    let boden = t.in_kommun(Role::Coordinator, programme, "2582");
    let refused = boden.post("/people", json!({"name": "Någon", "email": "KARIN@boden.example"}));
    let problem = refused.refused(409, "alreadyExists");
    assert_eq!(problem["personId"], karin.to_string());
    assert!(!refused.text.contains("Karin"));
    boden.get(&format!("/people/{karin}")).refused(404, "notFound");
    let roles = format!("/people/{karin}/role-assignments");
    boden.post(&roles, json!({"role": "attester", "programmeId": programme, "kommunkod": "2582"})).is(201);
    assert_eq!(boden.get(&format!("/people/{karin}")).is(200)["name"], "Karin Öberg");
});

both!(everyone_reads_and_renames_themself_and_nobody_else, |t| {
    let programme = programme(t);
    let karin = t.in_kommun(Role::Participant, programme, "2582");
    let nils = t.in_kommun(Role::Participant, programme, "2582");
    let own = format!("/people/{}", karin.id());
    let seen = karin.get(&own);
    seen.is(200);
    karin.if_match(&seen).patch(&own, json!({"name": "Karin Lind"})).is(200);
    let seen = karin.get(&own);
    let moved = karin.if_match(&seen).patch(&own, json!({"email": "other@boden.example"}));
    assert!(moved.refused(403, "notYours")["detail"].as_str().unwrap().contains("systemAdmin"));
    nils.get(&own).refused(404, "notFound");
    assert_eq!(nils.get("/people").is(200)["_meta"]["totalRecords"], 1);
    nils.post("/people", json!({"name": "N", "email": "n@boden.example"})).refused(403, "forbidden");
    t.anonymous().get("/people").refused(401, "unauthenticated");
});

both!(a_coordinator_sees_the_own_kommun_and_not_another, |t| {
    let programme = programme(t);
    let boden = t.in_kommun(Role::Coordinator, programme, "2582");
    let lulea = t.in_kommun(Role::Participant, programme, "2580");
    let own = t.in_kommun(Role::Participant, programme, "2582");
    boden.get(&format!("/people/{}", own.id())).is(200);
    boden.get(&format!("/people/{}", lulea.id())).refused(404, "notFound");
    boden.get(&format!("/people/{}/role-assignments", lulea.id())).refused(404, "notFound");
    boden.post("/invitations", json!({"personId": lulea.id()})).refused(404, "notFound");
    let manager = t.manager(programme);
    let seen = manager.get(&format!("/people/{}", lulea.id()));
    seen.is(200);
    let path = format!("/people/{}", lulea.id());
    manager.if_match(&seen).patch(&path, json!({"name": "X"})).refused(403, "notYours");
    manager.change_because(&path, "disabled", "x").refused(403, "forbidden");
});

both!(a_disabled_person_is_out_at_once_and_can_come_back, |t| {
    let admin = t.admin();
    let karin = t.person("Karin", &[]);
    let path = format!("/people/{}", karin.id());
    karin.get("/me").is(200);
    admin.change(&path, "disabled").refused(422, "invalidInput");
    let disabled = admin.change_because(&path, "disabled", "Har slutat.").is(200);
    assert_eq!(disabled["allowedTransitions"], json!([{"to": "active", "requiresComment": true}]));
    karin.get("/me").refused(401, "unauthenticated");
    admin.change_because(&path, "disabled", "igen").refused(409, "transitionNotAllowed");
    admin.change_because(&path, "active", "Kom tillbaka.").is(200);
    karin.get("/me").refused(401, "unauthenticated");
    let history = admin.get(&format!("{path}/status-changes")).is(200);
    assert_eq!(history["items"].as_array().unwrap().len(), 2);
    let own = format!("/people/{}", admin.id());
    admin.change_because(&own, "disabled", "Jag slutar.").refused(403, "ownWork");
});

both!(many_are_disabled_together_or_not_at_all, |t| {
    let admin = t.admin();
    let (karin, nils) = (t.person("Karin", &[]), t.person("Nils", &[]));
    let item = |id: Id| json!({"id": id, "to": "disabled", "comment": "Avslutat."});
    let body = json!({"atomic": true, "items": [item(karin.id()), item(admin.id())]});
    let result = admin.post("/people/status-changes/batch", body).is(200);
    assert_eq!(
        (result["isKept"].as_bool(), result["items"][1]["problem"]["code"].as_str()),
        (Some(false), Some("ownWork"))
    );
    karin.get("/me").is(200);
    let body = json!({"items": [item(karin.id()), item(nils.id())]});
    assert_eq!(admin.post("/people/status-changes/batch", body).is(200)["succeeded"], 2);
    nils.get("/me").refused(401, "unauthenticated");
});
