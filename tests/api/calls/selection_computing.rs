//! The computation of a selection: cancelled, interrupted, taken by another process, and proved again.

use std::sync::mpsc::{Sender, channel};

use diesel::prelude::*;
use diesel::sql_query;
use samverkan::schema::selection_progress;
use serde_json::json;

use super::selection_proposals::{KOMMUNER, Pool, steps, waited};
use crate::both;
use crate::support::TestApp;

/// Keeps every thread of the computations busy until it is dropped.
pub struct Busy(#[expect(dead_code, reason = "the threads wait until it is dropped")] Vec<Sender<()>>);

pub fn busy(t: &TestApp) -> Busy {
    let wait = |_| {
        let (release, released) = channel::<()>();
        t.services.computing.run(move || released.recv().unwrap_or_default());
        release
    };
    Busy((0..16).map(wait).collect())
}

both!(a_running_computation_is_cancelled_and_begun_again, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    let threads = busy(t);
    p.manager.change(&path, "computed").is(202);
    let running = p.manager.get(&path).is(200);
    assert_eq!((steps(&running), &running["computation"]["state"]), (vec!["draft"], &json!("running")));
    p.manager.change(&path, "computed").refused(409, "computationRunning");
    let read = p.manager.get(&path);
    p.manager.if_match(&read).patch(&path, json!({"title": "Nytt"})).refused(409, "computationRunning");
    let cancelled = p.manager.change(&path, "draft").is(200);
    assert_eq!(
        (&cancelled["status"], &cancelled["computation"]["state"]),
        (&json!("draft"), &json!("cancelled"))
    );
    assert!(cancelled["computation"]["reason"].is_string());
    p.manager.change(&path, "draft").refused(409, "stateConflict");
    drop(threads);
    // The cancelled one gives nothing, and a new one can be begun.
    let computed = p.compute(&path);
    assert_eq!(computed["provenOptimal"], true);
    let all = p.manager.get(&format!("{path}/computations")).is(200);
    let mut states: Vec<&str> =
        all["computations"].as_array().unwrap().iter().map(|one| one["state"].as_str().unwrap()).collect();
    // All began in the same instant.
    states.sort_unstable();
    assert_eq!(states, ["cancelled", "done", "done"]);
    let adopted = {
        p.manager.change(&path, "proposed").is(200);
        p.adopt(&path).is(200)
    };
    assert_eq!(adopted["decisionRecord"]["computations"], 2);
});

both!(a_pool_that_changes_during_the_computation_ends_it, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    let threads = busy(t);
    p.manager.change(&path, "computed").is(202);
    p.applicants[0].change(&p.applications[0], "withdrawn").is(200);
    drop(threads);
    let seen = waited(&p.manager, &path, |seen| seen["computation"]["state"] != "running");
    assert_eq!((&seen["status"], &seen["computation"]["state"]), (&json!("draft"), &json!("poolChanged")));
    assert_eq!(p.compute(&path)["selected"].as_array().unwrap().len(), 4);
});

both!(a_computation_whose_process_died_is_interrupted, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    let threads = busy(t);
    p.manager.change(&path, "computed").is(202);
    // Another process took it and died.
    t.write(|tx| {
        let taken =
            (selection_progress::runner.eq("a process that died"), selection_progress::beat_millis.eq(0));
        diesel::update(selection_progress::table).set(taken).execute(tx.db)?;
        Ok(())
    });
    t.run_jobs();
    let seen = p.manager.get(&path).is(200);
    assert_eq!((&seen["status"], &seen["computation"]["state"]), (&json!("draft"), &json!("interrupted")));
    drop(threads);
    assert_eq!(p.compute(&path)["provenOptimal"], true);
});

both!(what_waits_is_taken_by_the_job_of_another_process, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    let threads = busy(t);
    p.manager.change(&path, "computed").is(202);
    let other = t.another_process();
    samverkan::app::jobs(&other).run_all();
    let computed = waited(&p.manager, &path, |seen| seen["explanation"]["state"] == "done");
    assert_eq!(computed["status"], "computed");
    drop(threads);
});

