//! Concurrent requests that enter and change time.

use std::thread;

use serde_json::json;

use super::{entered, member, work};
use crate::both;
use crate::support::Response;
use crate::team::{BODEN, running};

const CLIENTS: usize = 8;

/// The responses to many calls that start at the same time.
fn all_at_once(call: impl Fn(usize) -> Response + Sync) -> Vec<Response> {
    let gate = std::sync::Barrier::new(CLIENTS);
    let (call, gate) = (&call, &gate);
    thread::scope(|scope| {
        let started: Vec<_> = (0..CLIENTS)
            .map(|number| {
                scope.spawn(move || {
                    gate.wait();
                    call(number)
                })
            })
            .collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn with_status(answers: &[Response], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

both!(concurrent_entries_never_exceed_24_hours, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-01-12");
    // Two such entries do not fit into a day.
    let answers = all_at_once(|_| maja.client.post("/time-entries", work(&maja, "2021-01-11", 800)));
    assert_eq!((with_status(&answers, 201), with_status(&answers, 422)), (1, CLIENTS - 1));
    // Six entries of four hours fit into a day.
    let answers = all_at_once(|_| maja.client.post("/time-entries", work(&maja, "2021-01-10", 240)));
    assert_eq!((with_status(&answers, 201), with_status(&answers, 422)), (6, CLIENTS - 6));
    let sums =
        maja.client.get("/time-entries/aggregate?workDateFrom=2021-01-10&workDateTo=2021-01-10").is(200);
    assert_eq!(sums["totalMinutes"], 1440);
});

both!(one_of_many_changes_to_a_version_wins, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-01-12");
    let path = format!("/time-entries/{}", entered(&maja, "2021-01-11", 60));
    let seen = maja.client.get(&path);
    let client = maja.client.if_match(&seen);
    let answers = all_at_once(|number| client.patch(&path, json!({"minutes": 100 + number})));
    assert_eq!((with_status(&answers, 200), with_status(&answers, 412)), (1, CLIENTS - 1));
    assert_eq!(maja.client.get(&path).is(200)["version"], 2);
});

both!(one_idempotency_key_enters_time_once, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-01-12");
    let client = maja.client.header("Idempotency-Key", "monday");
    let answers = all_at_once(|_| client.post("/time-entries", work(&maja, "2021-01-11", 60)));
    assert_eq!(with_status(&answers, 201), CLIENTS);
    assert!(answers.iter().all(|answer| answer.id() == answers[0].id()));
    assert_eq!(maja.client.get("/time-entries").is(200)["_meta"]["totalRecords"], 1);
});

both!(the_first_concurrent_entries_of_a_month_share_one_report, |t| {
    let programme = running(t);
    let maja = member(t, programme, BODEN, 1);
    t.at("2021-01-12");
    let answers = all_at_once(|number| {
        maja.client.post("/time-entries", work(&maja, &format!("2021-01-0{}", number + 1), 60))
    });
    assert_eq!(with_status(&answers, 201), CLIENTS);
    assert!(answers.iter().all(|answer| answer.json()["timeReportId"] == answers[0].json()["timeReportId"]));
});
