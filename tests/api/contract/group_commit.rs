//! Writes that share a commit on SQLite (`tx::group`): one that is refused, fails, panics or meets a full disk takes nothing
//! from the others, and whoever is answered finds the write stored.

use std::sync::Arc;
use std::time::Duration;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Integer;
use samverkan::identity::people;
use samverkan::platform::db::schema::audit_events as events;
use samverkan::platform::problem::{Code, Problem};
use samverkan::platform::tx::Tx;
use samverkan::schema::people as rows;

use crate::support::{Kind, TestApp};

/// What a write does after it has added a person.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Succeeds,
    /// Succeeds, with a body so long that it may take its time.
    SucceedsSlowly,
    IsRefused,
    Fails,
    Panics,
    /// Writes until the disk is full.
    FillsTheDisk,
    /// Leaves a row that makes the commit fail.
    SpoilsTheCommit,
}

/// Queues these writes while another one holds the writer, so that they form a group, and returns their outcomes.
fn together(t: &TestApp, writes: &[Then]) -> Vec<Result<(), Code>> {
    let (database, services) = (t.services.database.clone(), t.services.clone());
    actix_web::rt::System::new().block_on(async move {
        let first = database.clone();
        let ctx = services.system();
        let slow = actix_web::rt::spawn(async move {
            let wait = |_: &mut Tx<'_>| {
                std::thread::sleep(Duration::from_millis(200));
                Ok(())
            };
            first.write(ctx, wait).await
        });
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
        let mut queued = Vec::new();
        for (number, then) in writes.iter().copied().enumerate() {
            let (database, mut ctx) = (database.clone(), services.system());
            if then == Then::SucceedsSlowly {
                Arc::make_mut(&mut ctx.request).body_length = 100_000;
            }
            queued.push(actix_web::rt::spawn(async move {
                let write = move |tx: &mut Tx<'_>| {
                    people::add(tx, "Någon", &format!("nr{number}@example.org"))?;
                    match then {
                        Then::Succeeds | Then::SucceedsSlowly => Ok(()),
                        Then::IsRefused => Err(Problem::new(Code::StateConflict)),
                        Then::Fails => Err(Problem::internal("a test")),
                        Then::Panics => panic!("a test"),
                        Then::FillsTheDisk => fill_the_disk(tx, number),
                        Then::SpoilsTheCommit => spoil_the_commit(tx),
                    }
                };
                database.write(ctx, write).await
            }));
        }
        // It is the first of the group, and has nothing to keep if the commit fails.
        let _ = slow.await.unwrap();
        let mut outcomes = Vec::new();
        for write in queued {
            outcomes.push(write.await.unwrap().map_err(|problem| problem.code));
        }
        outcomes
    })
}

/// Adds people until the database, which may grow by a few pages, is full. SQLite ends the whole transaction then.
fn fill_the_disk(tx: &mut Tx<'_>, number: usize) -> Result<(), Problem> {
    let pages: i32 =
        diesel::select(sql::<Integer>("page_count FROM pragma_page_count()")).get_result(tx.db)?;
    sql_query(format!("PRAGMA max_page_count = {}", pages + 20)).execute(tx.db)?;
    (0..10_000)
        .try_for_each(|more| people::add(tx, "Någon", &format!("nr{number}-{more}@example.org")).map(drop))
}

/// A foreign key that is checked only at the commit.
fn spoil_the_commit(tx: &mut Tx<'_>) -> Result<(), Problem> {
    sql_query("PRAGMA defer_foreign_keys = ON").execute(tx.db)?;
    sql_query("UPDATE role_assignments SET person_id = randomblob(16)").execute(tx.db)?;
    Ok(())
}

/// The chains are intact and have one event for each person, also for those from before the group.
fn is_audited(t: &TestApp) {
    assert_eq!(t.trail_faults(), Vec::<String>::new());
    let [people, events]: [i64; 2] = t.db(|db| {
        let of_people = events::table.filter(events::action.eq("person.created"));
        [rows::table.count().get_result(db).unwrap(), of_people.count().get_result(db).unwrap()]
    });
    assert_eq!(people, events);
}

fn stored(t: &TestApp) -> Vec<String> {
    t.db(|db| {
        let added = rows::table.filter(rows::email.like("nr%")).order(rows::email);
        added.select(rows::email).load(db).unwrap()
    })
}

/// [`together`] on a new database where one commit was for all of them. On a busy machine the time of a group may be over
/// before the last has run; then it is tried again.
fn in_one_commit(writes: &[Then]) -> (TestApp, Vec<Result<(), Code>>) {
    // Four is a bound of the metric, and the write before them is the first of the group.
    assert!(writes.len() >= 4);
    for _ in 0..20 {
        let t = TestApp::new(Kind::Sqlite);
        t.admin();
        let outcomes = together(&t, writes);
        if commits_of_more_than_four(&t) == 1 {
            return (t, outcomes);
        }
    }
    panic!("the writes never share one commit");
}

