//! Begins and ends transactions on each database.

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _};

use super::Db;
use super::sync::registration;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;

/// When a transaction is on disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    /// When its commit returns. On SQLite, when the log is flushed after it (see [`super::wal`]).
    AtCommit,
    /// When the log is flushed after its commit.
    AtFlush,
}

/// Begins a transaction that is durable from then on, and on PostgreSQL registers it at this time (see [`sync`](super::sync)).
pub fn begin(db: &mut Db, durable: Durable, at: Instant) -> Result<(), Problem> {
    match db {
        Db::Postgres(connection) => {
            let begin = match durable {
                Durable::AtCommit => "BEGIN",
                Durable::AtFlush => "BEGIN; SET LOCAL synchronous_commit = off",
            };
            // One round trip.
            let begin = format!("{begin}; {}", registration(at));
            if let Err(error) = AnsiTransactionManager::begin_transaction_sql(connection, &begin) {
                // The first statement may have begun it. Where it has not, this does nothing.
                let _ = connection.batch_execute("ROLLBACK");
                return Err(error.into());
            }
        }
        Db::Sqlite(_) => begin_sqlite(db)?,
    }
    Ok(())
}

/// Begins a transaction of SQLite.
pub fn begin_sqlite(db: &mut Db) -> Result<(), Problem> {
    let Db::Sqlite(connection) = db else { return Err(Problem::internal("not SQLite")) };
    // IMMEDIATE waits for the write lock here. After a plain BEGIN, the first write could fail at once as busy.
    Ok(AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")?)
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
