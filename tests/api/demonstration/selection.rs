//! The selections of the demonstration. The announced one is computed again here without the engine, from its recorded input;
//! each of its explanations is read back by forcing that kommun in or out. The other programme is chosen from over HTTP.

use std::collections::{BTreeMap, BTreeSet};

use samverkan::platform::ids::sha256_hex;
use selection::{Answer, Input, NoWatch, Pin, Problem};
use serde_json::{Value, json};

use crate::calls::selection_proposals::waited;
use crate::contract::truth::demonstration::demonstration;
use crate::support::{Client, Kind, TestApp};

/// The category of an applicant, as text.
fn category(applicant: &Value, dimension: &str) -> String {
    let value = &applicant[dimension];
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// How many of these are of each category that the pool has.
fn counts(pool: &[Value], chosen: &[&Value], dimension: &str) -> BTreeMap<String, i64> {
    let mut counts: BTreeMap<String, i64> = pool.iter().map(|one| (category(one, dimension), 0)).collect();
    for one in chosen {
        *counts.get_mut(&category(one, dimension)).unwrap() += 1;
    }
    counts
}

/// Great-circle distance in whole metres (design/selection.md).
fn metres(one: &Value, other: &Value) -> i64 {
    let at = |place: &Value, axis: &str| place[axis].as_f64().unwrap().to_radians();
    let (north, south) = (at(one, "latitude"), at(other, "latitude"));
    let across = (at(one, "longitude") - at(other, "longitude")) / 2.0;
    let a = ((north - south) / 2.0).sin().powi(2) + north.cos() * south.cos() * across.sin().powi(2);
    (2.0 * 6_371_008.8 * a.sqrt().asin() + 0.5).floor() as i64
}

fn lot(seed: &str, kommunkod: &str) -> i64 {
    let digits = &sha256_hex(&format!("{seed}:{kommunkod}"))[..8];
    i64::from_str_radix(digits, 16).unwrap() % 1_000_000
}

/// What a goal has reached with these chosen, as the guide defines it.
fn value(goal: &Value, input: &Value, chosen: &[&Value]) -> i64 {
    let pool = input["applicants"].as_array().unwrap();
    let counted = || counts(pool, chosen, goal["dimension"].as_str().unwrap());
    match goal["kind"].as_str().unwrap() {
        "coverage" => counted().values().filter(|count| **count > 0).count() as i64,
        "balance" => {
            let counted = counted();
            let (bands, places) = (counted.len() as i64, chosen.len() as i64);
            counted.values().map(|count| (bands * count - places).abs()).sum()
        }
        "dispersion" => {
            let pairs = chosen
                .iter()
                .enumerate()
                .flat_map(|(index, one)| chosen[index + 1..].iter().map(|other| metres(one, other)));
            pairs.min().unwrap_or(0)
        }
        "lottery" => {
            let seed = input["seed"].as_str().unwrap();
            chosen.iter().map(|one| lot(seed, one["kommunkod"].as_str().unwrap())).sum()
        }
        other => panic!("{other}"),
    }
}

/// The value of each goal, of the kommuner with these codes.
fn values(proposal: &Value, input: &Value, codes: &Value) -> Vec<i64> {
    let codes = codes.as_array().unwrap();
    let pool = input["applicants"].as_array().unwrap().iter();
    let chosen: Vec<&Value> = pool.filter(|one| codes.contains(&one["kommunkod"])).collect();
    assert_eq!(chosen.len(), codes.len());
    proposal["goals"].as_array().unwrap().iter().map(|goal| value(goal, input, &chosen)).collect()
}

fn numbers(list: &Value) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|number| number.as_i64().unwrap()).collect()
}

/// Fails unless these goal values, of the best choice in which the opposite is forced, are what an explanation claims.
#[track_caller]
fn claimed(fact: &Value, reference: &[i64], goals: &Value, forced: &[i64]) {
    if fact["worse"] == "tieBreak" {
        assert_eq!(forced, reference, "{fact}");
        return;
    }
    assert_eq!(fact["worse"], "goal", "{fact}");
    let goal = fact["goal"].as_u64().unwrap() as usize;
    assert_eq!(forced[..goal], reference[..goal], "the goals before keep their values: {fact}");
    let is_worse = match goals[goal]["kind"].as_str().unwrap() {
        "balance" => forced[goal] > reference[goal],
        _ => forced[goal] < reference[goal],
    };
    assert!(is_worse, "{fact}: {forced:?} after {reference:?}");
    assert_eq!(fact["from"], json!(reference[goal]), "{fact}");
    assert_eq!(fact["to"], json!(forced[goal]), "{fact}");
    // The sentence is about this kommun.
    assert!(fact["text"].as_str().unwrap().contains(fact["kommunName"].as_str().unwrap()), "{fact}");
}