fn commits_of_more_than_four(t: &TestApp) -> u64 {
    let text = t.services.metrics.encode((0, 0)).unwrap();
    let count = |line: &str| -> u64 {
        let found = text.lines().find_map(|shown| shown.strip_prefix(line));
        found.unwrap_or_else(|| panic!("{line} in\n{text}")).trim().parse().unwrap()
    };
    count("database_commit_requests_count") - count("database_commit_requests_bucket{le=\"4.0\"}")
}

fn expected(writes: &[Then]) -> (Vec<Result<(), Code>>, Vec<String>) {
    let outcome = |then: &Then| match then {
        Then::Succeeds | Then::SucceedsSlowly => Ok(()),
        Then::IsRefused => Err(Code::StateConflict),
        Then::Fails | Then::Panics => Err(Code::InternalError),
        Then::FillsTheDisk => Err(Code::StorageFull),
        Then::SpoilsTheCommit => unreachable!("a commit is everybody's"),
    };
    let kept = writes.iter().enumerate().filter(|(_, then)| **then == Then::Succeeds);
    (
        writes.iter().map(outcome).collect(),
        kept.map(|(number, _)| format!("nr{number}@example.org")).collect(),
    )
}

#[test]
fn nobody_waits_for_a_long_write_that_comes_later() {
    use Then::{Succeeds, SucceedsSlowly};
    let t = TestApp::new(Kind::Sqlite);
    t.admin();
    let outcomes = together(&t, &[Succeeds, Succeeds, Succeeds, SucceedsSlowly, Succeeds]);
    assert_eq!(outcomes, vec![Ok(()); 5]);
    assert_eq!(stored(&t).len(), 5);
    assert_eq!(
        commits_of_more_than_four(&t),
        0,
        "the long write begins a group, which the last one may join"
    );
}

#[test]
fn a_refusal_takes_back_only_its_own() {
    use Then::{IsRefused, Succeeds};
    let writes = [Succeeds, IsRefused, Succeeds, IsRefused, Succeeds];
    let (t, outcomes) = in_one_commit(&writes);
    assert_eq!((outcomes, stored(&t)), expected(&writes));
}

#[test]
fn a_group_that_begins_with_a_refusal_is_kept() {
    use Then::{IsRefused, Succeeds};
    let t = TestApp::new(Kind::Sqlite);
    let writes = [IsRefused, Succeeds, Succeeds];
    assert_eq!((together(&t, &writes), stored(&t)), expected(&writes));
}

#[test]
fn a_failure_or_a_panic_harms_no_other_write() {
    use Then::{Fails, IsRefused, Panics, Succeeds};
    for bad in [Fails, Panics] {
        let t = TestApp::new(Kind::Sqlite);
        let writes = [Succeeds, bad, Succeeds, IsRefused, Succeeds];
        assert_eq!((together(&t, &writes), stored(&t)), expected(&writes));
        t.write(|tx| people::add(tx, "Den som kom sedan", "later@example.org").map(|_| ()));
    }
}

#[test]
fn a_full_disk_refuses_only_the_write_that_has_no_room() {
    use Then::{FillsTheDisk, IsRefused, Succeeds};
    for writes in [
        [Succeeds, FillsTheDisk, Succeeds, IsRefused, Succeeds],
        [FillsTheDisk, Succeeds, Succeeds, IsRefused, Succeeds],
        [IsRefused, Succeeds, FillsTheDisk, FillsTheDisk, Succeeds],
        [Succeeds, Succeeds, IsRefused, Succeeds, FillsTheDisk],
    ] {
        let t = TestApp::new(Kind::Sqlite);
        assert_eq!((together(&t, &writes), stored(&t)), expected(&writes));
        is_audited(&t);
        // With room again it fits.
        t.write(|tx| Ok(sql_query("PRAGMA max_page_count = 1073741823").execute(tx.db)?));
        t.write(|tx| {
            (0..500)
                .try_for_each(|more| people::add(tx, "Någon", &format!("later{more}@example.org")).map(drop))
        });
        is_audited(&t);
    }
}

#[test]
fn a_commit_that_fails_keeps_nothing_of_the_group() {
    use Then::{IsRefused, SpoilsTheCommit, Succeeds};
    let (t, outcomes) = in_one_commit(&[Succeeds, SpoilsTheCommit, IsRefused, Succeeds]);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 0, "{outcomes:?}");
    assert_eq!(outcomes[2], Err(Code::StateConflict));
    assert_eq!(stored(&t), Vec::<String>::new());
    is_audited(&t);
    t.write(|tx| people::add(tx, "Den som kom sedan", "later@example.org").map(drop));
    is_audited(&t);
}
