//! Many identical requests at the same time.

use samverkan::platform::ids::Id;
use serde_json::json;

use crate::both;
use crate::programmes::{draft, offer};
use crate::support::{Client, Response};

const CLIENTS: u64 = 8;

/// Sends one request from many threads at the same time.
fn at_once(send: impl Fn(u64) -> Response + Sync) -> Vec<Response> {
    let barrier = std::sync::Barrier::new(usize::try_from(CLIENTS).unwrap());
    std::thread::scope(|scope| {
        let one = |number| {
            let (send, barrier) = (&send, &barrier);
            scope.spawn(move || {
                barrier.wait();
                send(number)
            })
        };
        let threads: Vec<_> = (0..CLIENTS).map(one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn count(client: &Client) -> u64 {
    client.get("/programmes").is(200)["_meta"]["totalRecords"].as_u64().unwrap()
}

both!(one_idempotency_key_has_one_effect, |t| {
    let admin = t.admin();
    let keyed = admin.header("Idempotency-Key", "one and only");
    let keyed_well = admin.header("Idempotency-Key", "one-and-only");
    keyed.post("/programmes", offer()).refused(400, "invalidHeader");
    let answers = at_once(|_| keyed_well.post("/programmes", offer()));
    let mut ids: Vec<Id> =
        answers.iter().map(|answer| answer.is(201)["id"].as_str().unwrap().parse().unwrap()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let replayed =
        answers.iter().filter(|answer| answer.header("idempotency-replayed") == Some("true")).count();
    assert_eq!(replayed as u64, CLIENTS - 1);
    assert_eq!(count(&admin), 1);
});

both!(one_of_many_changes_to_a_version_wins, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    let seen = manager.get(&path);
    let seeing = manager.if_match(&seen);
    let answers = at_once(|number| seeing.patch(&path, json!({"places": 20 + number})));
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(won.len(), 1);
    for lost in answers.iter().filter(|answer| answer.status != 200) {
        lost.refused(412, "versionMismatch");
    }
    let now = manager.get(&path).is(200);
    assert_eq!(now["places"], won[0].json()["places"]);
    assert_eq!(now["version"].as_i64().unwrap(), seen.json()["version"].as_i64().unwrap() + 1);
});

both!(one_of_many_changes_of_status_wins, |t| {
    let id = draft(t);
    let path = format!("/programmes/{id}");
    let manager = t.manager(id);
    let answers = at_once(|_| manager.change(&path, "scheduled"));
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for lost in answers.iter().filter(|answer| answer.status != 200) {
        lost.refused(409, "transitionNotAllowed");
    }
    let history = manager.get(&format!("{path}/status-changes")).is(200);
    assert_eq!(history["items"].as_array().unwrap().len(), 1);
});
