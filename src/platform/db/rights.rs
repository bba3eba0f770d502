//! The rights of the role that serves on PostgreSQL. It owns nothing, so that it cannot take away the triggers that keep the
//! audit trail, and it has only what the program needs. `migrate` runs as the owner.

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Bool;
use diesel::{PgConnection, QueryableByName, RunQueryDsl as _, sql_query};

use super::Location;
use super::error::unavailable;
use crate::platform::problem::Problem;

/// The statements that give these rights to the role `samverkan_serve`, as the README lists them.
pub const RIGHTS: &str = "\
GRANT USAGE ON SCHEMA public TO samverkan_serve;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO samverkan_serve;
REVOKE INSERT, UPDATE, DELETE ON __diesel_schema_migrations FROM samverkan_serve;
REVOKE UPDATE, DELETE ON audit_checkpoints, audit_events, signatures, status_changes FROM samverkan_serve;
REVOKE DELETE ON audit_chains FROM samverkan_serve;
GRANT UPDATE (before_values, after_values, salt) ON audit_events TO samverkan_serve;
GRANT UPDATE (is_void) ON signatures TO samverkan_serve;
";

/// The name of the role in [`RIGHTS`].
const EXAMPLE: &str = "samverkan_serve";

/// Gives the rights to a role, in one transaction.
pub fn grant(url: &str, role: &str) -> Result<(), Problem> {
    let mut connection = PgConnection::establish(url).map_err(unavailable)?;
    let quoted = format!("\"{}\"", role.replace('"', "\"\""));
    connection.transaction(|connection| connection.batch_execute(&RIGHTS.replace(EXAMPLE, &quoted)))?;
    Ok(())
}

/// Whether the user of the location owns the tables, or could act as their owner. SQLite has no roles.
pub fn is_owner(location: &Location) -> Result<bool, Problem> {
    let Location::Postgres(url) = location else { return Ok(true) };
    owns(&mut PgConnection::establish(url).map_err(unavailable)?)
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    owns: bool,
}

/// The same on a connection. True for a database without tables.
pub(super) fn owns(connection: &mut PgConnection) -> Result<bool, Problem> {
    let tables = "SELECT NOT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass('public.audit_events') \
                  AND NOT pg_has_role(current_user, relowner, 'USAGE')) AS owns";
    let answer: Answer = sql_query(tables).get_result(connection)?;
    Ok(answer.owns)
}
