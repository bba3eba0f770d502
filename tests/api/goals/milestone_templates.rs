//! Milestone templates: made when the programme is scheduled, changed by the manager, fixed once kommuner have milestones.

use samverkan::goals::milestone_templates::TemplateRow;
use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use super::Network;
use crate::both;
use crate::contract::scopes::Rows;
use crate::contract::world::{Offer, Owner, Wish, World};
use crate::programmes::{draft, open};
use crate::team::patch;

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "milestoneTemplateId",
    owner: Owner::Programme,
    make: |_, world| {
        World::first(&world.manager, &format!("/milestone-templates?programmeId={}", world.programme))
    },
    wishes: |world| {
        vec![Wish::post("/milestone-templates", template(world.programme, "policyDocument", "2021-12-01"))]
    },
    rows: Some(Rows::by_keys::<TemplateRow>()),
}];

fn template(programme: Id, kind: &str, due_on: &str) -> Value {
    json!({"programmeId": programme, "kind": kind, "position": 1, "dueOn": due_on, "instructions": "Beskriv."})
}

both!(a_scheduled_programme_gets_the_templates_of_the_guide, |t| {
    let programme = open(t);
    let manager = t.manager(programme);
    let chain = manager.get(&format!("/milestone-templates?programmeId={programme}")).is(200);
    let items = chain["items"].as_array().unwrap();
    let kinds: Vec<&str> = items.iter().map(|item| item["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[..4], ["needsInventory", "anchoring", "politicalDirection", "policyDocument"]);
    assert_eq!(
        (items.len(), &items[0]["dueOn"], &items[7]["dueOn"]),
        (8, &json!("2021-03-31"), &json!("2022-12-31"))
    );
    let path = format!("/milestone-templates/{}", items[3]["id"].as_str().unwrap());
    let changed =
        patch(&manager, &path, json!({"dueOn": "2021-11-30", "instructions": "Policy med beslut."})).is(200);
    assert_eq!((&changed["dueOn"], &changed["version"]), (&json!("2021-11-30"), &json!(2)));
    let links = manager.get(&path).is(200)["_links"].clone();
    assert!(
        links.as_array().unwrap().iter().any(|link| link["method"] == "DELETE" && link["rel"] == "delete")
    );
    manager.if_match(&manager.get(&path)).delete(&path).is(204);
    manager.get(&path).refused(404, "notFound");
    let again = manager.post("/milestone-templates", template(programme, "policyDocument", "2021-12-01"));
    assert_eq!(again.is(201)["kind"], "policyDocument");
    manager
        .post("/milestone-templates", template(programme, "policyDocument", "2021-12-01"))
        .refused(409, "alreadyExists");
});

both!(templates_of_its_own_are_kept_and_must_fit_the_programme, |t| {
    let programme = draft(t);
    let manager = t.manager(programme);
    let refusal = manager.post("/milestone-templates", template(programme, "actionPlan", "2023-01-01"));
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/dueOn".into(), "outsideProgramme".into())]);
    manager.post("/milestone-templates", template(programme, "actionPlan", "2022-12-31")).is(201);
    let path = format!("/programmes/{programme}");
    patch(&manager, &path, json!({"endsOn": "2022-06-30"})).is(200);
    let refusal = manager.change(&path, "scheduled");
    refusal.refused(409, "stateConflict");
    assert_eq!(
        refusal.faults(),
        [("/milestoneTemplates/actionPlan/dueOn".into(), "outsideProgramme".into())]
    );
    patch(&manager, &path, json!({"endsOn": "2022-12-31"})).is(200);
    manager.change(&path, "scheduled").is(200);
    let chain = manager.get(&format!("/milestone-templates?programmeId={programme}")).is(200);
    assert_eq!(chain["_meta"]["totalRecords"], 1);
});

both!(only_the_manager_changes_templates_and_only_members_of_the_programme_read_them, |t| {
    let (programme, other) = (open(t), open_other(t));
    let economist = t.economist(programme);
    economist
        .post("/milestone-templates", template(programme, "business", "2021-12-01"))
        .refused(403, "forbidden");
    t.anonymous().get("/milestone-templates").refused(401, "unauthenticated");
    t.in_kommun(Role::Applicant, programme, "2582").get("/milestone-templates").refused(403, "forbidden");
    let stranger = t.manager(other);
    stranger
        .post("/milestone-templates", template(programme, "business", "2021-12-01"))
        .refused(403, "notYours");
    let unknown = samverkan::platform::context::Context::example().new_id();
    stranger
        .post("/milestone-templates", template(unknown, "business", "2021-12-01"))
        .refused(404, "notFound");
    let chain = economist.get("/milestone-templates").is(200);
    let path = format!("/milestone-templates/{}", chain["items"][0]["id"].as_str().unwrap());
    stranger.get(&path).refused(404, "notFound");
    stranger.delete(&path).refused(404, "notFound");
    let manager = t.manager(programme);
    manager.delete(&path).refused(428, "preconditionRequired");
    manager.get("/milestone-templates?colour=blue").refused(400, "invalidQuery");
});

fn open_other(t: &crate::support::TestApp) -> Id {
    let id = draft(t);
    t.manager(id).change(&format!("/programmes/{id}"), "scheduled").is(200);
    id
}

both!(templates_are_not_deleted_once_kommuner_have_milestones, |t| {
    let network = Network::new(t);
    let manager = &network.manager;
    let chain = manager.get("/milestone-templates").is(200);
    let path = format!("/milestone-templates/{}", chain["items"][0]["id"].as_str().unwrap());
    manager.if_match(&manager.get(&path)).delete(&path).refused(409, "stateConflict");
    patch(manager, &path, json!({"dueOn": "2021-04-30"})).is(200);
    let milestone = network.milestone("2582", chain["items"][0]["kind"].as_str().unwrap());
    assert_eq!(manager.get(&milestone).is(200)["dueOn"], "2021-03-31");
});
