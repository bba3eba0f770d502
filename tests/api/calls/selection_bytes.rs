//! The same choice is recorded in the same bytes on both databases. (That debug and release builds, and any number of threads,
//! give them too is held by the engine's own `golden`.)

use diesel::prelude::*;
use samverkan::schema::selection_computations;
use serde_json::{Value, json};

use super::selection_proposals::{KOMMUNER, Pool};
use crate::support::{Kind, TestApp};

/// A computation's purpose, input, its hash, result and its hash.
type Recorded = (String, String, String, Option<String>, Option<String>);

/// What is recorded of a trial with a seed, a requirement and two decisions, and what is served of it.
fn recorded(kind: Kind) -> (Vec<Recorded>, Vec<Value>) {
    let t = TestApp::new(kind);
    let p = Pool::of(&t, 4, &KOMMUNER);
    let path = p.propose(json!({
        "isWhatIf": true,
        "seed": "5f1d7e0a9c3b4d2e8f6071829304a5b6",
        "quotas": [{"dimension": "lan", "category": "01", "max": 1}],
        "pins": [{"kommunkod": "2518", "in": true, "reason": "Beslutat av styrgruppen."},
            {"kommunkod": "1480", "in": false, "reason": "Är redan med i ett annat nätverk."}],
    }));
    let computed = p.compute(&path);
    let columns = (
        selection_computations::purpose,
        selection_computations::input,
        selection_computations::input_hash,
        selection_computations::result,
        selection_computations::result_sha256,
    );
    let kept = t.db(|db| {
        let rows = selection_computations::table.select(columns).order(selection_computations::purpose);
        rows.load::<Recorded>(db).unwrap()
    });
    let members = ["inputHash", "selected", "goalValues", "reserves", "provenOptimal"];
    let mut served: Vec<Value> = members.iter().map(|member| computed[member].clone()).collect();
    let explained = p.manager.get(&format!("{path}/explanations")).is(200);
    served.extend(["leftOut", "chosen", "quotas", "pins"].iter().map(|part| {
        assert!(explained[part].as_array().is_some_and(|list| !list.is_empty()), "{part}: {explained:#}");
        explained[part].clone()
    }));
    let input = p.manager.get(&format!("{path}/input")).is(200);
    assert_eq!(input["nodeBudget"], 2_000_000, "also the usual one is recorded");
    served.push(input);
    (kept, served)
}

#[test]
fn both_databases_record_the_same_bytes() {
    let [sqlite, postgres] = [Kind::Sqlite, Kind::Postgres].map(recorded);
    assert_eq!(sqlite.0.len(), 2);
    assert!(sqlite.0.iter().all(|(.., result, hash)| result.is_some() && hash.is_some()), "{:?}", sqlite.0);
    assert_eq!(sqlite, postgres);
}
