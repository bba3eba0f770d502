//! `/sessions`.

use samverkan::identity::sessions::SessionRow;
use serde_json::json;

use super::*;
use crate::both;
use crate::contract::scopes::Rows;
use crate::contract::world::{Offer, Owner, World};

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "sessionId",
    owner: Owner::Kommun,
    make: |t, world| World::first(&t.admin(), &format!("/sessions?personId={}", world.maja.client.id())),
    rows: Some(Rows::by_keys::<SessionRow>()),
    ..Offer::NONE
}];

both!(a_session_is_seen_and_ended_by_its_owner, |t| {
    with_password(t, "Karin Öberg", "karin@boden.example");
    let (phone, phone_refresh) = tokens(&log_in(t, "karin@boden.example", PASSWORD));
    let (desk, _) = tokens(&log_in(t, "karin@boden.example", PASSWORD));
    let (phone, desk) = (with_token(t, &phone), with_token(t, &desk));
    let list = desk.get("/sessions").is(200);
    assert_eq!(list["_meta"]["totalRecords"], 2);
    let items = list["items"].as_array().unwrap();
    let other = items.iter().find(|session| session["isCurrent"] == false).unwrap();
    let path = format!("/sessions/{}", other["id"].as_str().unwrap());

    let seen = desk.get(&path);
    desk.delete(&path).refused(428, "preconditionRequired");
    desk.header("If-Match", "\"7-0\"").delete(&path).refused(412, "versionMismatch");
    t.person("Nils", &[]).get(&path).refused(404, "notFound");
    desk.if_match(&seen).delete(&path).is(204);
    phone.get("/me").refused(401, "unauthenticated");
    renew(t, &phone_refresh).refused(400, "invalidGrant");
    assert_eq!(desk.get(&path).is(200)["endedReason"], "ended");
    desk.get("/me").is(200);
});

both!(an_administrator_can_end_any_session, |t| {
    let (admin, karin) = (t.admin(), t.person("Karin", &[]));
    let list = admin.get(&format!("/sessions?personId={}", karin.id())).is(200);
    let path = format!("/sessions/{}", list["items"][0]["id"].as_str().unwrap());
    let seen = admin.get(&path);
    admin.if_match(&seen).delete(&path).is(204);
    karin.get("/me").refused(401, "unauthenticated");
    let seen = admin.get(&path);
    admin.if_match(&seen).delete(&path).is(204);
    assert_eq!(admin.get(&path).is(200)["version"], json!(2), "a session that has ended does not change");
});

both!(a_session_uses_the_wall_clock, |t| {
    with_password(t, "Karin Öberg", "karin@boden.example");
    t.at("2021-03-01T08:00:00+01:00");
    let (token, refresh) = tokens(&log_in(t, "karin@boden.example", PASSWORD));
    let karin = with_token(t, &token);
    let mine = || karin.get("/sessions").is(200)["items"][0].clone();
    let begun = mine();
    assert_eq!(begun["createdAt"], "2020-10-01T08:00:00.000Z");
    assert_eq!(begun["updatedAt"], begun["createdAt"]);
    t.clock.advance(60_000);
    renew(t, &refresh).is(200);
    assert_eq!(
        (&mine()["updatedAt"], &mine()["lastUsedAt"]),
        (&json!("2020-10-01T08:01:00.000Z"), &mine()["updatedAt"])
    );
    t.clock.advance(60_000);
    let path = format!("/sessions/{}", begun["id"].as_str().unwrap());
    karin.if_match(&karin.get(&path)).delete(&path).is(204);
    let ended = t.admin().get(&path).is(200);
    assert_eq!(
        (&ended["updatedAt"], &ended["endedAt"]),
        (&json!("2020-10-01T08:02:00.000Z"), &ended["updatedAt"])
    );
});
