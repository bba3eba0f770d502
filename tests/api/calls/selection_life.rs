//! Loose ends of a proposal's life: what changes around it, what is read of its computations, what is told to all, and how a draft
//! goes away.

use diesel::prelude::*;
use samverkan::identity::policy::Role;
use samverkan::platform::ids::{Id, sha256_hex};
use samverkan::schema::applications;
use serde_json::{Value, json};

use super::applications::mails_to;
use super::selection_proposals::{KOMMUNER, Pool, steps};
use crate::both;
use crate::contract::sync::BEGINNING;
use crate::reference::register_years::next_year;
use crate::support::TestApp;
use crate::team::with;

/// The kommun says that it has come this far.
fn says(t: &TestApp, application: &str, maturity: i32) {
    let id: Id = application.rsplit('/').next().unwrap().parse().unwrap();
    t.write(move |tx| {
        Ok(diesel::update(applications::table.find(id))
            .set(applications::maturity.eq(maturity))
            .execute(tx.db)?)
    });
}

fn place_of(code: &Value) -> usize {
    KOMMUNER.iter().position(|other| code == other).unwrap()
}

fn rels(seen: &Value) -> Vec<&str> {
    seen["_links"].as_array().unwrap().iter().map(|link| link["rel"].as_str().unwrap()).collect()
}

both!(another_maturity_stops_an_announcement_and_a_newer_register_year_does_not, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.proposed(json!({}));
    p.adopt(&path).is(200);
    let bodens = |input: &Value| {
        let all = input["applicants"].as_array().unwrap();
        all.iter().find(|applicant| applicant["kommunkod"] == "2582").unwrap()["sizeBand"].clone()
    };
    // In the new year Boden is smaller. What was recorded keeps its year.
    let year = with(next_year(&t.anonymous(), 2020), json!({"populationOn": "2020-11-01"}));
    t.admin().post("/register-years", year).is(201);
    assert_eq!(t.anonymous().get("/kommuner/2582").is(200)["sizeBand"], "under10k");
    assert_eq!(bodens(&p.manager.get(&format!("{path}/input")).is(200)), "from25kTo50k");
    let seen = p.manager.get(&path).is(200);
    assert!(steps(&seen).contains(&"announced"));
    // One that was not chosen could have been, had it said this before.
    let index = (0..KOMMUNER.len())
        .find(|index| !seen["selected"].as_array().unwrap().iter().any(|code| place_of(code) == *index));
    let index = index.unwrap();
    let before = p.manager.get(&p.applications[index]).is(200)["maturity"].as_i64().unwrap();
    let before = i32::try_from(before).unwrap();
    says(t, &p.applications[index], before % 5 + 1);
    let refusal = p.manager.change(&path, "announced").refused(409, "poolChanged");
    assert_eq!(
        (&refusal["changed"], &refusal["left"], &refusal["joined"]),
        (&json!([KOMMUNER[index]]), &json!([]), &json!([]))
    );
    assert_eq!(steps(&p.manager.get(&path).is(200)), ["withdrawn"]);
    says(t, &p.applications[index], before);
    p.manager.change(&path, "announced").is(200);
});

both!(a_reserve_that_has_withdrawn_is_not_told_that_it_is_one, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.proposed(json!({}));
    p.adopt(&path).is(200);
    let reserves = p.manager.get(&path).is(200)["reserves"].clone();
    let index = place_of(&reserves[0]);
    p.applicants[index].change(&p.applications[index], "withdrawn").is(200);
    let address = format!("strateg.{}@example.org", KOMMUNER[index]);
    let mails = mails_to(t, &address).len();
    p.manager.change(&path, "announced").is(200);
    assert_eq!(p.status(index), "withdrawn");
    assert_eq!(mails_to(t, &address).len(), mails);
    assert_eq!(p.status(place_of(&reserves[1])), "reserve");
    // Nor is it the best replacement.
    let first = place_of(&p.manager.get(&path).is(200)["selected"][0]);
    p.applicants[first].change(&p.applications[first], "declined").is(200);
    let best = p.manager.get(&format!("{path}/replacements")).is(200)["best"].clone();
    assert_ne!(best[0]["kommunkod"], reserves[0]);
});

both!(the_input_of_every_computation_can_be_read_by_those_who_read_the_proposal, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    p.compute(&path);
    p.manager.change(&path, "draft").is(200);
    let read = p.manager.get(&path);
    let quotas =
        json!({"quotas": [{"dimension": "lan", "category": "01", "max": 1}], "deviationReason": "Prövas."});
    p.manager.if_match(&read).patch(&path, quotas).is(200);
    p.compute(&path);
    let all = p.manager.get(&format!("{path}/computations")).is(200)["computations"].clone();
    let inputs: Vec<String> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let input = p.manager.get(&format!("{path}/computations/{}/input", one["id"].as_str().unwrap()));
            input.is(200);
            assert!(input.header("etag").is_some());
            assert_eq!(sha256_hex(&input.text), one["inputHash"]);
            input.text.clone()
        })
        .collect();
    let has_quotas = |input: &&String| input.contains("\"max\":1");
    assert_eq!((inputs.len(), inputs.iter().filter(has_quotas).count()), (4, 2));
    let one = all[0]["id"].as_str().unwrap();
    let of_one = format!("{path}/computations/{one}/input");
    let other = p.propose(json!({}));
    p.manager.get(&format!("{other}/computations/{one}/input")).refused(404, "notFound");
    p.manager.get(&format!("{path}/computations/{}/input", p.programme)).refused(404, "notFound");
    p.applicants[0].get(&of_one).refused(404, "notFound");
    p.manager.change(&path, "proposed").is(200);
    p.adopt(&path).is(200);
    p.manager.change(&path, "announced").is(200);
    p.applicants[0].get(&of_one).is(200);
});

