//! Selection proposals (guide §3 "Selection"): from a draft to the announcement, and everything around it.

use std::time::{Duration, Instant};

use samverkan::calls::applications::ApplicationState;
use samverkan::calls::selection_proposals::{
    ComputationPurpose, ComputationRow, ComputationState, ProposalRow, ProposalState,
};
use samverkan::identity::policy::Role;
use samverkan::platform::auth::scope::{Grant, HasKeys as _, Place, Scope};
use samverkan::platform::context::Context;
use samverkan::platform::db::Db;
use samverkan::platform::db::sql::Json;
use samverkan::platform::ids::{Id, sha256_hex};
use samverkan::programmes::programme::{self, ProgrammeRow};
use serde_json::{Value, json};

use super::applications::{put_in, submitted};
use crate::both;
use crate::contract::scopes::{Rows, Rule};
use crate::contract::world::{Offer, Owner, Wish};
use crate::programmes::offer;
use crate::support::{Client, Response, TestApp};

pub const OFFERS: &[Offer] = &[
    Offer {
        parameter: "selectionProposalId",
        owner: Owner::Programme,
        make: |t, world| {
            let (programme, input) = (world.programme, recorded());
            let made = t.write(move |tx| {
                let programme = programme::unscoped_by_id(tx.db, programme)?;
                let (proposal, computations) = recorded_proposal(tx.ctx, &programme, &input);
                tx.insert(&proposal)?;
                tx.insert_all(&computations)?;
                // It may be changed, although it is computed: what is read of it and what changes it are both tried.
                Ok(proposal.id)
            });
            json!(made.to_string())
        },
        wishes: |world| {
            let path = format!("/programmes/{}/selection-proposals", world.programme);
            vec![Wish::post(path, json!({"isWhatIf": true, "seed": "0".repeat(32)}))]
        },
        rows: Some(Rows::by_rule::<ProposalRow>()),
    },
    Offer {
        parameter: "computationId",
        owner: Owner::Programme,
        make: |_, world| {
            let path = format!("/selection-proposals/{}/computations", world.id("selectionProposalId"));
            world.manager.get(&path).is(200)["computations"][0]["id"].clone()
        },
        ..Offer::NONE
    },
];

/// An input with fourteen kommuner of the register.
fn recorded() -> selection::Input {
    let applicants: Vec<Value> = (0..14)
        .map(|index| {
            json!({
                "kommunkod": format!("{:04}", 2501 + index), "nuts2": "SE33", "lan": "25", "sizeBand": "under10k",
                "skrGroup": "C8", "maturity": 1 + index % 5, "latitude": 60.0 + f64::from(index), "longitude": 20.0,
            })
        })
        .collect();
    let document =
        json!({"places": 12, "seed": "5f1d7e0a9c3b4d2e8f6071829304a5b6", "applicants": applicants});
    let input = selection::Input::from_json(document.to_string().as_bytes()).unwrap();
    selection::Input { goals: Some(selection::DEFAULT_GOALS.to_vec()), ..input }
}

/// A draft with the answer of this input and its explanations, in a programme that has come further.
fn recorded_proposal(
    ctx: &Context,
    programme: &ProgrammeRow,
    input: &selection::Input,
) -> (ProposalRow, [ComputationRow; 2]) {
    let problem = selection::Problem::new(input).unwrap();
    let answer = selection::solve(&problem, &selection::NoWatch).unwrap();
    let explained = selection::explain(&problem, &answer, 1, &selection::NoWatch).unwrap();
    let mut proposal = ProposalRow::example(ctx, programme);
    proposal.seed = programme.seed.clone().unwrap();
    let done = |purpose, result: String| {
        let row = ComputationRow::new(ctx, &proposal, purpose, input.canonical().unwrap(), 0, true);
        let result_sha256 = Some(sha256_hex(&result));
        ComputationRow { state: ComputationState::Done, result_sha256, result: Some(result), ..row }
    };
    let computations = [
        done(ComputationPurpose::Answer, serde_json::to_string(&answer).unwrap()),
        done(ComputationPurpose::Explanations, serde_json::to_string(&explained).unwrap()),
    ];
    proposal.computation_id = Some(computations[0].id);
    proposal.explanation_id = Some(computations[1].id);
    proposal.input_hash = Some(computations[0].input_hash.clone());
    proposal.answer = Some(Json(answer));
    (proposal, computations)
}

