//! A client that follows the changes of a list loses nothing: `_meta.syncedTo` is an instant up to which nothing can still
//! appear. `sync_processes` tries the same with three processes and random delays.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::{PgConnection, QueryableByName, sql_query};
use samverkan::identity::people;
use samverkan::identity::policy::Role;
use samverkan::platform::auth::password::PasswordCost;
use samverkan::platform::clock::Clock;
use samverkan::platform::db::Location;
use samverkan::platform::ids::{Id, Ids};
use samverkan::platform::moment::Instant;
use samverkan::platform::text::Localized;
use serde_json::{Value, json};

use super::generated::sources;
use super::operations::{Operation, lists, operations};
use super::world::World;
use crate::both;
use crate::calls::avsiktsforklaringar::deleted_draft;
use crate::goals::VASBY;
use crate::programmes::draft;
use crate::support::{Client, Kind, TestApp};
use crate::team::{BODEN, LULEA, each, running};
use crate::time::{member, work};

pub const BEGINNING: &str = "2020-01-01T00:00:00Z";

/// The changes of a list, all on one page.
pub fn changes(client: &Client, list: &str, since: &str) -> Value {
    client.get(&format!("{list}?updatedSince={since}&limit=1000&cursor=")).is(200)
}

/// From where a client goes on.
pub fn synced_to(page: &Value) -> &str {
    page["_meta"]["syncedTo"].as_str().unwrap_or_else(|| panic!("no syncedTo: {}", page["_meta"]))
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Waits until so many transactions wait for a lock.
fn until_waiting(db: &mut PgConnection, wanted: i64) {
    let waiting = "SELECT count(*) AS count FROM pg_locks WHERE NOT granted \
                   AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())";
    for _ in 0..500 {
        if sql_query(waiting).get_result::<Count>(db).unwrap().count == wanted {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("nobody waits");
}

/// The write of Luleå takes its time first and commits last.
#[test]
fn a_write_that_waits_for_a_lock_is_not_lost() {
    let t = TestApp::new(Kind::Postgres);
    let programme = running(&t);
    let (boden, lulea) = (member(&t, programme, BODEN, 1), member(&t, programme, LULEA, 1));
    t.at("2021-01-29T08:00:00+01:00");
    let manager = t.manager(programme);
    let Location::Postgres(url) = t.services.database.location() else { panic!("PostgreSQL") };
    let mut holder = PgConnection::establish(url).unwrap();
    let head = format!("programme:{programme}:kommun:{LULEA}");
    holder
        .batch_execute(&format!("BEGIN; SELECT 1 FROM audit_chains WHERE name = '{head}' FOR UPDATE"))
        .unwrap();
    let (late, early, first) = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| lulea.client.post("/time-entries", work(&lulea, "2021-01-11", 60)));
        until_waiting(&mut holder, 1);
        t.clock.advance(10_000);
        let early = boden.client.post("/time-entries", work(&boden, "2021-01-11", 60)).is(201);
        t.clock.advance(10_000);
        let first = changes(&manager, "/time-entries", BEGINNING);
        holder.batch_execute("ROLLBACK").unwrap();
        (waiting.join().unwrap().is(201), early, first)
    });
    assert_eq!(each(&first, "id"), [early["id"].clone()]);
    assert!(late["updatedAt"].as_str() < early["updatedAt"].as_str(), "the late one has the older time");
    let second = changes(&manager, "/time-entries", synced_to(&first));
    assert!(each(&second, "id").contains(&late["id"]), "lost: {}", late["id"]);
    // When nobody writes, only the last two seconds are read again.
    t.clock.advance(10_000);
    let third = changes(&manager, "/time-entries", synced_to(&second));
    assert!(each(&changes(&manager, "/time-entries", synced_to(&third)), "id").is_empty());
}

both!(processes_whose_clocks_differ_lose_nothing, |t| {
    let admin = t.admin();
    t.clock.advance(3_600_000);
    admin.post("/programmes", json!({})).refused(422, "invalidInput");
    let read = |since: &str| changes(&admin, "/people", since);
    let seen = read(BEGINNING);
    let slow = Clock::fixed(t.now().plus_millis(-2_000));
    let slow = samverkan::app::services(t.services.config.clone(), slow, Ids::system(), PasswordCost::CHEAP);
    let added = |name: &'static str, email: &'static str| {
        let change = move |tx: &mut samverkan::platform::tx::Tx<'_>| {
            people::invited(tx, name, email, &Localized::fixed("Test.", "Test.")).map(|(person, _)| person)
        };
        slow.database.write_blocking(&slow.system(), change).unwrap()
    };
    let one = added("Anna", "anna@example.org");
    let next = read(synced_to(&seen));
    assert!(each(&next, "id").contains(&json!(one.id)), "{one:?} is lost after {}", synced_to(&seen));
    let two = added("Bo", "bo@example.org");
    assert!(one.updated_at <= two.updated_at);
    assert!(each(&read(synced_to(&next)), "id").contains(&json!(two.id)));
});

/// A list with `updatedSince`, and somebody who reads it.
pub struct Followed {
    pub template: String,
    pub path: String,
    pub reader: Client,
}