both!(what_differs_from_the_call_is_told_to_all_once_it_is_announced, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let told = format!("{}/announced-selection", p.call);
    p.compute(&p.propose(json!({})));
    let quota = json!({"dimension": "lan", "category": "01", "min": null, "max": 1});
    let pin = json!({"kommunkod": "2582", "in": true, "reason": "Värd."});
    let body = json!({"quotas": [quota], "pins": [pin], "deviationReason": "Ett län fick dominera."});
    let path = p.proposed(body);
    let record = p.adopt(&path).is(200)["decisionRecord"].clone();
    let other = &record["others"][0];
    assert_eq!(other["differs"], json!(["quotas", "pins"]));
    assert_eq!(other["from"], json!({"quotas": [], "pins": []}));
    assert_eq!(other["to"], json!({"quotas": [quota], "pins": [pin]}));
    assert_eq!(other["otherFacts"], json!([]));
    for reader in [&t.anonymous(), &p.manager, &p.applicants[0]] {
        reader.get(&told).refused(404, "notFound");
    }
    p.manager.change(&path, "announced").is(200);
    let seen = t.anonymous().get(&told);
    let all = seen.is(200);
    assert_eq!((&all["deviationReason"], &all["places"]), (&json!("Ett län fick dominera."), &json!(4)));
    assert_eq!((&all["differs"], &all["to"]), (&other["differs"], &other["to"]));
    assert_eq!(all["inputHash"], p.manager.get(&path).is(200)["inputHash"]);
    assert!(!seen.text.contains("strateg") && !seen.text.contains('@'));
});

both!(what_follows_the_call_differs_in_nothing, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    p.announced();
    let all = t.anonymous().get(&format!("{}/announced-selection", p.call)).is(200);
    assert_eq!((&all["differs"], &all["deviationReason"]), (&json!([]), &Value::Null));
});

both!(a_draft_is_deleted_until_it_is_computed, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let list = format!("{}/selection-proposals", p.call);
    let path = p.propose(json!({}));
    let read = p.manager.get(&path);
    assert!(rels(&read.is(200)).contains(&"delete"));
    p.manager.delete(&path).refused(428, "preconditionRequired");
    t.economist(p.programme).if_match(&read).delete(&path).refused(403, "forbidden");
    p.applicants[0].if_match(&read).delete(&path).refused(403, "forbidden");
    p.manager.if_match(&read).delete(&path).is(204);
    p.manager.get(&path).refused(404, "notFound");
    // Whoever follows the list and sees drafts is told; the kommuner never knew of it.
    let since = format!("{list}?updatedSince={BEGINNING}");
    let deleted = |by: &crate::support::Client| by.get(&since).is(200)["_meta"]["deleted"].clone();
    assert_eq!(deleted(&p.manager)[0]["id"], json!(path.rsplit('/').next().unwrap()));
    assert_eq!(deleted(&t.economist(p.programme)).as_array().unwrap().len(), 1);
    let reader = t.in_kommun(Role::KommunReader, p.programme, KOMMUNER[0]);
    for kommun in [&p.applicants[0], &reader] {
        assert_eq!(deleted(kommun), json!([]));
    }
    // What was computed is kept.
    let path = p.propose(json!({}));
    p.compute(&path);
    p.manager.change(&path, "draft").is(200);
    let read = p.manager.get(&path);
    assert!(!rels(&read.is(200)).contains(&"delete"));
    p.manager.if_match(&read).delete(&path).refused(409, "stateConflict");
});

both!(adopting_is_not_offered_while_another_one_is_adopted, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let (first, second) = (p.proposed(json!({})), p.proposed(json!({})));
    let is_offered = || {
        let seen = p.other.get(&second).is(200);
        let tasks = p.other.get("/me/tasks").is(200);
        let is_task =
            tasks["items"].as_array().unwrap().iter().any(|task| task["code"] == "selectionToAdopt");
        (steps(&seen).contains(&"adopted"), is_task)
    };
    assert_eq!(is_offered(), (true, true));
    p.adopt(&first).is(200);
    assert_eq!(is_offered(), (false, false));
    p.adopt(&second).refused(409, "alreadyExists");
    p.manager.change_because(&first, "withdrawn", "Ett nyare finns.").is(200);
    assert_eq!(is_offered(), (true, true));
});

both!(a_replacement_is_computed_only_for_those_who_may_give_the_place, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.announced();
    let seen = p.manager.get(&path).is(200);
    let gone = place_of(&seen["selected"][0]);
    p.applicants[gone].change(&p.applications[gone], "declined").is(200);
    // Nothing can be computed from this, so whoever gets an answer did not wait for it.
    t.write(|tx| Ok(diesel::sql_query("UPDATE selection_computations SET input = '{}'").execute(tx.db)?));
    let list = format!("/applications?programmeId={}", p.programme);
    assert_eq!(p.manager.unchecked().get(&list).status, 500);
    let reserve = place_of(&seen["reserves"][0]);
    p.applicants[reserve].get(&p.applications[reserve]).is(200);
    t.economist(p.programme).get(&list).is(200);
});
