//! The connection that is either PostgreSQL or SQLite. In a file of its own because the derive makes a module
//! (`MultiBackend` and friends) that nobody can document.
#![expect(missing_docs, reason = "made by diesel's derive")]

/// One open connection.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// A connection to a PostgreSQL server.
    Postgres(diesel::PgConnection),
    /// An embedded database file.
    Sqlite(diesel::SqliteConnection),
}
