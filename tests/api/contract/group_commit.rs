//! Writes that share a commit on SQLite (`tx::group`): one that is refused, fails or panics takes nothing from the others, and
//! whoever is answered finds the write stored.

use std::time::Duration;

use diesel::prelude::*;
use samverkan::identity::people;
use samverkan::platform::problem::{Code, Problem};
use samverkan::schema::people as rows;

use crate::support::{Kind, TestApp};

/// What a write does after it has added a person.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Succeeds,
    IsRefused,
    Fails,
    Panics,
}

/// Queues these writes while another one holds the writer, so that they form a group, and returns their outcomes.
fn together(t: &TestApp, writes: &[Then]) -> Vec<Result<(), Code>> {
    let (database, services) = (t.services.database.clone(), t.services.clone());
    actix_web::rt::System::new().block_on(async move {
        let first = database.clone();
        let ctx = services.system();
        let slow = actix_web::rt::spawn(async move {
            let wait = |_: &mut samverkan::platform::tx::Tx<'_>| {
                std::thread::sleep(Duration::from_millis(200));
                Ok(())
            };
            first.write(ctx, wait).await
        });
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
        let mut queued = Vec::new();
        for (number, then) in writes.iter().copied().enumerate() {
            let (database, ctx) = (database.clone(), services.system());
            queued.push(actix_web::rt::spawn(async move {
                let write = move |tx: &mut samverkan::platform::tx::Tx<'_>| {
                    people::add(tx, "Någon", &format!("nr{number}@example.org"))?;
                    match then {
                        Then::Succeeds => Ok(()),
                        Then::IsRefused => Err(Problem::new(Code::StateConflict)),
                        Then::Fails => Err(Problem::internal("a test")),
                        Then::Panics => panic!("a test"),
                    }
                };
                database.write(ctx, write).await
            }));
        }
        slow.await.unwrap().unwrap();
        let mut outcomes = Vec::new();
        for write in queued {
            outcomes.push(write.await.unwrap().map_err(|problem| problem.code));
        }
        outcomes
    })
}

fn stored(t: &TestApp) -> Vec<String> {
    t.db(|db| {
        let added = rows::table.filter(rows::email.like("nr%")).order(rows::email);
        added.select(rows::email).load(db).unwrap()
    })
}

/// How many commits were for several requests.
fn shared_commits(t: &TestApp) -> u64 {
    let text = t.services.metrics.encode((0, 0)).unwrap();
    let count = |line: &str| -> u64 {
        let found = text.lines().find_map(|shown| shown.strip_prefix(line));
        found.unwrap_or_else(|| panic!("{line} in\n{text}")).trim().parse().unwrap()
    };
    count("database_commit_requests_count") - count("database_commit_requests_bucket{le=\"1.0\"}")
}

fn expected(writes: &[Then]) -> (Vec<Result<(), Code>>, Vec<String>) {
    let outcome = |then: &Then| match then {
        Then::Succeeds => Ok(()),
        Then::IsRefused => Err(Code::StateConflict),
        Then::Fails | Then::Panics => Err(Code::InternalError),
    };
    let kept = writes.iter().enumerate().filter(|(_, then)| **then == Then::Succeeds);
    (
        writes.iter().map(outcome).collect(),
        kept.map(|(number, _)| format!("nr{number}@example.org")).collect(),
    )
}

#[test]
fn a_refusal_takes_back_only_its_own() {
    use Then::{IsRefused, Succeeds};
    let t = TestApp::new(Kind::Sqlite);
    let writes = [Succeeds, IsRefused, Succeeds, IsRefused, Succeeds];
    assert_eq!((together(&t, &writes), stored(&t)), expected(&writes));
    assert_eq!(shared_commits(&t), 1, "the writes share one commit");
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
