//! The statements of requests and jobs stay prepared on their connection: none is parsed and planned again each time
//! (`platform::db::kept`). Every statement is recorded while the world is made, every wish is sent and every list is
//! read, and each must have been put into the connection's cache.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use diesel::connection::{CacheSize, Connection as _, InstrumentationEvent};
use samverkan::platform::db::Db;

use super::generated::sources;
use super::operations::lists;
use super::world::World;
use crate::support::{Kind, TestApp};
use crate::time::work;

/// Statements that are run without being prepared, each with its reason.
const ALLOWED: &[(&str, &str)] = &[
    ("BEGIN", "one of the statements that begin and end transactions, which take no parameters"),
    ("COMMIT", "the same"),
    ("ROLLBACK", "the same"),
    ("SAVEPOINT", "the same"),
    ("RELEASE", "the same"),
    ("SELECT \"pg_type\"", "diesel asks for the number of a type, once per connection"),
];

#[derive(Default)]
struct Heard {
    run: Vec<String>,
    kept: BTreeSet<String>,
}

fn listen(db: &mut Db, heard: &Arc<Mutex<Heard>>) {
    // What the start has put into the cache would not be heard.
    db.set_prepared_statement_cache_size(CacheSize::Disabled);
    db.set_prepared_statement_cache_size(CacheSize::Unbounded);
    let heard = Arc::clone(heard);
    db.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
        InstrumentationEvent::StartQuery { query, .. } => {
            let text = query.to_string();
            heard.lock().unwrap().run.push(text.split(" -- binds:").next().unwrap().to_owned());
        }
        InstrumentationEvent::CacheQuery { sql, .. } => {
            heard.lock().unwrap().kept.insert(sql.to_owned());
        }
        _ => {}
    });
}

fn statements_stay_prepared(kind: Kind) {
    let t = TestApp::with(kind, &[("DATABASE_CONNECTIONS", "1")]);
    let heard: Arc<Mutex<Heard>> = Arc::default();
    t.db(|db| listen(db, &heard));
    t.write(|tx| {
        listen(tx.db, &heard);
        Ok(())
    });
    let world = World::new(&t);
    for wish in world.wishes() {
        wish.send(&world.coordinator);
        wish.send(&world.manager);
    }
    for list in lists() {
        world.manager.get(&world.filled(&list));
    }
    t.at("2021-03-31");
    let heard = heard.lock().unwrap();
    assert!(heard.kept.len() > 150, "{} statements were heard", heard.kept.len());
    let is_allowed = |text: &str| ALLOWED.iter().any(|(start, _)| text.starts_with(start));
    let run: BTreeSet<&String> = heard.run.iter().collect();
    let lost: Vec<_> =
        run.into_iter().filter(|text| !heard.kept.contains(*text) && !is_allowed(text)).collect();
    assert!(lost.is_empty(), "{} statements are prepared each time:\n{lost:#?}", lost.len());
}

#[test]
fn statements_stay_prepared_on_sqlite() {
    statements_stay_prepared(Kind::Sqlite);
}

#[test]
fn statements_stay_prepared_on_postgresql() {
    statements_stay_prepared(Kind::Postgres);
}

/// Every statement waits for its round trip on PostgreSQL, with locks held: one entry with its key and its audit event makes
/// at most ten, the beginning and the end of the transaction among them.
#[test]
fn one_entry_makes_few_statements() {
    let t = TestApp::with(Kind::Postgres, &[("DATABASE_CONNECTIONS", "1")]);
    let world = World::new(&t);
    let enter = |day: &str| {
        let with_key = world.nils.client.header("Idempotency-Key", day);
        with_key.post("/time-entries", work(&world.nils, day, 10)).is(201);
    };
    enter("2021-01-12");
    let heard: Arc<Mutex<Heard>> = Arc::default();
    t.write(|tx| {
        listen(tx.db, &heard);
        Ok(())
    });
    heard.lock().unwrap().run.clear();
    enter("2021-01-13");
    let heard = heard.lock().unwrap();
    let run = heard.run.join("\n");
    // One of them asks what the answer shows: the name, and whether the month still takes changes.
    assert!(heard.run.len() <= 10, "{} statements:\n{run}", heard.run.len());
    assert!(run.contains("time_entries") && run.contains("audit_events") && run.contains("COMMIT"), "{run}");
}

/// Each place of the program that writes says `kept`, also those that no request above has reached.
#[test]
fn every_write_in_the_source_is_kept() {
    let mut lost = Vec::new();
    for (path, text) in sources("src") {
        for verb in ["diesel::insert_into(", "diesel::update(", "diesel::delete("] {
            for (at, _) in text.match_indices(verb) {
                let rest = text[at..].split(';').next().unwrap();
                // Without `execute` it is part of a statement of `db::sets`, which keeps it.
                let is_lost = |end: usize| !rest[..end].contains(".kept");
                if rest.find(".execute(").is_some_and(is_lost) {
                    lost.push(format!("{path}: {}", rest.lines().next().unwrap()));
                }
            }
        }
    }
    assert!(lost.is_empty(), "statements that diesel prepares each time:\n{}", lost.join("\n"));
}

/// With a default for an empty column, the text of an INSERT would vary with the row.
#[test]
fn every_insert_binds_every_column() {
    let mut lost = Vec::new();
    for (path, text) in sources("src") {
        for (at, _) in text.match_indices("Insertable") {
            let rest = &text[at..];
            let Some((attributes, _)) = rest.split_once("struct ") else { continue };
            if attributes.starts_with("Insertable")
                && !attributes.contains("treat_none_as_default_value = false")
            {
                lost.push(format!("{path}: {}", rest.lines().next().unwrap()));
            }
        }
    }
    assert!(lost.is_empty(), "add `treat_none_as_default_value = false`:\n{}", lost.join("\n"));
}
