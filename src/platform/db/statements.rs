//! The few statements that cannot be written once for both databases: locking a row, and inserting unless it is there.
//! Each matches the enum here, so that a slice never does.

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};

use super::Db;
use super::sql_types::IdSql;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;

/// Locks a row by its id until the transaction ends, so that facts read after it cannot change. SQLite has one writer
/// and needs no lock. Business rows are locked by table, then id; summary rows and audit chain heads last.
pub fn lock_row(db: &mut Db, table: &'static str, id: Id) -> Result<(), Problem> {
    if let Db::Postgres(connection) = db {
        sql_query(format!("SELECT 1 FROM {table} WHERE id = $1 FOR UPDATE"))
            .bind::<IdSql, _>(id)
            .execute(connection)?;
    }
    Ok(())
}

/// Keeps everybody else who takes the same lock waiting until this transaction ends. For rules over things that have
/// no row of their own to lock (a kommun in a programme, an address that logs in).
pub fn lock_name(db: &mut Db, name: &str) -> Result<(), Problem> {
    if let Db::Postgres(connection) = db {
        sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind::<Text, _>(name)
            .execute(connection)?;
    }
    Ok(())
}

/// Inserts a row, given as columns and their SQL, unless its key is taken. Answers whether it was inserted. A second
/// transaction with the same key waits on PostgreSQL until the first has ended.
pub fn insert_new(db: &mut Db, insert: &str, texts: &[&str], number: i64) -> Result<bool, Problem> {
    let count = match db {
        Db::Postgres(connection) => {
            let mut query =
                sql_query(format!("{insert} ON CONFLICT DO NOTHING")).into_boxed::<diesel::pg::Pg>();
            for text in texts {
                query = query.bind::<Text, _>((*text).to_owned());
            }
            query.bind::<BigInt, _>(number).execute(connection)?
        }
        Db::Sqlite(connection) => {
            let numbered = (1..=texts.len() + 1)
                .fold(insert.to_owned(), |sql, n| sql.replace(&format!("${n}"), &format!("?{n}")));
            let mut query = sql_query(format!("{numbered} ON CONFLICT DO NOTHING"))
                .into_boxed::<diesel::sqlite::Sqlite>();
            for text in texts {
                query = query.bind::<Text, _>((*text).to_owned());
            }
            query.bind::<BigInt, _>(number).execute(connection)?
        }
    };
    Ok(count == 1)
}

#[derive(QueryableByName)]
struct Plan {
    #[diesel(sql_type = Text, column_name = "detail")]
    line: String,
}

/// The database's plan for a statement without parameters, line by line (tests of index use).
pub fn explain(db: &mut Db, statement: &str) -> Result<Vec<String>, Problem> {
    match db {
        Db::Postgres(connection) => {
            // Small test tables would be read whole whatever index there is.
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
