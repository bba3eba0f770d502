//! Selection proposals (guide §3 "Selection"): from a draft to the announcement, and everything around it.

use std::time::{Duration, Instant};

use samverkan::calls::applications::ApplicationState;
use samverkan::calls::selection_proposals::ProposalRow;
use samverkan::identity::policy::Role;
use samverkan::platform::ids::{Id, sha256_hex};
use samverkan::programmes::programme;
use serde_json::{Value, json};

use super::applications::{put_in, submitted};
use crate::both;
use crate::contract::world::{Offer, Owner, Wish};
use crate::programmes::offer;
use crate::support::{Client, Response, TestApp};

pub const OFFERS: &[Offer] = &[Offer {
    parameter: "selectionProposalId",
    owner: Owner::Programme,
    make: |t, world| {
        let id = world.programme;
        let made = t.write(move |tx| {
            let programme = programme::unscoped_by_id(tx.db, id)?;
            let row = ProposalRow::example(tx.ctx, &programme);
            tx.insert(&row)?;
            Ok(row.id)
        });
        json!(made.to_string())
    },
    wishes: |world| {
        let path = format!("/programmes/{}/selection-proposals", world.programme);
        vec![Wish::post(path, json!({"isWhatIf": true, "seed": "0".repeat(32)}))]
    },
    rows: None,
}];

/// Kommuner of four län in three parts of the country, of all sizes.
pub const KOMMUNER: [&str; 10] =
    ["2582", "2518", "2580", "0114", "0180", "0126", "1480", "1440", "1283", "1280"];

/// A call whose letters' deadline has passed, with this many places and a qualified kommun for each of these.
pub struct Pool {
    pub programme: Id,
    pub call: String,
    pub manager: Client,
    /// Another manager, who adopts.
    pub other: Client,
    /// The applications, in the order of the kommuner.
    pub applications: Vec<String>,
    /// Who applied for each.
    pub applicants: Vec<Client>,
}

impl Pool {
    pub fn of(t: &TestApp, places: i32, kommuner: &[&str]) -> Self {
        Self::with(t, places, kommuner, json!({}))
    }

    /// With other members of the programme.
    pub fn with(t: &TestApp, places: i32, kommuner: &[&str], more: Value) -> Self {
        let mut call = offer();
        call["places"] = json!(places);
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let programme: Id = t.admin().post("/programmes", call).id();
        let call = format!("/programmes/{programme}");
        let (manager, other) = (t.manager(programme), t.person("Andra projektledaren", &[(Role::ProgrammeManager, Some(programme), None)]));
        manager.change(&call, "scheduled").is(200);
        t.at("2020-10-05T10:00:00+02:00");
        let (mut applications, mut applicants) = (Vec::new(), Vec::new());
        for kommun in kommuner {
            let (path, applicant) = submitted(t, programme, kommun);
            put_in(t, &path, ApplicationState::Qualified);
            applications.push(path);
            applicants.push(applicant);
        }
        t.at("2020-11-16T08:00:00+01:00");
        assert_eq!(manager.get(&call).is(200)["status"], "selecting");
        Self { programme, call, manager, other, applications, applicants }
    }

    /// Adds a proposal; returns its path.
    pub fn propose(&self, body: Value) -> String {
        let made = self.manager.post(&format!("{}/selection-proposals", self.call), body);
        made.is(201);
        format!("/selection-proposals/{}", made.id())
    }

    /// Computes a proposal and waits for its explanations.
    pub fn compute(&self, path: &str) -> Value {
        self.manager.change(path, "computed").is(202);
        waited(&self.manager, path, |seen| {
            seen["status"] == "computed" && seen["explanation"]["state"] == "done"
        })
    }

    /// A proposal that is computed with its explanations, and proposed.
    pub fn proposed(&self, body: Value) -> String {
        let path = self.propose(body);
        self.compute(&path);
        self.manager.change(&path, "proposed").is(200);
        path
    }

    /// Adopts a proposal, as the other manager.
    pub fn adopt(&self, path: &str) -> Response {
        self.other.post(&format!("{path}/status-changes"), adoption())
    }

    /// A selection that is announced.
    pub fn announced(&self) -> String {
        let path = self.proposed(json!({}));
        self.adopt(&path).is(200);
        self.manager.change(&path, "announced").is(200);
        path
    }