/// The kommuner see only what is announced.
impl Rule for ProposalRow {
    fn is_visible(&self, _: &mut Db, scope: &Scope) -> bool {
        let sees_all = |grant: &Grant| {
            let is_staff = ["programmeManager", "economist", "auditor"].contains(&grant.role);
            is_staff || grant.place == Place::Everywhere
        };
        let is_told = self.status == ProposalState::Announced;
        scope.grants.iter().any(|grant| grant.place.holds(&self.keys()) && (is_told || sees_all(grant)))
    }
}

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
        let (manager, other) = (
            t.manager(programme),
            t.person("Andra projektledaren", &[(Role::ProgrammeManager, Some(programme), None)]),
        );
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

    /// The letter of a kommun, received in time on paper.
    pub fn letter(&self, index: usize) -> String {
        let signer = |role: &str| json!({"signerRole": role, "name": format!("Namn {role}"), "signedOn": "2020-11-09"});
        let id = self.applications[index].rsplit('/').next().unwrap();
        let letter = self.manager.post("/avsiktsforklaringar", json!({"applicationId": id}));
        letter.is(201);
        let letter = format!("/avsiktsforklaringar/{}", letter.id());
        let signers = [signer("municipalDirector"), signer("executiveBoardChair")];
        let data = json!({"receivedAt": "2020-11-10T10:00:00Z", "signers": signers});
        let received = json!({"to": "received", "data": data});
        self.manager.post(&format!("{letter}/status-changes"), received).is(200);
        letter
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

/// The steps that are offered.
pub fn steps(seen: &Value) -> Vec<&str> {
    seen["allowedTransitions"].as_array().unwrap().iter().map(|step| step["to"].as_str().unwrap()).collect()
}

both!(a_selection_from_draft_to_announcement, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    let draft = p.manager.get(&path).is(200);
    assert_eq!(
        (&draft["status"], &draft["places"], &draft["isWhatIf"]),
        (&json!("draft"), &json!(4), &json!(false))
    );
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
        let expected = if has("selected") {
            "selected"
        } else if has("reserves") {
            "reserve"
        } else {
            "notSelected"
        };
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
    let not_yet = |check: &&Value| check["check"] != "decisionRecord";
    assert!(
        checks.len() == 9 && checks.iter().filter(not_yet).all(|check| check["holds"] == true),
        "{verified:#}"
    );
    p.manager.get(&format!("{path}/verification?all=true")).refused(400, "invalidQuery");
});

both!(every_fault_of_a_proposal_is_named_at_once, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let list = format!("{}/selection-proposals", p.call);
    let wrong = json!({
        "places": 3,
        "seed": "0".repeat(32),
        "goals": [{"kind": "coverage", "dimension": "lan"}, {"kind": "coverage", "dimension": "lan"}, {"kind": "balance"}],
        "quotas": [
            {"dimension": "lan", "category": "25", "min": 3, "max": 2},
            {"dimension": "nuts2", "category": "SE33", "min": 5}
        ],
        "pins": [
            {"kommunkod": "2582", "in": true, "reason": "Värd"},
            {"kommunkod": "2582", "in": false, "reason": "Nej"},
            {"kommunkod": "0115", "in": true, "reason": "Inte sökande"}
        ]
    });
    let refusal = p.manager.post(&list, wrong);
    refusal.refused(422, "invalidInput");
    let faults = refusal.faults();
    let pointers: Vec<&str> = faults.iter().map(|(pointer, _)| pointer.as_str()).collect();
    for expected in [
        "/places",
        "/seed",
        "/deviationReason",
        "/goals/1",
        "/goals/2/dimension",
        "/quotas/0/min",
        "/pins/1/kommunkod",
        "/pins/2/kommunkod",
    ] {
        assert!(pointers.iter().any(|pointer| pointer.starts_with(expected)), "{expected} in {pointers:?}");
    }
    p.manager.post(&list, json!({"nodeBudget": 0})).refused(422, "invalidInput");
    p.manager.post(&list, json!({"isWhatIf": true, "places": 11})).refused(422, "invalidInput");
    p.manager.post(&list, json!({"isWhatIf": true, "seed": "xyz"})).refused(422, "invalidInput");
});

