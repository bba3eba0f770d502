//! The SQL types of our own value types, with one name for both databases. `db::sql` writes and reads the values.

use diesel::sql_types::SqlType;

/// `uuid` on PostgreSQL, a blob of 16 bytes on SQLite.
#[derive(Clone, Copy, Debug, Default, SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "uuid"))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct IdSql;

/// `timestamptz` on PostgreSQL, milliseconds since 1970 on SQLite (where parsing dates from text was slow).
#[derive(Clone, Copy, Debug, Default, SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "timestamptz"))]
#[diesel(sqlite_type(name = "Long"))]
pub struct InstantSql;

/// `date` on PostgreSQL, `YYYY-MM-DD` on SQLite (such text sorts like the days).
#[derive(Clone, Copy, Debug, Default, SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "date"))]
#[diesel(sqlite_type(name = "Text"))]
pub struct DaySql;
