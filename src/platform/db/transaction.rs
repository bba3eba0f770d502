//! Begins and ends transactions, in the way of each database.

use diesel::connection::{AnsiTransactionManager, TransactionManager as _};

use super::Db;
use crate::platform::problem::Problem;

/// Begins a transaction.
pub fn begin(db: &mut Db) -> Result<(), Problem> {
    match db {
        Db::Postgres(connection) => AnsiTransactionManager::begin_transaction(connection)?,
        // A deferred BEGIN can find the database busy at its first write, when it is too late to wait.
        Db::Sqlite(connection) => {
            AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")?;
        }
    }
    Ok(())
}

/// Commits the transaction, or keeps what was done since the savepoint.
pub fn commit(db: &mut Db) -> Result<(), Problem> {
    match db {
        Db::Postgres(connection) => AnsiTransactionManager::commit_transaction(connection)?,
        Db::Sqlite(connection) => AnsiTransactionManager::commit_transaction(connection)?,
    }
    Ok(())
}

/// Takes back the transaction, or what was done since the savepoint.
pub fn rollback(db: &mut Db) -> diesel::QueryResult<()> {
    match db {
        Db::Postgres(connection) => AnsiTransactionManager::rollback_transaction(connection),
        Db::Sqlite(connection) => AnsiTransactionManager::rollback_transaction(connection),
    }
}

/// Sets a savepoint: inside a transaction diesel makes one of `begin`, and commit and rollback end it.
pub fn savepoint(db: &mut Db) -> Result<(), Problem> {
    match db {
        Db::Postgres(connection) => AnsiTransactionManager::begin_transaction(connection)?,
        Db::Sqlite(connection) => AnsiTransactionManager::begin_transaction(connection)?,
    }
    Ok(())
}
