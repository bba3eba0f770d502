//! What is kept for `Idempotency-Key`s: little for each answer, not more than a limit for each caller, and nothing of what
//! was only tried.

use diesel::prelude::*;
use samverkan::platform::db::kept::Keep as _;
use samverkan::platform::db::schema::idempotency_keys;
use serde_json::{Value, json};

use crate::both;
use crate::programmes::offer;
use crate::support::{Client, TestApp};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A batch whose items all fail.
fn failing(items: usize, is_dry: bool) -> Value {
    let none = "0175a2e1-7c00-7000-8000-000000000001";
    let item = json!({"id": none, "to": "voided"});
    json!({"dryRun": is_dry, "items": vec![item; items]})
}

fn kept(t: &TestApp) -> Vec<i64> {
    t.db(|db| idempotency_keys::table.select(idempotency_keys::kept_bytes).load(db).unwrap())
}

/// Lets what is kept be so many bytes in each row.
fn grow(t: &TestApp, bytes: i64) {
    t.write(|tx| {
        diesel::update(idempotency_keys::table)
            .set(idempotency_keys::kept_bytes.eq(bytes))
            .kept()
            .execute(tx.db)?;
        Ok(())
    });
}

const BATCH: &str = "/time-entries/status-changes/batch";

fn keyed(client: &Client, key: &str) -> Client {
    client.header("Idempotency-Key", key)
}

both!(a_long_answer_is_packed_and_replayed_as_it_was, |t| {
    let programme = crate::programmes::draft(t);
    let manager = t.manager(programme);
    let first = keyed(&manager, "long").post(BATCH, failing(1000, false));
    assert_eq!(first.is(200)["failed"], 1000);
    assert!(first.text.len() > 200_000, "{}", first.text.len());
    let sizes = kept(t);
    assert!(sizes.len() == 1 && sizes[0] < 30_000, "{sizes:?} of {}", first.text.len());
    let again = keyed(&manager, "long").post(BATCH, failing(1000, false));
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, Some("true")));
    assert!(again.text == first.text, "another answer");
    // A short one too, with its tag and address.
    let admin = keyed(&t.admin(), "short");
    let (first, again) = (admin.post("/programmes", offer()), admin.post("/programmes", offer()));
    assert_eq!((&first.text, first.status), (&again.text, again.status));
    for header in ["etag", "location"] {
        assert!(first.header(header).is_some() && first.header(header) == again.header(header));
    }
});

both!(nothing_is_kept_of_what_was_only_tried, |t| {
    let programme = crate::programmes::draft(t);
    let manager = keyed(&t.manager(programme), "tried");
    for _ in 0..2 {
        let tried = manager.post(BATCH, failing(2, true));
        assert_eq!((tried.is(200)["failed"].as_i64(), tried.header("idempotency-replayed")), (Some(2), None));
        assert!(kept(t).is_empty());
    }
    // The same key with another body: the real one.
    manager.post(BATCH, failing(2, false)).is(200);
    assert_eq!(kept(t).len(), 1);
    manager.post(BATCH, failing(2, true)).refused(422, "idempotencyKeyReused");
});

both!(a_caller_with_too_much_kept_gets_no_new_key, |t| {
    let app = TestApp::with(t.kind(), &[("KEPT_ANSWERS_MIB", "1")]);
    let (admin, other) = (app.admin(), app.admin());
    keyed(&admin, "first").post("/programmes", offer()).is(201);
    grow(&app, (1 << 20) + 1);
    // The database is not asked at each request.
    keyed(&admin, "second").post("/programmes", offer()).is(201);
    app.clock.advance(60_000);
    let refused = keyed(&admin, "third").post("/programmes", offer());
    refused.refused(429, "keptAnswersFull");
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((DAY / 1000 - 120..=DAY / 1000 - 60).contains(&wait), "{wait}");
    // The keys that were given still hold, other callers are not affected, and a request without a key goes on.
    let replayed = keyed(&admin, "first").post("/programmes", offer());
    assert_eq!((replayed.status, replayed.header("idempotency-replayed")), (201, Some("true")));
    keyed(&other, "third").post("/programmes", offer()).is(201);
    admin.post("/programmes", offer()).is(201);
    let count = admin.get("/programmes?limit=1").is(200)["_meta"]["totalRecords"].clone();
    assert_eq!(count, 4, "a refused request has no effect");
    // Nothing is deleted before its day is over.
    app.run_jobs();
    assert_eq!(kept(&app).len(), 3);
    app.clock.advance(DAY + 1);
    keyed(&admin, "third").post("/programmes", offer()).is(201);
    app.run_jobs();
    assert_eq!(kept(&app).len(), 1);
});

both!(what_this_process_keeps_counts_at_once, |t| {
    let app = TestApp::with(t.kind(), &[("KEPT_ANSWERS_MIB", "1")]);
    let admin = app.admin();
    keyed(&admin, "1").post("/programmes", offer()).is(201);
    // Just below the limit, as the database says.
    grow(&app, (1 << 20) - 100);
    app.clock.advance(60_000);
    keyed(&admin, "2").post("/programmes", offer()).is(201);
    keyed(&admin, "3").post("/programmes", offer()).refused(429, "keptAnswersFull");
});