    pub fn status(&self, index: usize) -> Value {
        self.manager.get(&self.applications[index]).is(200)["status"].clone()
    }
}

/// The step that adopts a proposal.
pub fn adoption() -> Value {
    let decision =
        json!({"body": "SKR:s styrgrupp", "decidedOn": "2020-11-16", "registryNumber": "SKR 20/01234"});
    json!({"to": "adopted", "data": {"decision": decision}})
}

/// Reads until it is so; the threads of the computations work beside.
pub fn waited(by: &Client, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let seen = by.get(path).is(200);
        if is_so(&seen) {
            return seen;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{path} waits: {seen:#}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn steps(seen: &Value) -> Vec<&str> {
    seen["allowedTransitions"].as_array().unwrap().iter().map(|step| step["to"].as_str().unwrap()).collect()
}

both!(a_selection_from_draft_to_announcement, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    let draft = p.manager.get(&path).is(200);
    assert_eq!((&draft["status"], &draft["places"], &draft["isWhatIf"]), (&json!("draft"), &json!(4), &json!(false)));
    assert_eq!(draft["seed"], p.manager.get(&p.call).is(200)["seed"]);
    assert_eq!((steps(&draft), &draft["differs"]), (vec!["computed"], &json!([])));

    let begun = p.manager.change(&path, "computed");
    begun.is(202);
    assert_eq!(begun.json()["status"], "draft");
    assert_eq!(begun.json()["computation"]["state"], "running");
    let computed = waited(&p.manager, &path, |seen| seen["status"] == "computed");
    assert_eq!(computed["provenOptimal"], true);
    assert_eq!(computed["selected"].as_array().unwrap().len(), 4);
    assert_eq!(computed["reserves"].as_array().unwrap().len(), 4);
    assert_eq!(computed["goalValues"].as_array().unwrap().len(), 6);
    // The kommuner are told nothing.
    for (applicant, application) in p.applicants.iter().zip(&p.applications) {
        assert_eq!(applicant.get(application).is(200)["status"], "qualified");
        applicant.get(&path).refused(404, "notFound");
        let list = applicant.get(&format!("{}/selection-proposals", p.call)).is(200);
        assert_eq!(list["_meta"]["totalRecords"], 0);
    }
    p.manager.change(&path, "proposed").is(200);
    p.manager.post(&format!("{path}/status-changes"), adoption()).refused(403, "ownWork");
    waited(&p.other, &path, |seen| seen["explanation"]["state"] == "done");
    let adopted = p.adopt(&path).is(200);
    assert_eq!(adopted["decision"]["body"], "SKR:s styrgrupp");
    assert_eq!(adopted["decisionRecord"]["computations"], 1);
    assert_eq!(adopted["decisionRecord"]["inputHash"], computed["inputHash"]);
    p.manager.change(&path, "announced").is(200);
    assert_eq!(p.manager.get(&p.call).is(200)["status"], "decided");
    for (index, kommun) in KOMMUNER.iter().enumerate() {
        let has = |list: &str| computed[list].as_array().unwrap().iter().any(|code| code == kommun);
        let expected = if has("selected") { "selected" } else if has("reserves") { "reserve" } else { "notSelected" };
        assert_eq!(p.status(index), expected, "{kommun}");
        // From now on they read why.
        assert_eq!(p.applicants[index].get(&path).is(200)["status"], "announced");
    }
});

both!(the_input_is_recorded_and_can_be_verified, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    p.manager.get(&format!("{path}/input")).refused(404, "notFound");
    let computed = p.compute(&path);
    let input = p.manager.get(&format!("{path}/input"));
    input.is(200);
    assert_eq!(sha256_hex(&input.text), computed["inputHash"]);
    assert_eq!(input.json()["applicants"].as_array().unwrap().len(), KOMMUNER.len());
    let verified = p.manager.get(&format!("{path}/verification?explanations=true")).is(200);
    assert_eq!(verified["isVerified"], true, "{verified:#}");
    let checks = verified["checks"].as_array().unwrap();
    assert!(checks.len() == 7 && checks.iter().all(|check| check["holds"] == true), "{verified:#}");
    p.manager.get(&format!("{path}/verification?all=true")).refused(400, "invalidQuery");
});
