//! Somebody who can write to the database changes anything that the audit trail shows, or the trail itself: a full verification
//! finds every such edit.

use std::cell::RefCell;
use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Text;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use samverkan::platform::db::Db;
use samverkan::platform::db::schema::audit_events;
use samverkan::platform::problem::Problem;
use serde_json::Value;

use super::tampering::unlock;
use crate::both;
use crate::contract::world::World;
use crate::support::{Kind, TestApp, property, trail};

/// A table whose rows can be edited, and the columns whose values somebody may change.
#[derive(Debug)]
struct Table {
    name: &'static str,
    columns: Vec<Column>,
    /// All columns, to copy a row.
    all: Vec<String>,
    rows: i64,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    kind: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(db: &mut Db, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = match db {
        Db::Sqlite(db) => diesel::sql_query(sql).load(db).unwrap(),
        Db::Postgres(db) => diesel::sql_query(sql).load(db).unwrap(),
    };
    lines.into_iter().map(|line| line.line).collect()
}

/// The columns of a table with their types.
fn columns(db: &mut Db, table: &str) -> Vec<Column> {
    let sql = match db {
        Db::Sqlite(_) => {
            format!("SELECT name || '|' || lower(type) AS line FROM pragma_table_info('{table}')")
        }
        Db::Postgres(_) => format!(
            "SELECT column_name || '|' || data_type AS line FROM information_schema.columns \
             WHERE table_name = '{table}' AND table_schema = current_schema()"
        ),
    };
    let split = |line: String| {
        let (name, kind) = line.split_once('|').unwrap();
        Column { name: name.to_owned(), kind: kind.to_owned() }
    };
    lines(db, &sql).into_iter().map(split).collect()
}

/// `programmeId` as the column `programme_id`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// The tables of the trail with all their columns, and those of all audited types with the columns that events show.
fn tables(t: &TestApp) -> Vec<Table> {
    let mut wanted: Vec<(&'static str, Option<BTreeSet<String>>)> = vec![
        ("audit_events", None),
        ("audit_checkpoints", None),
        ("status_changes", None),
        ("signatures", None),
    ];
    for of in samverkan::app::verified() {
        let after: Vec<Option<String>> = t.db(|db| {
            let events = audit_events::table.filter(audit_events::resource_type.eq(of.audited.code));
            events.select(audit_events::after_values).load(db).unwrap()
        });
        let shown = after.into_iter().flatten().flat_map(|text| match serde_json::from_str(&text).unwrap() {
            Value::Object(members) => members.into_iter().map(|(name, _)| snake(&name)).collect::<Vec<_>>(),
            _ => Vec::new(),
        });
        wanted.push((of.rows.table, Some(shown.collect())));
    }
    let table = |(name, shown): (&'static str, Option<BTreeSet<String>>)| {
        let all = t.db(|db| columns(db, name));
        let is_shown = |column: &&Column| shown.as_ref().is_none_or(|shown| shown.contains(&column.name));
        let rows = t.db(|db| lines(db, &format!("SELECT CAST(COUNT(*) AS TEXT) AS line FROM {name}")));
        Table {
            name,
            columns: all.iter().filter(is_shown).cloned().collect(),
            all: all.iter().map(|column| column.name.clone()).collect(),
            rows: rows[0].parse().unwrap(),
        }
    };
    let tables: Vec<Table> = wanted.into_iter().map(table).filter(|table| table.rows > 0).collect();
    assert!(tables.len() > 15, "{tables:?}");
    tables
}

/// Another value of a column.
fn other(kind: Kind, column: &Column, choice: usize, table: &str, row: &str) -> String {
    let name = &column.name;
    match choice % 5 {
        0 => return "NULL".to_owned(),
        1 => return format!("(SELECT o.{name} FROM {table} o WHERE o.id <> {row} ORDER BY o.id LIMIT 1)"),
        // It reads as the same, but no condition finds it.
        2 if kind == Kind::Sqlite => match column.kind.as_str() {
            "text" => return format!("CAST({name} AS BLOB)"),
            "blob" => return format!("CAST({name} AS TEXT)"),
            _ => return format!("{name} + 0.5"),
        },
        _ => {}
    }
    match (column.kind.as_str(), kind) {
        ("blob", _) => "randomblob(16)".to_owned(),
        ("uuid", _) => "gen_random_uuid()".to_owned(),
        ("text", _) => format!("COALESCE({name}, '') || 'x'"),
        ("boolean", _) => format!("NOT COALESCE({name}, FALSE)"),
        ("timestamp with time zone", _) => format!("COALESCE({name}, now()) + interval '1 millisecond'"),
        ("date", _) => format!("COALESCE({name}, DATE '2021-01-01') + 1"),
        _ => format!("COALESCE({name}, 0) + 1"),
    }
}

/// The SQL of one edit: how often it is one of a value, a row deleted, a row added.
fn edit(
    kind: Kind,
    tables: &[Table],
    (table, row, what, column, choice): (usize, i64, u8, usize, usize),
) -> String {
    let table = &tables[table % tables.len()];
    let name = table.name;
    let row = format!("(SELECT id FROM {name} ORDER BY id LIMIT 1 OFFSET {})", row % table.rows);
    match what {
        0 => format!("DELETE FROM {name} WHERE id = {row}"),
        1 => {
            let new_id = match (kind, choice % 2) {
                (Kind::Sqlite, 0) => "randomblob(16)",
                (Kind::Sqlite, _) => "zeroblob(16)",
                (Kind::Postgres, 0) => "gen_random_uuid()",
                (Kind::Postgres, _) => "'00000000-0000-0000-0000-000000000000'",
            };
            let values: Vec<&str> =
                table.all.iter().map(|column| if column == "id" { new_id } else { column }).collect();
            let (columns, values) = (table.all.join(", "), values.join(", "));
            format!("INSERT INTO {name} ({columns}) SELECT {values} FROM {name} WHERE id = {row}")
        }
        _ => {
            let column = &table.columns[column % table.columns.len()];
            let value = other(kind, column, choice, name, &row);
            let differs = if kind == Kind::Sqlite { "IS NOT" } else { "IS DISTINCT FROM" };
            let column = &column.name;
            format!("UPDATE {name} SET {column} = {value} WHERE id = {row} AND {column} {differs} {value}")
        }
    }
}

/// The faults after an edit, which is taken back; none when the database refuses the edit or it changes nothing.
fn after(t: &TestApp, edit: &str) -> Option<Vec<String>> {
    let found = RefCell::new(None);
    let taken_back = t.services.database.write_blocking(&t.services.system(), |tx| -> Result<(), Problem> {
        unlock(tx);
        let changed = match tx.db {
            Db::Sqlite(db) => diesel::sql_query(edit).execute(db),
            Db::Postgres(db) => diesel::sql_query(edit).execute(db),
        };
        if changed.is_ok_and(|count| count > 0) {
            *found.borrow_mut() = Some(trail::faults(&t.services, &mut tx.as_read()).unwrap());
        }
        Err(Problem::not_found())
    });
    assert!(taken_back.is_err());
    found.into_inner()
}

both!(every_random_edit_is_found, |t| {
    World::new(t);
    t.clock.advance(24 * 3_600_000);
    t.run_jobs();
    assert_eq!(t.trail_faults(), Vec::<String>::new(), "nothing was changed");
    let (tables, kind) = (tables(t), t.kind());
    let choices = (any::<usize>(), 0..i64::MAX, 0..10_u8, any::<usize>(), any::<usize>());
    property(300, &choices, |choice| {
        let edit = edit(kind, &tables, choice);
        match after(t, &edit) {
            Some(faults) if faults.is_empty() => Err(TestCaseError::fail(format!("not found: {edit}"))),
            Some(_) => Ok(()),
            // The database refuses it, or nothing is changed.
            None => Err(TestCaseError::reject("no edit")),
        }
    });
});