both!(an_unknown_word_hides_no_other_fault_of_a_proposal, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let list = format!("{}/selection-proposals", p.call);
    let wrong = json!({
        "places": 3_000_000_000_u64,
        "goals": [{"kind": "fame"}, {"kind": "lottery"}, {"kind": "lottery"}],
        "quotas": [{"dimension": "age", "category": "red", "min": 2, "max": 1}, {"dimension": "lan", "category": "25", "max": 1}],
        "pins": [
            {"kommunkod": "0115", "in": true, "reason": "Inte sökande"},
            {"kommunkod": "nr 7", "in": true, "reason": "Vilken?"}
        ],
        "nodeBudget": 0,
    });
    let expected = [
        ("/goals/0/kind", "unknownValue"),
        ("/goals/2", "notUnique"),
        ("/nodeBudget", "tooSmall"),
        ("/pins/0/kommunkod", "notInPool"),
        ("/pins/1/kommunkod", "wrongPattern"),
        ("/places", "tooLarge"),
        ("/quotas/0/dimension", "unknownValue"),
        ("/quotas/0/min", "minAboveMax"),
    ];
    let own = |refusal: Response| {
        refusal.refused(422, "invalidInput");
        let mut faults = refusal.faults();
        faults.sort();
        assert_eq!(faults, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    };
    let draft = p.propose(json!({"title": "Prov", "isWhatIf": true}));
    own(p.manager.if_match(&p.manager.get(&draft)).patch(&draft, wrong.clone()));
    let mut trial = wrong;
    trial["isWhatIf"] = json!(true);
    own(p.manager.post(&list, trial));
    assert_eq!(p.manager.get(&draft).is(200)["quotas"], json!([]), "nothing was kept");
    let named = |body: Value| {
        let refusal = p.manager.post(&list, body);
        refusal.refused(422, "invalidInput");
        refusal.faults()
    };
    let faults = |faults: &[(&str, &str)]| -> Vec<(String, String)> {
        faults.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
    };
    // What the call cannot have named deviates from it, and its other members are judged.
    let pin = json!({"kommunkod": "2582", "reason": "\u{200b}"});
    assert_eq!(
        named(json!({"pins": [pin]})),
        faults(&[("/deviationReason", "required"), ("/pins/0/in", "required"), ("/pins/0/reason", "blank")])
    );
});

both!(a_fault_of_a_proposal_that_follows_from_another_is_not_named, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let list = format!("{}/selection-proposals", p.call);
    let pin = |code: &str| json!({"kommunkod": code, "in": true, "reason": "Värd."});
    let quota = json!({"dimension": "lan", "category": "25", "min": 2});
    for (body, expected) in [
        (json!({"places": 11}), [("/places", "moreThanApplicants")].as_slice()),
        (json!({"places": 1_000_000}), &[("/places", "tooLarge")]),
        (json!({"places": 0, "quotas": [quota], "pins": [pin("2582")]}), &[("/places", "tooSmall")]),
        (json!({"quotas": [quota, quota], "places": 2}), &[("/quotas/1", "notUnique")]),
        (
            json!({"quotas": [quota], "places": 1, "pins": [pin(KOMMUNER[0]), pin(KOMMUNER[1])]}),
            &[("/pins", "moreThanPlaces"), ("/quotas", "minAbovePlaces")],
        ),
    ] {
        let mut trial = body;
        trial["isWhatIf"] = json!(true);
        let refusal = p.manager.post(&list, trial.clone());
        refusal.refused(422, "invalidInput");
        let expected: Vec<_> =
            expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect();
        assert_eq!(refusal.faults(), expected, "{trial}");
    }
    // Of a computed one everything is told, too.
    let path = p.propose(json!({}));
    p.compute(&path);
    let wrong = json!({"goals": [{"kind": "lottery"}, {"kind": "lottery"}], "deviationReason": "Därför."});
    let refusal = p.manager.if_match(&p.manager.get(&path)).patch(&path, wrong);
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/goals/1".to_owned(), "notUnique".to_owned())]);
});

