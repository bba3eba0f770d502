//! Begins and ends transactions on each database.

use diesel::connection::{AnsiTransactionManager, TransactionManager as _};

use super::Db;
use crate::platform::problem::Problem;

/// Begins a transaction of SQLite, or one of PostgreSQL whose commit waits until it is on disk.
pub fn begin(db: &mut Db) -> Result<(), Problem> {
    begin_until(db, Durable::AtCommit)
}

/// When a transaction is on disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    /// When its commit returns. On SQLite, when the log is flushed after it (see [`super::wal`]).
    AtCommit,
    /// When the log is flushed after its commit.
    AtFlush,
}

/// Begins a transaction that is durable from then on.
pub fn begin_until(db: &mut Db, durable: Durable) -> Result<(), Problem> {
    match db {
        Db::Postgres(connection) => {
            let begin = match durable {
                Durable::AtCommit => "BEGIN",
                Durable::AtFlush => "BEGIN; SET LOCAL synchronous_commit = off",
            };
            AnsiTransactionManager::begin_transaction_sql(connection, begin)?;
        }
        // IMMEDIATE waits for the write lock here. After a plain BEGIN, the first write could fail at once as busy.
        Db::Sqlite(connection) => {
            AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")?;
        }
    }
    Ok(())
}

/// Begins a transaction that only reads and sees one state of the database. [`rollback`] ends it.
pub fn begin_snapshot(db: &mut Db) -> Result<(), Problem> {
    match db {
        Db::Postgres(connection) => AnsiTransactionManager::begin_transaction_sql(
            connection,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        )?,
        Db::Sqlite(connection) => AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN")?,
    }
    Ok(())
}

/// Commits the transaction, or releases the innermost savepoint.
pub fn commit(db: &mut Db) -> Result<(), Problem> {
    match db {
        Db::Postgres(connection) => AnsiTransactionManager::commit_transaction(connection)?,
        Db::Sqlite(connection) => AnsiTransactionManager::commit_transaction(connection)?,
    }
    Ok(())
}

/// Rolls back the transaction, or to the innermost savepoint.
pub fn rollback(db: &mut Db) -> diesel::QueryResult<()> {
    match db {
        Db::Postgres(connection) => AnsiTransactionManager::rollback_transaction(connection),
        Db::Sqlite(connection) => AnsiTransactionManager::rollback_transaction(connection),
    }
}

/// Sets a savepoint: inside a transaction, diesel's `begin_transaction` sets one. [`commit`] and [`rollback`] end it.
pub fn savepoint(db: &mut Db) -> Result<(), Problem> {
    match db {
        Db::Postgres(connection) => AnsiTransactionManager::begin_transaction(connection)?,
        Db::Sqlite(connection) => AnsiTransactionManager::begin_transaction(connection)?,
    }
    Ok(())
}
