//! The SQL types of the program's own values, one name for both databases. `db::sql` says how a value is written and read.

use diesel::sql_types::SqlType;

/// `uuid` on PostgreSQL, a blob of 16 bytes on SQLite.
#[derive(Clone, Copy, Debug, Default, SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "uuid"))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct IdSql;

/// `timestamptz` on PostgreSQL, milliseconds since 1970 on SQLite (parsing text dates was a hot spot there).
#[derive(Clone, Copy, Debug, Default, SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "timestamptz"))]
#[diesel(sqlite_type(name = "Long"))]
pub struct InstantSql;

/// `date` on PostgreSQL, `YYYY-MM-DD` on SQLite, where text of that form sorts as days do.
#[derive(Clone, Copy, Debug, Default, SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "date"))]
#[diesel(sqlite_type(name = "Text"))]
pub struct DaySql;