both!(nobody_chooses_before_the_pool_and_the_seed_are_known, |t| {
    let programme = crate::programmes::open(t);
    let manager = t.manager(programme);
    let list = format!("/programmes/{programme}/selection-proposals");
    manager.post(&list, json!({})).refused(409, "stateConflict");
    manager.post(&list, json!({"isWhatIf": true})).refused(409, "stateConflict");
    t.economist(programme).post(&list, json!({})).refused(403, "forbidden");
    assert_eq!(t.economist(programme).get(&list).is(200)["_meta"]["totalRecords"], 0);
});

both!(a_what_if_run_is_compared_and_never_adopted, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    let chosen = p.compute(&path);
    let what_if =
        p.propose(json!({"isWhatIf": true, "title": "Sex platser", "places": 6, "seed": "a".repeat(32)}));
    let tried = p.compute(&what_if);
    assert_eq!((steps(&tried), tried["selected"].as_array().unwrap().len()), (vec!["draft", "withdrawn"], 6));
    assert_eq!(tried["computation"]["hasRealSeed"], false);
    let refusal = p.manager.change(&what_if, "proposed");
    refusal.refused(409, "stateConflict");
    assert_eq!(refusal.faults(), [("/isWhatIf".to_owned(), "whatIf".to_owned())]);
    let other = what_if.rsplit('/').next().unwrap();
    let compared = p.manager.get(&format!("{path}/comparison?with={other}")).is(200);
    assert_eq!(compared["differs"], json!(["places", "seed"]));
    let count = |list: &str| compared[list].as_array().unwrap().len();
    assert_eq!(count("comesIn") - count("goesOut"), 2, "{compared:#}");
    assert_eq!(compared["stays"], json!(4 - count("goesOut")));
    assert_eq!(compared["goals"][0]["value"], chosen["goalValues"][0]);
    p.manager.get(&format!("{path}/comparison")).refused(400, "invalidQuery");
    p.manager.get(&format!("{path}/comparison?with={}", p.programme)).refused(404, "notFound");
});

both!(another_plan_than_that_of_the_call_needs_a_reason_and_is_recorded, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let list = format!("{}/selection-proposals", p.call);
    let quotas = json!([{"dimension": "lan", "category": "01", "max": 1}]);
    let refusal = p.manager.post(&list, json!({"quotas": quotas}));
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/deviationReason".to_owned(), "required".to_owned())]);
    let first = p.propose(json!({}));
    p.compute(&first);
    let path = p.proposed(json!({"quotas": quotas, "deviationReason": "Ett län fick dominera."}));
    assert_eq!(p.manager.get(&path).is(200)["differs"], json!(["quotas"]));
    let adopted = p.adopt(&path).is(200);
    let record = &adopted["decisionRecord"];
    assert_eq!(record["computations"], 2);
    assert_eq!(record["others"][0]["differs"], json!(["quotas"]));
    assert_eq!(record["others"][0]["proposalId"], json!(first.rsplit('/').next().unwrap()));
});

