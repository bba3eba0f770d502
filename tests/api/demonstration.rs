//! The demonstration: its selections (`selection`), and its clock over HTTP. Its jobs run for every day on the way, so the distance is limited. `cli` tests the
//! whole demonstration.

mod selection;

use diesel::prelude::*;
use samverkan::demonstration::clock::OFFSET;
use samverkan::identity::policy::Role;
use samverkan::platform::db::schema::installation_facts as facts;
use samverkan::platform::moment::Instant;
use serde_json::json;

use crate::both;
use crate::support::{Client, Kind, Response, TestApp};

fn advance(client: &Client, to: Instant) -> Response {
    client.post("/demo/clock-advances", json!({"to": to}))
}

/// The clock, and the stored offset that it starts with after a restart.
fn standing(t: &TestApp) -> (Instant, Option<i64>) {
    let stored = t.db(|db| facts::table.find(OFFSET).select(facts::number).first(db).optional().unwrap());
    (t.now(), stored)
}

/// Fails unless the clock refuses to move there and stands still.
#[track_caller]
fn refused(t: &TestApp, client: &Client, to: Instant, fault: &str, words: &str) {
    let before = standing(t);
    let answer = advance(client, to);
    answer.refused(422, "invalidInput");
    assert_eq!(answer.faults(), [("/to".to_owned(), fault.to_owned())]);
    assert!(answer.text.contains(words), "{}", answer.text);
    assert_eq!(standing(t), before);
}

#[test]
fn the_clock_is_at_most_five_years_ahead() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let t = TestApp::demonstration(kind);
        let admin = t.admin();
        let last = t.clock.wall().plus_days(5 * 365);
        let too_far = |to| refused(&t, &admin, to, "tooFarAhead", "Högst fem år före den riktiga tiden");
        // Not in one step, and not to a year far beyond all programmes.
        too_far(last.plus_millis(1));
        too_far("9999-12-31T00:00:00Z".parse().unwrap());
        // Not in several steps either: the limit is relative to the wall clock.
        let soon = t.now().plus_days(2);
        assert_eq!(advance(&admin, soon).is(200)["now"], json!(soon));
        assert_eq!(standing(&t), (soon, Some(soon.millis() - t.clock.wall().millis())));
        // Skips the years between, whose jobs would only take time.
        t.clock.advance_now(last.plus_days(-1));
        too_far(last.plus_millis(1));
        assert_eq!(advance(&admin, last).is(200)["now"], json!(last));
        too_far(last.plus_millis(1));
        // The limit moves with the wall clock.
        let elapsed = 60 * 60 * 1000;
        let before = t.now();
        t.clock.advance(elapsed);
        assert_eq!(t.now(), before.plus_millis(elapsed));
        too_far(t.now().plus_millis(1));
    }
}

#[test]
fn the_clock_cannot_go_back() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let t = TestApp::demonstration(kind);
        let admin = t.admin();
        advance(&admin, t.now().plus_days(1)).is(200);
        for to in [t.now(), t.now().plus_millis(-1), t.clock.wall()] {
            refused(&t, &admin, to, "inThePast", "Klockan går bara framåt");
        }
    }
}

#[test]
fn only_the_administrator_moves_the_clock() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let t = TestApp::demonstration(kind);
        let programme = crate::programmes::draft(&t);
        let (before, to) = (standing(&t), t.now().plus_days(1));
        advance(&t.anonymous(), to).refused(401, "unauthenticated");
        for role in [Role::ProgrammeManager, Role::Auditor] {
            advance(&t.in_programme(role, programme), to).refused(403, "forbidden");
        }
        assert_eq!(standing(&t), before);
    }
}

both!(only_the_demonstration_has_the_operation, |t| {
    let before = standing(t);
    advance(&t.admin(), t.now().plus_days(1)).refused(404, "notFound");
    assert_eq!(standing(t), before);
});