/// Every list with `updatedSince`.
pub fn followed(t: &TestApp, world: &World) -> Vec<Followed> {
    let (admin, pages) = (t.admin(), lists());
    let follows = |operation: &Operation| {
        operation.method == "GET"
            && pages.contains(&operation.path)
            && operation.query_parameter("updatedSince").is_some()
    };
    let read = |operation: Operation| {
        let path = world.filled(&operation.path);
        let mut readers = [&world.manager, &admin, &world.maja.client].into_iter();
        let reader = readers.find(|reader| reader.get(&path).status == 200);
        let reader = reader.unwrap_or_else(|| panic!("{path}: nobody reads it")).clone();
        Followed { template: operation.path, path, reader }
    };
    operations().into_iter().filter(follows).map(read).collect()
}

both!(every_list_with_updated_since_tells_how_far_it_is_complete, |t| {
    let world = World::new(t);
    let now = t.now();
    let mut walked = Vec::new();
    for Followed { template, path, reader } in followed(t, &world) {
        let one = |query: String| reader.get(&format!("{path}?{query}")).is(200);
        let by_page = one(format!("updatedSince={BEGINNING}&limit=1"));
        let told: Instant = synced_to(&by_page).parse().unwrap();
        // The times of sessions are real ones.
        let now = if path == "/sessions" { t.clock.wall() } else { now };
        assert!(told <= now && now.plus_millis(-5_000) < told, "{path}: {told} at {now}");
        let again = one(format!("updatedSince={told}&limit=1000"));
        assert_eq!(synced_to(&again), told.to_string(), "{path}");
        let by_cursor = one(format!("updatedSince={BEGINNING}&limit=1&cursor="));
        assert_eq!(synced_to(&by_cursor), told.to_string(), "{path}");
        // Later pages do not know more than the first one, whatever was written meanwhile.
        let second = one(format!("updatedSince={BEGINNING}&limit=1&page=2"));
        assert!(synced_to(&second).parse::<Instant>().unwrap() <= told, "{path}");
        if let Some(cursor) = by_cursor["_meta"]["nextCursor"].as_str() {
            let second = one(format!("updatedSince={BEGINNING}&limit=1&cursor={cursor}"));
            assert_eq!(synced_to(&second), told.to_string(), "{path}");
            walked.push(path.clone());
            // A cursor of changes is none of the whole list.
            assert_eq!(reader.get(&format!("{path}?limit=1&cursor={cursor}")).status, 400, "{path}");
        }
        assert!(reader.get(&path).is(200)["_meta"].get("syncedTo").is_none(), "{path}");
        let deletes = lists_drafts(&template);
        assert_eq!(by_page["_meta"].get("deleted").is_some(), deletes, "{path}: deleted drafts");
    }
    assert!(walked.len() > 8, "{walked:?}");
});

/// Whether resources of this list can be deleted.
fn lists_drafts(list: &str) -> bool {
    // Ending a session leaves its row.
    if list == "/sessions" {
        return false;
    }
    // One of a programme's list has an address of its own.
    let own = list.rfind('/').map_or(list, |at| &list[at..]);
    let is_below =
        |path: &str, list| path.strip_prefix(list).is_some_and(|rest: &str| rest.matches('/').count() == 1);
    let is_one = |path: &str| is_below(path, list) || is_below(path, own);
    operations().iter().any(|operation| operation.method == "DELETE" && is_one(&operation.path))
}

/// The ids of the deleted drafts that a caller is told about.
fn deleted(client: &Client, list: &str, since: &str) -> Vec<Id> {
    let page = changes(client, list, since);
    let told = page["_meta"]["deleted"].as_array().unwrap().iter();
    told.map(|item| {
        assert!(item["deletedAt"].as_str().unwrap() >= since, "{item}");
        item["id"].as_str().unwrap().parse().unwrap()
    })
    .collect()
}

both!(a_deleted_draft_is_told_within_the_callers_scope, |t| {
    let (letter, manager, applicant) = deleted_draft(t);
    let list = "/avsiktsforklaringar";
    assert_eq!(deleted(&manager, list, BEGINNING), [letter]);
    assert_eq!(deleted(&applicant, list, BEGINNING), [letter]);
    let elsewhere = t.manager(draft(t));
    assert_eq!(deleted(&elsewhere, list, BEGINNING), []);
    let programme = manager.get("/programmes").is(200)["items"][0]["id"].as_str().unwrap().parse().unwrap();
    let neighbour = t.in_kommun(Role::Applicant, programme, VASBY);
    assert_eq!(deleted(&neighbour, list, BEGINNING), []);
    // Once told it is not told again, except what may be new.
    t.clock.advance(60_000);
    t.person("Någon annan", &[]);
    let after = synced_to(&changes(&manager, list, BEGINNING)).to_owned();
    assert_eq!(deleted(&manager, list, &after), []);
    assert_eq!(manager.get(&format!("{list}?limit=1")).is(200)["_meta"].get("deleted"), None);
});

#[test]
fn every_row_gets_the_time_of_its_write() {
    let mut faults = Vec::new();
    for (path, text) in sources("src").into_iter().filter(|(path, _)| !path.ends_with("tests.rs")) {
        let program = text.split("#[cfg(test)]").next().unwrap();
        let sets = |line: &str| {
            ["updated_at: ", "updated_at = ", "updated_at.eq("].iter().any(|set| line.contains(set))
        };
        let is_other = |line: &str| {
            [".now", ".wall", ": now", ": wall", "(now", "(wall"].iter().any(|time| line.contains(time))
        };
        let wrong = program.lines().filter(|line| sets(line) && is_other(line));
        faults.extend(wrong.map(|line| format!("{path}: {}", line.trim())));
    }
    assert!(
        faults.is_empty(),
        "use ctx.written, which is taken after the write is registered:\n{}",
        faults.join("\n")
    );
}
