//! Whether the database is what the migrations made, and holds only what the program writes. Verification of the audit trail
//! reads rows through the database: with a trigger, a view or a rule of their own, somebody could show it other rows than
//! everybody else sees, and on SQLite a value of another type reads as the same although no condition finds it.

mod postgres;
mod sqlite;

use std::sync::OnceLock;

use serde::Serialize;
use utoipa::ToSchema;

use super::Db;
use super::migrations::in_memory;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use sqlite::Expected;

/// A fault of the database itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DatabaseFault {
    /// The table.
    pub table: String,
    /// The fault: `missing` (the table, or the index or trigger that `name` tells, is not there), `changed` (it, or the column
    /// that `name` tells, is not as the program made it), `unknown` (the program did not make this trigger), `values` (the
    /// column has values that the program does not write), `references` (rows refer to rows that are not there), `damaged`
    /// (the file contradicts itself, as `name` tells) or `register` (the row of the register of kommuner and län that `name`
    /// tells is not what the program has or, for population and SKR group, the newest register year says). The table `*` stands for the whole database.
    pub fault: String,
    /// The column, index, trigger or row.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
}

impl DatabaseFault {
    /// A fault of something in a table.
    pub fn of(table: impl Into<String>, fault: &str, name: Option<String>) -> Self {
        Self { table: table.into(), fault: fault.to_owned(), name }
    }
}

/// A new database, with what migrations write.
pub fn fresh() -> Result<Db, Problem> {
    in_memory().map(Db::Sqlite)
}

/// What a new database is. It is made once, because the program's migrations do not change while it runs.
fn expected() -> Result<&'static Expected, Problem> {
    static EXPECTED: OnceLock<Expected> = OnceLock::new();
    if let Some(known) = EXPECTED.get() {
        return Ok(known);
    }
    let made = Expected::read(&mut in_memory()?)?;
    Ok(EXPECTED.get_or_init(|| made))
}

/// What the tables, indexes and triggers are not as the migrations made them. Further tables, views and indexes are nobody's
/// business (tools that copy a database have their own), but a trigger on one of these tables is.
pub fn shape(db: &mut Db) -> Result<Vec<DatabaseFault>, Problem> {
    let objects = &expected()?.objects;
    match db {
        Db::Sqlite(db) => Ok(sqlite::differing(objects, &sqlite::objects(db)?)),
        Db::Postgres(db) => postgres::differing(objects, db),
    }
}

/// What the tables hold that the program does not write: on SQLite values of another type than their column's, rows that refer
/// to nothing, indexes that are not those of their rows. It reads everything. PostgreSQL keeps its types itself.
pub fn values(db: &mut Db) -> Result<Vec<DatabaseFault>, Problem> {
    match db {
        Db::Sqlite(db) => sqlite::values(&expected()?.columns, db),
        Db::Postgres(_) => Ok(Vec::new()),
    }
}

/// Of the rows with these ids in a table, the columns that hold a value which the program does not write (see [`values`]).
pub fn values_of(db: &mut Db, table: &str, ids: &[Id]) -> Result<Vec<(Id, String)>, Problem> {
    match db {
        Db::Sqlite(db) if !ids.is_empty() => sqlite::values_of(&expected()?.columns, db, table, ids),
        Db::Sqlite(_) | Db::Postgres(_) => Ok(Vec::new()),
    }
}
