//! Goals: milestone templates, and the milestones of the kommuner that take part.

crate::resources!(milestone_templates, milestones);

use samverkan::identity::policy::Role;
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use crate::programmes::{open, start};
use crate::support::{Client, TestApp};

pub const BODEN: &str = "2582";
pub const VASBY: &str = "0114";

/// A running programme with two kommuner. The clock is at 4 January 2021.
pub struct Network {
    pub programme: Id,
    pub manager: Client,
    pub coordinator: Client,
    pub supporter: Client,
}

impl Network {
    pub fn new(t: &TestApp) -> Self {
        let programme = open(t);
        let manager = t.manager(programme);
        let letters = [BODEN, VASBY].map(|kommun| (kommun, invited(t, &manager, programme, kommun)));
        t.at("2020-11-06T15:00:00+01:00");
        for (kommun, application) in letters {
            qualify(t, &manager, kommun, &application);
        }
        t.at("2020-11-15");
        let path = format!("/programmes/{programme}");
        manager.change(&path, "decided").is(200);
        manager.post(&format!("{path}/status-changes"), start("2020-11-13")).is(200);
        t.at("2021-01-04T09:00:00+01:00");
        Self {
            programme,
            manager,
            coordinator: t.in_kommun(Role::Coordinator, programme, BODEN),
            supporter: t.in_kommun(Role::ProcessSupporter, programme, BODEN),
        }
    }

    /// The path of a kommun's milestone.
    pub fn milestone(&self, kommunkod: &str, kind: &str) -> String {
        let programme = self.programme;
        let list = format!("/milestones?programmeId={programme}&kommunkod={kommunkod}&kind={kind}");
        let found = self.manager.get(&list).is(200);
        format!("/milestones/{}", found["items"][0]["id"].as_str().unwrap())
    }

    /// A milestone of Boden that its coordinator has submitted, with a decision.
    pub fn submitted(&self, kind: &str) -> String {
        let path = self.milestone(BODEN, kind);
        self.coordinator.change(&path, "inProgress").is(200);
        self.coordinator.post(&format!("{path}/status-changes"), submission(decision())).is(200);
        path
    }
}

/// A decision of the kommunstyrelse.
pub fn decision() -> Value {
    json!({"body": "Kommunstyrelsen", "decidedOn": "2020-12-14", "paragraph": "§ 214", "registryNumber": "KS 2020/0457"})
}

/// A submission with a decision.
pub fn submission(decision: Value) -> Value {
    json!({"to": "submitted", "data": {"decision": decision}})
}

fn invited(t: &TestApp, manager: &Client, programme: Id, kommunkod: &str) -> String {
    let email = format!("sokande.{kommunkod}@example.org");
    let interest = json!({
        "kommunkod": kommunkod,
        "contactName": "Utvecklingsstrateg",
        "contactEmail": email,
        "motivation": "Vi vill samverka mer med sociala företag.",
        "maturity": 2,
        "departments": ["Arbetsmarknadsförvaltningen"],
    });
    t.anonymous().post(&format!("/programmes/{programme}/applications"), interest);
    let (id, token) = t.link_for(&email);
    let proof = json!({"token": token, "password": "ett långt lösenord 2020"});
    t.anonymous().post(&format!("/applications/{id}/verification"), proof);
    manager.change(&format!("/applications/{id}"), "invited").is(200);
    id
}

fn qualify(t: &TestApp, manager: &Client, kommunkod: &str, application: &str) {
    let applicant = t.login_as(&format!("sokande.{kommunkod}@example.org"));
    applicant.change(&format!("/applications/{application}"), "confirmed").is(200);
    let letter = applicant.post("/avsiktsforklaringar", json!({"applicationId": application}));
    letter.is(201);
    let paper = json!({"receivedAt": "2020-11-06T13:00:00Z", "signers": [
        {"signerRole": "municipalDirector", "name": "Kommundirektör", "signedOn": "2020-11-06"},
        {"signerRole": "executiveBoardChair", "name": "Ordförande", "signedOn": "2020-11-06"},
    ]});
    let received = json!({"to": "received", "data": paper});
    manager.post(&format!("/avsiktsforklaringar/{}/status-changes", letter.id()), received).is(200);
    assert_eq!(manager.get(&format!("/applications/{application}")).is(200)["status"], "qualified");
}
