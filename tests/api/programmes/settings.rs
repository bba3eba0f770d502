//! A programme's dated settings.

use samverkan::platform::ids::Id;
use samverkan::programmes::programme::Profile;
use samverkan::programmes::settings::{SettingsContent, SettingsRow};
use serde_json::{Value, json};

use super::{content, draft, offer};
use crate::both;
use crate::contract::scopes::Rows;
use crate::contract::world::{Offer, Owner, Wish};
use crate::support::Response;

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "settingsId",
    owner: Owner::Programme,
    // A proposal: were the settings of the profile not adopted, the programme would have none.
    make: |_, world| {
        let mut settings = json!(SettingsContent::of(Profile::Esf20142020));
        settings["validFrom"] = json!("2021-01-01");
        let made = world.manager.post(&path(world.programme), settings).is(201);
        assert_eq!(made["status"], "proposed");
        made["id"].clone()
    },
    wishes: |world| {
        let (path, mut settings) = (path(world.programme), json!(SettingsContent::of(Profile::Esf20142020)));
        settings["validFrom"] = json!("2021-03-01");
        let one = format!("{path}/{}", world.id("settingsId"));
        vec![Wish::post(path, settings.clone()), Wish::put(one, settings)]
    },
    rows: Some(Rows::by_keys::<SettingsRow>()),
}];

fn path(programme: Id) -> String {
    format!("/programmes/{programme}/settings")
}

both!(settings_stay_complete_and_keep_the_programmes_profile, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}/settings");
    let manager = t.manager(id);
    let with = |profile: &str, member: &str, value: Value| {
        let profile: Profile = profile.parse().unwrap();
        let mut settings = json!(SettingsContent::of(profile));
        settings[member] = value;
        settings["validFrom"] = json!("2021-03-01");
        settings
    };
    let own = "esf-2014-2020";
    let refused = |body: Value| {
        let refusal = manager.post(&path, body);
        refusal.refused(422, "invalidInput");
        refusal.faults()
    };
    assert_eq!(
        refused(with("esf-plus-2021-2027", "teamSize", json!(8))),
        [("/profile".to_owned(), "wrongProfile".to_owned())]
    );
    let bank_id = json!({"avsiktsforklaring": ["account"], "timeReport": ["account", "bankId"]});
    assert_eq!(
        refused(with(own, "acceptedMethods", bank_id)),
        [("/acceptedMethods/timeReport/1".to_owned(), "notSupported".to_owned())]
    );
    // Incomplete later settings also prevent scheduling.
    let unnamed = with(own, "activities", json!([]));
    let later = manager.post(&path, unnamed.clone());
    later.is(201);
    let refusal = manager.change(&format!("/programmes/{id}"), "scheduled");
    refusal.refused(409, "settingsIncomplete");
    assert_eq!(refusal.faults(), [(format!("/settings/{}/activities", later.id()), "required".to_owned())]);
    let one = format!("{path}/{}", later.id());
    manager.if_match(&manager.get(&one)).put(&one, with(own, "teamSize", json!(8))).is(200);
    manager.change(&format!("/programmes/{id}"), "scheduled").is(200);
    let refusal = manager.if_match(&manager.get(&one)).put(&one, unnamed.clone());
    refusal.refused(409, "settingsIncomplete");
    assert_eq!(refusal.faults(), [("/activities".to_owned(), "required".to_owned())]);
    let mut another_day = unnamed;
    another_day["validFrom"] = json!("2021-04-01");
    manager.post(&path, another_day).refused(409, "settingsIncomplete");
});

both!(settings_can_be_sent_back_as_they_were_read, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}/settings");
    let manager = t.manager(id);
    let read = manager.get(&path).is(200)["items"][0].clone();
    let mut sent = content(read.clone());
    sent["validFrom"] = json!("2021-03-01");
    let made = manager.post(&path, sent.clone());
    made.is(201);
    assert_eq!(content(made.json()), sent);
    let one = format!("{path}/{}", made.id());
    let same = manager.if_match(&manager.get(&one)).put(&one, sent.clone()).is(200);
    assert_eq!(content(same), sent);
    // Fields that the server sets are refused, together with every other error.
    let mut whole = read;
    whole["settings"] = json!({});
    whole["teamSize"] = json!("seven");
    whole["activities"][0]["colour"] = json!("blue");
    let refused = manager.post(&path, whole);
    refused.refused(400, "invalidBody");
    let places =
        |refused: &Response| refused.faults().into_iter().map(|(place, _)| place).collect::<Vec<_>>();
    let own = ["/_links", "/activities/0/colour", "/adoptedAt", "/allowedTransitions", "/createdAt", "/id"];
    let more = ["/programmeId", "/settings", "/status", "/teamSize", "/updatedAt", "/version"];
    assert_eq!(places(&refused), [own, more].concat());
    sent.as_object_mut().unwrap().remove("validFrom");
    sent["teamSize"] = json!(0);
    sent["activities"][0]["code"] = json!("å");
    let refused = manager.post(&path, sent);
    refused.refused(422, "invalidInput");
    assert_eq!(places(&refused), ["/activities/0/code", "/teamSize", "/validFrom"]);
});

both!(esf_plus_needs_its_activities_named_before_it_is_scheduled, |t| {
    let mut plus = offer();
    plus["profile"] = json!("esf-plus-2021-2027");
    let id = t.admin().post("/programmes", plus).id();
    let refusal = t.manager(id).change(&format!("/programmes/{id}"), "scheduled");
    refusal.refused(409, "settingsIncomplete");
    assert_eq!(refusal.faults().len(), 14);
    let economist = t.economist(id);
    let list = economist.get(&format!("/programmes/{id}/settings")).is(200);
    let path = format!("/programmes/{id}/settings/{}", list["items"][0]["id"].as_str().unwrap());
    let seen = economist.get(&path);
    let mut settings = content(seen.json());
    for activity in settings["activities"].as_array_mut().unwrap() {
        activity["labelSv"] = json!("Aktivitet");
        activity["labelEn"] = json!("Activity");
    }
    economist.if_match(&seen).put(&path, settings).is(200);
    t.manager(id).change(&format!("/programmes/{id}"), "scheduled").is(200);
});