both!(quotas_that_contradict_each_other_are_eased_by_the_least, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let quotas = json!([
        {"dimension": "nuts2", "category": "SE33", "min": 3},
        {"dimension": "nuts2", "category": "SE22", "min": 1},
        {"dimension": "lan", "category": "25", "max": 1}
    ]);
    let path = p.propose(json!({"quotas": quotas, "deviationReason": "Prövas."}));
    p.manager.change(&path, "computed").is(202);
    let seen = waited(&p.manager, &path, |seen| seen["computation"]["state"] != "running");
    assert_eq!((&seen["status"], &seen["computation"]["state"]), (&json!("draft"), &json!("infeasible")));
    assert_eq!(
        (&seen["infeasible"]["because"], &seen["infeasible"]["total"]),
        (&json!("quotas"), &json!(2)),
        "{seen:#}"
    );
    assert!(seen["computation"]["reason"].is_string());
    // It can be changed and computed again.
    let read = p.manager.get(&path);
    p.manager.if_match(&read).patch(&path, json!({"quotas": []})).is(200);
    assert_eq!(p.compute(&path)["provenOptimal"], true);
});

both!(a_pool_that_changes_stops_the_selection, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.proposed(json!({}));
    let chosen = p.manager.get(&path).is(200)["selected"][0].as_str().unwrap().to_owned();
    let index = KOMMUNER.iter().position(|code| *code == chosen).unwrap();
    p.adopt(&path).is(200);
    p.applicants[index].change(&p.applications[index], "withdrawn").is(200);
    let refusal = p.manager.change(&path, "announced").refused(409, "poolChanged");
    assert_eq!(refusal["left"], json!([chosen]));
    assert_eq!(steps(&p.manager.get(&path).is(200)), ["withdrawn"]);
    assert_eq!(p.manager.get(&p.call).is(200)["status"], "selecting");
    p.manager.change_because(&path, "withdrawn", "En utvald kommun har lämnat.").is(200);
    // A new one is computed for those who are left, and another kommun that comes afterwards is not forgotten.
    let path = p.proposed(json!({}));
    put_in(t, &p.applications[index], ApplicationState::Qualified);
    let refusal = p.adopt(&path).refused(409, "poolChanged");
    assert_eq!(refusal["joined"], json!([chosen]));
});

both!(a_free_place_goes_to_the_best_replacement, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.announced();
    let replacements = format!("{path}/replacements");
    assert_eq!(p.manager.get(&replacements).is(200)["freePlaces"], 0);
    let announced = p.manager.get(&path).is(200);
    let index_of = |code: &str| KOMMUNER.iter().position(|other| *other == code).unwrap();
    let gone = announced["selected"][1].as_str().unwrap();
    p.applicants[index_of(gone)].change(&p.applications[index_of(gone)], "declined").is(200);
    let seen = p.manager.get(&replacements).is(200);
    assert_eq!((&seen["freePlaces"], &seen["left"][0]["kommunkod"]), (&json!(1), &json!(gone)));
    let best = seen["best"][0]["kommunkod"].as_str().unwrap();
    let tasks = p.manager.get("/me/tasks").is(200);
    let task = tasks["items"].as_array().unwrap().iter().find(|task| task["code"] == "placeToFill").unwrap();
    assert_eq!((&task["kommunkod"], &task["to"]), (&json!(best), &json!("selected")));
    // Another kommun needs a reason.
    let other = KOMMUNER
        .iter()
        .find(|code| {
            **code != best && matches!(p.status(index_of(code)).as_str(), Some("reserve" | "notSelected"))
        })
        .unwrap();
    let step = p.manager.get(&p.applications[index_of(other)]).is(200)["allowedTransitions"][0].clone();
    assert_eq!(step, json!({"to": "selected", "requiresComment": false, "requires": ["publicReason"]}));
    let refusal = p.manager.change(&p.applications[index_of(other)], "selected");
    refusal.refused(422, "invalidInput");
    assert_eq!(refusal.faults(), [("/data/publicReason".to_owned(), "required".to_owned())]);
    let step = p.manager.get(&p.applications[index_of(best)]).is(200)["allowedTransitions"][0].clone();
    assert_eq!(step, json!({"to": "selected", "requiresComment": false, "requires": []}));
    p.manager.change(&p.applications[index_of(best)], "selected").is(200);
    let given = p.manager.get(&path).is(200)["givenPlaces"].clone();
    assert_eq!((&given[0]["kommunkod"], &given[0]["isDeviation"]), (&json!(best), &json!(false)));
    // The next one is a deviation.
    p.applicants[index_of(best)].change(&p.applications[index_of(best)], "declined").is(200);
    let step = json!({
        "to": "selected", "comment": "Deras nämnd ringde igen.", "data": {"publicReason": "Den bästa har inget team."}
    });
    let steps = format!("{}/status-changes", p.applications[index_of(other)]);
    p.manager.post(&steps, step).is(200);
    // All kommuner read the reason, and not the comment, which is about one of them.
    let seen = p.applicants[0].get(&path);
    let given = seen.is(200)["givenPlaces"].clone();
    assert!(!seen.text.contains("nämnd"));
    assert_eq!((&given[1]["kommunkod"], &given[1]["isDeviation"]), (&json!(other), &json!(true)));
    assert_eq!(given[1]["reason"], "Den bästa har inget team.");
});

