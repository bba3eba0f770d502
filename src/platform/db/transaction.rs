//! Begins and ends transactions on each database.

use diesel::connection::{AnsiTransactionManager, TransactionManager as _};

use super::Db;
use crate::platform::problem::Problem;

/// Begins a transaction.
pub fn begin(db: &mut Db) -> Result<(), Problem> {
    match db {
        Db::Postgres(connection) => AnsiTransactionManager::begin_transaction(connection)?,
        // IMMEDIATE waits for the write lock here. After a plain BEGIN, the first write could fail at once as busy.
        Db::Sqlite(connection) => {
            AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")?;
        }
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
