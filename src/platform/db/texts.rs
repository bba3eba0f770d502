//! The texts of any table's rows, whatever the table is, to bring those of older rows to NFC.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::Db;
use super::kept::Sql;
use super::sql_types::IdSql;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// The texts of a row, in the order of the columns.
pub type Texts = Vec<Option<String>>;

/// The columns of a table that hold text.
pub fn columns(db: &mut Db, table: &str) -> Result<Vec<String>, Problem> {
    let columns = match db {
        Db::Postgres(_) => {
            "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' \
             AND table_name = ? AND data_type = 'text' ORDER BY ordinal_position"
        }
        Db::Sqlite(_) => "SELECT name FROM pragma_table_info(?) WHERE type = 'TEXT' ORDER BY cid",
    };
    Ok(Sql::<Text>::new(columns).bind::<Text, _>(table).load(db)?)
}

/// The texts of at most `limit` rows after an id, or from the first on, in the order of their ids.
pub fn after(
    db: &mut Db,
    table: &str,
    columns: &[String],
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<(Id, Texts)>, Problem> {
    let (from, texts) = (after.map_or("", |_| "WHERE id > ?"), as_json(db, columns));
    let rows = format!("SELECT id, {texts} FROM {table} {from} ORDER BY id LIMIT {limit}");
    let rows = Sql::<(IdSql, Text)>::new(rows);
    let rows = after.into_iter().fold(rows, |rows, after| rows.bind::<IdSql, _>(after));
    let read: Vec<(Id, String)> = rows.load(db)?;
    read.into_iter().map(|(id, texts)| Ok((id, of_json(&texts)?))).collect()
}

/// The texts of one row.
pub fn of(db: &mut Db, table: &str, columns: &[String], id: Id) -> Result<Texts, Problem> {
    let texts = format!("SELECT {} FROM {table} WHERE id = ?", as_json(db, columns));
    let read: String = Sql::<Text>::new(texts).bind::<IdSql, _>(id).get_result(db)?;
    of_json(&read)
}

/// Replaces texts of one row. The caller changes its version and records the change.
pub fn replace(db: &mut Db, table: &str, id: Id, texts: &[(&String, String)]) -> Result<(), Problem> {
    let set: Vec<String> = texts.iter().map(|(column, _)| format!("{column} = ?")).collect();
    let update = Sql::<()>::new(format!("UPDATE {table} SET {} WHERE id = ?", set.join(", ")));
    let update = texts.iter().fold(update, |update, (_, text)| update.bind::<Text, _>(text.as_str()));
    update.bind::<IdSql, _>(id).execute(db)?;
    Ok(())
}

fn as_json(db: &Db, columns: &[String]) -> String {
    let columns = columns.join(", ");
    match db {
        Db::Postgres(_) => format!("json_build_array({columns})::text"),
        Db::Sqlite(_) => format!("json_array({columns})"),
    }
}

fn of_json(texts: &str) -> Result<Texts, Problem> {
    serde_json::from_str(texts).map_err(Problem::internal)
}
