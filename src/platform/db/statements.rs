//! Statements that diesel cannot express for both databases: locks, an insert that
//! skips existing rows, and `EXPLAIN`.

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};

use super::Db;
use super::kept::Sql;
use super::sql_types::IdSql;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// Locks rows until the transaction ends, in the order of their ids, so that facts read afterwards cannot change. SQLite
/// has one writer and needs no lock. To avoid deadlocks, every transaction locks rows in the order of table and id, and
/// locks summary rows and audit chain heads last.
pub fn lock_rows(db: &mut Db, table: &'static str, ids: impl IntoIterator<Item = Id>) -> Result<(), Problem> {
    if !matches!(db, Db::Postgres(_)) {
        return Ok(());
    }
    let ids: Vec<Id> = ids.into_iter().collect();
    let Some(last) = ids.last().copied() else { return Ok(()) };
    // Padded like `one_of`, so that there are few texts.
    let count = ids.len().next_power_of_two();
    let places = vec!["?"; count].join(", ");
    let text = format!("SELECT 1 FROM {table} WHERE id IN ({places}) ORDER BY id FOR NO KEY UPDATE");
    let padded = ids.into_iter().chain(std::iter::repeat(last)).take(count);
    let lock = padded.fold(Sql::<()>::new(text), |lock, id| lock.bind::<IdSql, _>(id));
    lock.execute(db)?;
    Ok(())
}

/// Takes a lock by name until the transaction ends. Used for things that have no row to lock (a kommun in a programme,
/// a client address that logs in).
pub fn lock_name(db: &mut Db, name: &str) -> Result<(), Problem> {
    if matches!(db, Db::Postgres(_)) {
        let lock = Sql::<()>::new("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))");
        lock.bind::<Text, _>(name).execute(db)?;
    }
    Ok(())
}

/// Runs the `INSERT` unless the row's key exists. `texts` are its first parameters, and `number` is the last one.
/// Returns whether the row was inserted. On PostgreSQL a second transaction with the same key waits until the first has
/// ended.
pub fn insert_new(db: &mut Db, insert: &str, texts: &[&str], number: i64) -> Result<bool, Problem> {
    let mut statement = Sql::<()>::new(format!("{insert} ON CONFLICT DO NOTHING"));
    for text in texts {
        statement = statement.bind::<Text, _>(*text);
    }
    Ok(statement.bind::<BigInt, _>(number).execute(db)? == 1)
}

#[derive(QueryableByName)]
struct Plan {
    #[diesel(sql_type = Text, column_name = "detail")]
    line: String,
}

/// The query plan of a statement without parameters, line by line (for tests of indexes).
pub fn explain(db: &mut Db, statement: &str) -> Result<Vec<String>, Problem> {
    match db {
        Db::Postgres(connection) => {
            // Otherwise PostgreSQL scans small test tables even if there is an index.
            connection.batch_execute("SET enable_seqscan = off")?;
            let lines = sql_query(format!("EXPLAIN {statement}")).load::<PostgresPlan>(connection)?;
            connection.batch_execute("RESET enable_seqscan")?;
            Ok(lines.into_iter().map(|plan| plan.line).collect())
        }
        Db::Sqlite(connection) => {
            let lines = sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load::<Plan>(connection)?;
            Ok(lines.into_iter().map(|plan| plan.line).collect())
        }
    }
}

#[derive(QueryableByName)]
struct PostgresPlan {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}
