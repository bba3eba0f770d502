//! SQLite: its schema is text, which is compared with that of a new database. It keeps any value in any column: a number with
//! a fraction, or a text that is stored as bytes, reads like the right one, but conditions and sums take it for another.

use std::collections::{BTreeMap, BTreeSet};

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};

use super::DatabaseFault;
use crate::platform::db::sql_types::IdSql;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// A table, an index or a trigger.
#[derive(PartialEq, Eq, QueryableByName)]
pub(super) struct Object {
    #[diesel(sql_type = Text)]
    pub(super) kind: String,
    #[diesel(sql_type = Text)]
    pub(super) name: String,
    #[diesel(sql_type = Text)]
    pub(super) of_table: String,
    #[diesel(sql_type = Text)]
    pub(super) sql: String,
}

impl Object {
    fn key(&self) -> (bool, &str) {
        (self.kind == "trigger", &self.name)
    }
}

/// All of them, but those of the migrations themselves and of SQLite's statistics.
pub(super) fn objects(db: &mut SqliteConnection) -> Result<Vec<Object>, Problem> {
    let all = "SELECT type AS kind, name, tbl_name AS of_table, COALESCE(sql, '') AS sql FROM sqlite_master \
               WHERE tbl_name <> '__diesel_schema_migrations' AND tbl_name NOT LIKE 'sqlite_stat%' ORDER BY name";
    let mut all: Vec<Object> = sql_query(all).load(db)?;
    // Versions of SQLite leave other spaces where a column was added or dropped.
    for object in &mut all {
        object.sql.retain(|letter| !letter.is_whitespace());
    }
    Ok(all)
}

/// What is not as expected. The names of SQLite have no case, and a trigger can have the name of a table.
pub(super) fn differing(expected: &[Object], stored: &[Object]) -> Vec<DatabaseFault> {
    let tables: BTreeSet<String> = expected.iter().map(|object| object.of_table.to_lowercase()).collect();
    let by_name: BTreeMap<_, &Object> = stored.iter().map(|object| (object.key(), object)).collect();
    let known: BTreeSet<_> = expected.iter().map(Object::key).collect();
    let fault = |object: &Object, fault: &str| {
        let name = Some(object.name.clone()).filter(|name| *name != object.of_table);
        DatabaseFault::of(object.of_table.clone(), fault, name)
    };
    let of_ours = expected.iter().filter_map(|object| match by_name.get(&object.key()) {
        None => Some(fault(object, "missing")),
        Some(stored) => (*stored != object).then(|| fault(object, "changed")),
    });
    let strange = stored.iter().filter(|object| {
        object.kind == "trigger"
            && tables.contains(&object.of_table.to_lowercase())
            && !known.contains(&object.key())
    });
    of_ours.chain(strange.map(|object| fault(object, "unknown"))).collect()
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(db: &mut SqliteConnection, sql: &str) -> Result<Vec<String>, Problem> {
    let lines: Vec<Line> = sql_query(sql).load(db)?;
    Ok(lines.into_iter().map(|line| line.line).collect())
}

/// A new database.
pub(super) struct Expected {
    pub(super) objects: Vec<Object>,
    /// By table.
    pub(super) columns: Vec<Column>,
}

impl Expected {
    pub(super) fn read(fresh: &mut SqliteConnection) -> Result<Self, Problem> {
        let columns = "SELECT t.name AS of_table, c.name, upper(c.type) AS kind FROM sqlite_master t, pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND t.name <> '__diesel_schema_migrations' ORDER BY t.name, c.cid";
        Ok(Self { objects: objects(fresh)?, columns: sql_query(columns).load(fresh)? })
    }
}

/// A column as a new database has it.
#[derive(QueryableByName)]
pub(super) struct Column {
    #[diesel(sql_type = Text)]
    of_table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

impl Column {
    /// The condition that a value is none that the program writes.
    fn is_wrong(&self) -> String {
        let Self { of_table, name, kind } = self;
        let other = |kept: &str| format!("typeof({name}) NOT IN ('null', '{kept}')");
        match kind.as_str() {
            "TEXT" => other("text"),
            // Bytes are ids, but for one column.
            "BLOB" if of_table == "idempotency_keys" => other("blob"),
            "BLOB" => format!("{} OR length({name}) <> 16", other("blob")),
            // A larger number is cut to 32 bits when it is read.
            "INTEGER" => format!("{} OR {name} NOT BETWEEN -2147483648 AND 2147483647", other("integer")),
            "BIGINT" => other("integer"),
            "BOOLEAN" => format!("{} OR {name} NOT IN (0, 1)", other("integer")),
            _ => other("real"),
        }
    }
}

/// SQL of the names of those columns for which a condition holds, each followed by a space.
fn names<'a>(conditions: impl Iterator<Item = (&'a Column, String)>) -> String {
    let named =
        conditions.map(|(column, holds)| format!("CASE WHEN {holds} THEN '{} ' ELSE '' END", column.name));
    named.collect::<Vec<_>>().join(" || ")
}

#[derive(QueryableByName)]
struct RowLine {
    #[diesel(sql_type = IdSql)]
    id: Id,
    #[diesel(sql_type = Text)]
    line: String,
}

/// Reads these rows of a table.
pub(super) fn values_of(
    columns: &[Column],
    db: &mut SqliteConnection,
    table: &str,
    ids: &[Id],
) -> Result<Vec<(Id, String)>, Problem> {
    let of_table = columns.iter().filter(|column| column.of_table == table);
    let names = names(of_table.map(|column| (column, column.is_wrong())));
    let ids =
        ids.iter().map(|id| format!("x'{}'", id.to_string().replace('-', ""))).collect::<Vec<_>>().join(", ");
    let read = format!("SELECT id, {names} AS line FROM {table} WHERE id IN ({ids})");
    let rows: Vec<RowLine> = sql_query(read).load(db)?;
    let of_row = |row: RowLine| {
        let names: Vec<_> = row.line.split_whitespace().map(|name| (row.id, name.to_owned())).collect();
        names
    };
    Ok(rows.into_iter().flat_map(of_row).collect())
}

/// Reads every row.
pub(super) fn values(columns: &[Column], db: &mut SqliteConnection) -> Result<Vec<DatabaseFault>, Problem> {
    let mut found = Vec::new();
    for of_table in columns.chunk_by(|a, b| a.of_table == b.of_table) {
        let Some(Column { of_table: table, .. }) = of_table.first() else { continue };
        let names = names(of_table.iter().map(|column| (column, format!("MAX({})", column.is_wrong()))));
        for line in lines(db, &format!("SELECT {names} AS line FROM {table}"))? {
            let wrong = line.split_whitespace();
            found.extend(wrong.map(|name| DatabaseFault::of(table.clone(), "values", Some(name.to_owned()))));
        }
    }
    let orphans = "SELECT DISTINCT \"table\" AS line FROM pragma_foreign_key_check";
    found.extend(lines(db, orphans)?.into_iter().map(|table| DatabaseFault::of(table, "references", None)));
    // The first hundred faults: an index without its rows, a value that a constraint forbids.
    for line in lines(db, "SELECT integrity_check AS line FROM pragma_integrity_check")? {
        if line != "ok" {
            found.push(DatabaseFault::of("*", "damaged", Some(line)));
        }
    }
    Ok(found)
}
