//! The one order of locks. Each writing request is sent alone on PostgreSQL while its statements are heard; the tables whose
//! rows it locks (by `FOR NO KEY UPDATE`, `UPDATE` or `DELETE`) must come in the order of ARCHITECTURE.md. Two transactions
//! that keep one order cannot wait for each other in a circle.

use std::sync::{Arc, Mutex};

use diesel::connection::{Connection as _, InstrumentationEvent};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};

use super::{Writes, prepare};
use crate::contract::world::World;
use crate::support::{Kind, TestApp};

/// The line of ARCHITECTURE.md that lists the tables.
const MARK: &str = "Lock order: ";

fn order() -> Vec<String> {
    let text = std::fs::read_to_string("ARCHITECTURE.md").unwrap();
    let (_, rest) = text.split_once(MARK).expect("ARCHITECTURE.md names the order of locks");
    let (list, _) = rest.split_once("\n\n").unwrap();
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The table whose rows a statement locks, or the kind of name that it locks.
fn locked(statement: &str) -> Option<String> {
    let (text, binds) = statement.split_once(" -- binds:").unwrap_or((statement, ""));
    let text = text.replace('"', "");
    let after = |word: &str| {
        let (_, rest) = text.split_once(word)?;
        rest.split_whitespace().next().map(str::to_owned)
    };
    if text.contains("pg_advisory_xact_lock") {
        let name = binds.split('"').nth(1).unwrap_or_default();
        return Some(format!("lock {}", name.split(':').next().unwrap_or_default()));
    }
    match text.split_whitespace().next()? {
        "UPDATE" => after("UPDATE "),
        "DELETE" => after("DELETE FROM "),
        "SELECT" | "WITH" => {
            let (before, _) = text.split_once(" FOR NO KEY UPDATE")?;
            let (_, of) = own_query(before).split_once("FROM ")?;
            of.split_whitespace().next().map(str::to_owned)
        }
        _ => None,
    }
}

/// The end of a text from the innermost parenthesis that is still open.
fn own_query(text: &str) -> &str {
    let mut closed = 0;
    for (at, letter) in text.char_indices().rev() {
        match letter {
            ')' => closed += 1,
            '(' if closed == 0 => return &text[at + 1..],
            '(' => closed -= 1,
            _ => {}
        }
    }
    text
}

#[test]
fn every_write_locks_in_one_order() {
    let t = TestApp::with(Kind::Postgres, &[("DATABASE_CONNECTIONS", "1")]);
    let world = World::new(&t);
    let writes = Writes::of(&t, &world);
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    t.write(|tx| {
        let heard = Arc::clone(&heard);
        tx.db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                heard.lock().unwrap().push(query.to_string());
            }
        });
        Ok(())
    });
    let order = order();
    let mut faults = Vec::new();
    for write in &writes.all {
        prepare(&t, [write]);
        heard.lock().unwrap().clear();
        let status = write.send().status;
        let statements = std::mem::take(&mut *heard.lock().unwrap());
        faults.extend(
            out_of_order(&order, &statements).iter().map(|way| format!("{} ({status}): {way}", write.name)),
        );
    }
    // The jobs: first what is due on these days, then what a cancelled programme leaves.
    prepare(&t, []);
    for day in ["2021-02-20", "2021-04-20", "2023-02-01"] {
        heard.lock().unwrap().clear();
        t.at(day);
        let statements = std::mem::take(&mut *heard.lock().unwrap());
        assert!(statements.len() > 10, "no job ran");
        faults
            .extend(out_of_order(&order, &statements).iter().map(|way| format!("a job until {day}: {way}")));
    }
    assert!(faults.is_empty(), "{} writes lock out of order:\n{}", faults.len(), faults.join("\n"));
}

/// The tables of each transaction that does not keep the order, as they are locked first.
fn out_of_order(order: &[String], statements: &[String]) -> Vec<String> {
    let place = |table: &String| order.iter().position(|known| known == table);
    let mut faults = Vec::new();
    for transaction in statements.split(|statement| statement.starts_with("BEGIN")) {
        let mut tables: Vec<String> = Vec::new();
        for table in transaction.iter().filter_map(|statement| locked(statement)) {
            if !tables.contains(&table) {
                tables.push(table);
            }
        }
        let is_unknown = tables.iter().any(|table| place(table).is_none());
        if is_unknown || !tables.iter().map(place).is_sorted() {
            faults.push(tables.join(", "));
        }
    }
    faults
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// A change of such a key locks its row against rows that refer to it. The key of a report never changes.
#[test]
fn rows_that_others_refer_to_have_no_further_key_that_changes() {
    let t = TestApp::new(Kind::Postgres);
    let query = "SELECT i.relname AS name FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid \
                 WHERE x.indisunique AND NOT x.indisprimary AND x.indpred IS NULL AND x.indexprs IS NULL \
                 AND EXISTS (SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = x.indrelid) \
                 ORDER BY 1";
    let names: Vec<Name> = t.db(|db| sql_query(query).load(db).unwrap());
    let names: Vec<String> = names.into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["time_reports_version_key"]);
}