/// The goal values of the best choice when a pin is added.
fn with_pin(recorded: &str, kommunkod: &str, is_in: bool) -> Answer {
    let mut input = Input::from_json(recorded.as_bytes()).unwrap();
    input.pins.push(Pin { kommunkod: kommunkod.to_owned(), is_in, reason: Some("Prövas.".to_owned()) });
    selection::solve(&Problem::new(&input).unwrap(), &NoWatch).unwrap()
}

/// The programme with this status that the manager leads, and its proposals.
fn programme(manager: &Client, status: &str) -> (Value, Vec<Value>) {
    let found = manager.get(&format!("/programmes?status={status}")).is(200)["items"][0].clone();
    let list = format!("/programmes/{}/selection-proposals", found["id"].as_str().unwrap());
    let proposals = manager.get(&list).is(200)["items"].as_array().unwrap().clone();
    (found, proposals)
}

fn count(manager: &Client, programme: &Value, status: &str) -> Value {
    let id = programme["id"].as_str().unwrap();
    manager.get(&format!("/applications?programmeId={id}&status={status}&limit=1")).is(200)["_meta"]
        ["totalRecords"]
        .clone()
}

fn the_announced_one_is_true(t: &TestApp) {
    let manager = t.login_as("projektledare@example.org");
    let (call, proposals) = programme(&manager, "running");
    let statuses: Vec<&Value> = proposals.iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, ["announced"]);
    let path = format!("/selection-proposals/{}", proposals[0]["id"].as_str().unwrap());
    let proposal = manager.get(&path).is(200);
    let recorded = manager.get(&format!("{path}/input")).text;
    let input: Value = serde_json::from_str(&recorded).unwrap();
    let pool: BTreeSet<&str> = input["applicants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kommunkod"].as_str().unwrap())
        .collect();
    assert_eq!((pool.len(), &proposal["places"], &proposal["provenOptimal"]), (40, &json!(12), &json!(true)));
    assert_eq!((&proposal["differs"], &proposal["decisionRecord"]["computations"]), (&json!([]), &json!(1)));
    assert_eq!(sha256_hex(&recorded), proposal["inputHash"].as_str().unwrap());
    // Different enough that the choice means something.
    for (dimension, least) in [("nuts2", 8), ("lan", 15), ("sizeBand", 5), ("maturity", 5), ("skrGroup", 5)] {
        let found = counts(input["applicants"].as_array().unwrap(), &[], dimension).len();
        assert!(found >= least, "{found} of {dimension}");
    }
    let reference = values(&proposal, &input, &proposal["selected"]);
    assert_eq!(numbers(&proposal["goalValues"]), reference);
    explanations_are_true(&manager, &path, (&proposal, &recorded), &reference);
    // It does not change any more. That nobody is left in the pool is no error of it.
    let renamed = json!({"title": "Tolv"});
    manager.if_match(&manager.get(&path)).patch(&path, renamed).refused(409, "stateConflict");
    // One said no; the best replacement has its place, and twelve take part.
    let given = &proposal["givenPlaces"];
    assert_eq!((given.as_array().unwrap().len(), &given[0]["isDeviation"]), (1, &json!(false)), "{given}");
    assert_eq!(given[0]["kommunkod"], given[0]["proposed"]);
    let places = manager.get(&format!("{path}/replacements")).is(200);
    assert_eq!((&places["freePlaces"], places["left"].as_array().unwrap().len()), (&json!(0), 1));
    let gone = &places["left"][0]["kommunkod"];
    assert!(proposal["selected"].as_array().unwrap().contains(gone));
    assert_eq!(count(&manager, &call, "participating"), 12);
    let open = format!("/programmes/{}/participating-kommuner", call["id"].as_str().unwrap());
    assert_eq!(t.anonymous().get(&open).is(200)["items"].as_array().unwrap().len(), 12);
    let verified = manager.get(&format!("{path}/verification")).is(200);
    assert_eq!(verified["isVerified"], true, "{verified:#}");
}

