//! Missing staff: the warnings of a programme and the tasks, with dated roles.

use samverkan::identity::policy::Role;
use samverkan::identity::roles::{self, Wanted};
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use crate::both;
use crate::goals::{BODEN, Network, VASBY};
use crate::programmes::draft;
use crate::support::{Client, TestApp};
use crate::team::{maja, with};

fn grant(t: &TestApp, to: &Client, role: Role, place: (Id, Option<&str>), valid_to: Option<&str>) {
    let (person, valid_to) = (to.id(), valid_to.map(|day| day.parse().unwrap()));
    t.write(move |tx| {
        let wanted = Wanted::new(person, role, place.0, place.1, tx.ctx.today());
        roles::grant(tx, &Wanted { valid_to, ..wanted })?;
        Ok(())
    });
}

fn warnings(programme: &Value) -> Vec<&str> {
    programme["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| warning["code"].as_str().unwrap())
        .collect()
}

fn gaps(client: &Client) -> Vec<Value> {
    let tasks = client.get("/me/tasks").is(200);
    tasks["items"].as_array().unwrap().iter().filter(|task| task["code"] == "staffingGap").cloned().collect()
}

both!(scheduling_warns_of_missing_staff, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    let economist = t.person("Ekonom", &[]);
    grant(t, &economist, Role::Economist, (id, None), Some("2021-02-28"));
    let scheduled = manager.change(&path, "scheduled").is(200);
    // Nobody attests the manager's reports, nobody but the attester approves the economist's, and from March there is no economist.
    assert_eq!(warnings(&scheduled), ["attesterMissing", "secondApproverMissing", "economistMissing"]);
    let detail = scheduled["warnings"][2]["detail"].as_str().unwrap();
    assert!(detail.contains("2021-03-01"), "{detail}");
    assert_eq!(gaps(&manager).len(), 3);
    let dates: Vec<Value> = gaps(&manager).iter().map(|gap| gap["dueAt"].clone()).collect();
    assert!(dates.contains(&json!("2021-02-28T23:00:00.000Z")), "{dates:?}");
    let attester = t.person("Attestant", &[]);
    grant(t, &attester, Role::Attester, (id, None), None);
    grant(t, &economist, Role::Economist, (id, None), None);
    assert_eq!(warnings(&manager.get(&path).is(200)), Vec::<&str>::new());
    assert!(gaps(&manager).is_empty());
    // One person with both roles counts once.
    let second = draft(t);
    let both = [(Role::ProgrammeManager, Some(second), None), (Role::Economist, Some(second), None)];
    let alone = t.person("Ensam", &both).get(&format!("/programmes/{second}")).is(200);
    assert_eq!(warnings(&alone), ["attesterMissing"]);
});

both!(an_attester_who_is_in_the_team_is_not_enough, |t| {
    let n = Network::new(t);
    t.in_kommun(Role::Attester, n.programme, VASBY);
    let named = |client: &Client, word: &str| {
        gaps(client).into_iter().find(|gap| gap["title"].as_str().unwrap().contains(word))
    };
    assert_eq!(named(&n.manager, "attestant").unwrap()["count"], 1);
    assert!(named(&n.coordinator, "attestant").is_some());
    let attester = t.person("Attestant i Boden", &[]);
    grant(t, &attester, Role::Attester, (n.programme, Some(BODEN)), None);
    assert!(named(&n.manager, "attestant").is_none());
    assert!(named(&n.coordinator, "attestant").is_none());
    // A member of the team cannot attest the own reports.
    let email = attester.get("/me").is(200)["email"].clone();
    n.coordinator.post("/participants", with(maja(n.programme), json!({"email": email}))).is(201);
    let task = named(&n.coordinator, "attestant").unwrap();
    assert_eq!((&task["kommunkod"], &task["dueAt"]), (&json!(BODEN), &json!(null)));
    n.coordinator.get(task["href"].as_str().unwrap()).is(200);
    let gap = named(&n.manager, "attestant").unwrap();
    n.manager.get(gap["href"].as_str().unwrap()).is(200);
    let other = t.person("En till", &[]);
    grant(t, &other, Role::Attester, (n.programme, Some(BODEN)), Some("2021-06-30"));
    let task = named(&n.coordinator, "attestant").unwrap();
    assert_eq!(task["dueAt"], "2021-06-30T22:00:00.000Z");
});