both!(a_changed_record_is_found, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    p.compute(&path);
    let fails = |statement: &str, check: &str| {
        let found = p.manager.get(&format!("{path}/verification")).is(200);
        assert_eq!(found["isVerified"], true, "before {statement}");
        t.write(|tx| Ok(sql_query(statement).execute(tx.db)?));
        let found = p.manager.get(&format!("{path}/verification")).is(200);
        let failed: Vec<&str> = found["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|part| part["holds"] == false)
            .map(|part| part["check"].as_str().unwrap())
            .collect();
        assert!(failed.contains(&check) && found["isVerified"] == false, "{statement}: {found:#}");
    };
    let swapped = |table: &str, column: &str, from: &str, to: &str| {
        format!("UPDATE {table} SET {column} = replace({column}, '{from}', '{to}')")
    };
    let both_ways = |table: &str, column: &str, from: &str, to: &str, check: &str| {
        fails(&swapped(table, column, from, to), check);
        t.write(|tx| Ok(sql_query(swapped(table, column, to, from)).execute(tx.db)?));
    };
    both_ways("selection_computations", "input", "\"maturity\":2", "\"maturity\":5", "inputHash");
    both_ways("selection_computations", "input", "\"latitude\":6", "\"latitude\": 6", "inputHash");
    both_ways("selection_computations", "input_hash", "a", "x", "inputHash");
    both_ways("selection_proposals", "goals", "sizeBand", "skrGroup", "input");
    both_ways("selection_proposals", "answer", "\"goalValues\":[4", "\"goalValues\":[3", "goalValues");
    both_ways("selection_computations", "result", "\"goalValues\":[4", "\"goalValues\":[3", "answer");
    both_ways("selection_computations", "result_sha256", "a", "x", "answer");
    let first = p.manager.get(&path).is(200)["reserves"][0].as_str().unwrap().to_owned();
    both_ways("selection_proposals", "reserves", &first, "9999", "reserves");
    both_ways("programmes", "seed_sha256", "a", "x", "seedCommitment");
});

both!(explanations_of_a_process_that_died_are_taken_by_another, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let path = p.propose(json!({}));
    p.manager.change(&path, "computed").is(202);
    waited(&p.manager, &path, |seen| seen["status"] == "computed");
    p.manager.change(&path, "proposed").is(200);
    waited(&p.manager, &path, |seen| seen["explanation"]["state"] == "done");
    // As if the process that explains had died before it was done.
    let of_explanations = "purpose = 'explanations'";
    t.write(|tx| {
        let undone = format!(
            "UPDATE selection_computations SET state = 'running', result = NULL, result_sha256 = NULL, \
                              ended_at = NULL WHERE {of_explanations}"
        );
        sql_query(undone).execute(tx.db)?;
        let taken =
            (selection_progress::runner.eq("a process that died"), selection_progress::beat_millis.eq(0));
        Ok(diesel::update(selection_progress::table).set(taken).execute(tx.db)?)
    });
    p.adopt(&path).refused(409, "stateConflict");
    t.run_jobs();
    waited(&p.manager, &path, |seen| seen["explanation"]["state"] == "done");
    p.adopt(&path).is(200);
});

both!(one_selection_is_adopted_at_a_time_by_somebody_who_did_not_make_it, |t| {
    let p = Pool::of(t, 4, &KOMMUNER);
    let (first, second) = (p.proposed(json!({})), p.proposed(json!({})));
    p.adopt(&first).is(200);
    p.adopt(&second).refused(409, "alreadyExists");
    p.manager.change_because(&first, "withdrawn", "Ett nyare finns.").is(200);
    p.adopt(&second).is(200);
    // Whoever has changed a proposal or had it computed made it, whoever proposed it.
    p.manager.change_because(&second, "withdrawn", "Ändras.").is(200);
    let third = p.propose(json!({}));
    let read = p.other.get(&third);
    p.other.if_match(&read).patch(&third, json!({"title": "Mitt förslag"})).is(200);
    p.compute(&third);
    p.manager.change(&third, "proposed").is(200);
    p.adopt(&third).refused(403, "ownWork");
});
