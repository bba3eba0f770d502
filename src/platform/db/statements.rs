//! Statements that diesel cannot express for both databases: locks, an insert that skips existing rows, and `EXPLAIN`.

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};

use super::sql_types::IdSql;
use super::{Db, MultiBackend};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// Locks a row until the transaction ends, so that facts read afterwards cannot change. SQLite has one writer and needs
/// no lock. To avoid deadlocks, every transaction locks rows in the order of table and id, and locks summary rows and
/// audit chain heads last.
pub fn lock_row(db: &mut Db, table: &'static str, id: Id) -> Result<(), Problem> {
    if let Db::Postgres(connection) = db {
        sql_query(format!("SELECT 1 FROM {table} WHERE id = $1 FOR UPDATE"))
            .bind::<IdSql, _>(id)
            .execute(connection)?;
    }
    Ok(())
}

/// Takes a lock by name until the transaction ends. Used for things that have no row to lock (a kommun in a programme,
/// a client address that logs in).
pub fn lock_name(db: &mut Db, name: &str) -> Result<(), Problem> {
    if let Db::Postgres(connection) = db {
        sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind::<Text, _>(name)
            .execute(connection)?;
    }
    Ok(())
}

/// Runs the `INSERT` unless the row's key exists. `texts` are the parameters `$1`, `$2` …, and `number` is the last
/// one. Returns whether the row was inserted. On PostgreSQL a second transaction with the same key waits until the
/// first has ended.
pub fn insert_new(db: &mut Db, insert: &str, texts: &[&str], number: i64) -> Result<bool, Problem> {
    let mut query = sql_query(format!("{insert} ON CONFLICT DO NOTHING")).into_boxed::<MultiBackend>();
    for text in texts {
        query = query.bind::<Text, _>((*text).to_owned());
    }
    Ok(query.bind::<BigInt, _>(number).execute(db)? == 1)
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