both!(what_people_look_at_is_drawn_in_both_languages, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(
        json!({"pins": [{"kommunkod": "2582", "in": true, "reason": "Värd."}], "deviationReason": "Värd."}),
    );
    p.manager.get(&format!("{path}/map")).refused(404, "notFound");
    p.compute(&path);
    for (language, word) in [("sv", "vald"), ("en", "chosen")] {
        let reader = p.manager.header("Accept-Language", language);
        for drawing in ["map", "distribution?format=svg"] {
            let drawn = reader.get(&format!("{path}/{drawing}"));
            assert_eq!(
                (drawn.status, drawn.header("content-type")),
                (200, Some("image/svg+xml")),
                "{drawing}"
            );
            let says = |what: &str| drawn.text.to_lowercase().contains(what);
            assert!(
                says(word) && says("<title") && says("<desc") && says(&format!("lang=\"{language}\"")),
                "{drawing}"
            );
        }
        let told = reader.get(&format!("{path}/explanations")).is(200);
        assert_eq!(
            (told["isComplete"].as_bool(), told["leftOut"].as_array().unwrap().len()),
            (Some(true), 6)
        );
        let texts = told["leftOut"].as_array().unwrap().iter().chain(told["goals"].as_array().unwrap());
        assert!(texts.clone().all(|one| 20 < one["text"].as_str().unwrap().len()), "{told:#}");
        assert_eq!(
            (told["pins"][0]["kommunName"].as_str(), told["chosen"].as_array().unwrap().len()),
            (Some("Boden"), 4)
        );
    }
    let figures = p.manager.get(&format!("{path}/distribution")).is(200);
    assert_eq!((&figures["pool"], &figures["chosen"]), (&json!(10), &json!(4)));
    p.manager.get(&format!("{path}/distribution?format=pdf")).refused(400, "invalidQuery");
});

both!(letters_stand_while_a_selection_is_adopted, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let letter = p.letter(0);
    let path = p.proposed(json!({}));
    let offered = || {
        let seen = p.applicants[0].get(&letter).is(200);
        steps(&seen).contains(&"revoked")
    };
    let refused =
        || p.applicants[0].change_because(&letter, "revoked", "Ångrat oss.").refused(409, "stateConflict");
    assert!(offered());
    p.adopt(&path).is(200);
    assert!(!offered());
    let while_adopted = refused();
    p.manager.change_because(&path, "withdrawn", "Nytt underlag.").is(200);
    assert!(offered());
    p.announced();
    // The kommun cannot tell from the words whether anything was announced.
    let while_decided = refused();
    for member in ["title", "detail", "code", "currentStatus"] {
        assert_eq!(while_adopted[member], while_decided[member]);
    }
});