fn explanations_are_true(
    manager: &Client,
    path: &str,
    (proposal, recorded): (&Value, &str),
    reference: &[i64],
) {
    let explained = manager.get(&format!("{path}/explanations")).is(200);
    assert_eq!(explained["isComplete"], true);
    let (left_out, chosen) =
        (explained["leftOut"].as_array().unwrap(), explained["chosen"].as_array().unwrap());
    assert_eq!((left_out.len(), chosen.len()), (28, 12));
    for fact in left_out {
        let forced = with_pin(recorded, fact["kommunkod"].as_str().unwrap(), true);
        claimed(fact, reference, &proposal["goals"], forced.goal_values());
    }
    let pinned = &proposal["pins"][0]["kommunkod"];
    for fact in chosen {
        if fact["kommunkod"] == *pinned {
            assert_eq!(fact["worse"], "pin", "{fact}");
            continue;
        }
        let forced = with_pin(recorded, fact["kommunkod"].as_str().unwrap(), false);
        claimed(fact, reference, &proposal["goals"], forced.goal_values());
    }
    let mut without = Input::from_json(recorded.as_bytes()).unwrap();
    without.pins.clear();
    let without = selection::solve(&Problem::new(&without).unwrap(), &NoWatch).unwrap();
    assert_eq!(numbers(&explained["pins"][0]["goalValues"]), without.goal_values());
}

/// Adds a proposal to the programme and computes it, with its explanations.
fn computed(manager: &Client, programme: &Value, body: Value) -> (String, Value) {
    let list = format!("/programmes/{}/selection-proposals", programme["id"].as_str().unwrap());
    let path = format!("/selection-proposals/{}", manager.post(&list, body).id());
    manager.change(&path, "computed").is(202);
    let seen = waited(manager, &path, |seen| seen["explanation"]["state"] == "done");
    (path, seen)
}

fn sixty_wait_to_be_chosen_from(t: &TestApp) {
    let manager = t.login_as("projektledare4@example.org");
    let (call, proposals) = programme(&manager, "selecting");
    assert!(proposals.is_empty());
    assert_eq!((count(&manager, &call, "qualified"), &call["places"]), (json!(60), &json!(12)));
    let (path, proposal) = computed(&manager, &call, json!({}));
    assert_eq!((&proposal["status"], &proposal["provenOptimal"]), (&json!("computed"), &json!(true)));
    let input: Value = serde_json::from_str(&manager.get(&format!("{path}/input")).text).unwrap();
    let reference = values(&proposal, &input, &proposal["selected"]);
    assert_eq!(numbers(&proposal["goalValues"]), reference);
    // What an explanation claims is what a run with that kommun forced in reaches.
    let fact = manager.get(&format!("{path}/explanations")).is(200)["leftOut"][0].clone();
    let pin = json!({"kommunkod": fact["kommunkod"], "in": true, "reason": "Prövas."});
    let (_, forced) = computed(&manager, &call, json!({"isWhatIf": true, "pins": [pin]}));
    claimed(&fact, &reference, &proposal["goals"], &numbers(&forced["goalValues"]));
    // Whoever proposes does not adopt, but another manager is there who can.
    manager.change(&path, "proposed").is(200);
    let day = t.now().day();
    let decision = json!({"body": "SKR:s styrgrupp", "decidedOn": day, "registryNumber": "SKR 1"});
    let adoption = json!({"to": "adopted", "data": {"decision": decision}});
    let steps = format!("{path}/status-changes");
    manager.post(&steps, adoption.clone()).refused(403, "ownWork");
    t.login_as("projektledare5@example.org").post(&steps, adoption).is(200);
}

fn the_selections_are_true(kind: Kind) {
    let (t, _) = demonstration(kind, &[]);
    the_announced_one_is_true(&t);
    sixty_wait_to_be_chosen_from(&t);
}

#[test]
fn the_selections_are_true_on_sqlite() {
    the_selections_are_true(Kind::Sqlite);
}

#[test]
fn the_selections_are_true_on_postgresql() {
    the_selections_are_true(Kind::Postgres);
}
