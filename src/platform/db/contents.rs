//! Inspects a database before anything in it is changed. The demonstration uses a database only if it is empty or holds
//! a demonstration.

use std::path::PathBuf;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel::{PgConnection, QueryableByName, sql_query};

use super::error::unavailable;
use super::schema::installation_facts;
use super::{Db, Location, known};
use crate::platform::problem::Problem;

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// A row of `installation_facts`: the fact and its number. None if the row or the table does not exist.
pub fn fact(location: &Location, name: &str) -> Result<Option<(String, i64)>, Problem> {
    let has_facts = exists(
        location,
        "SELECT to_regclass('public.installation_facts') IS NOT NULL AS found",
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'installation_facts') AS found",
    )?;
    let Some(mut db) = known::opened(location)?.filter(|_| has_facts) else { return Ok(None) };
    let found = installation_facts::table.find(name);
    let columns = (installation_facts::fact, installation_facts::number);
    Ok(found.select(columns).first(&mut db).optional()?)
}

/// Deletes everything: the files of an SQLite database, or the content of PostgreSQL's schema `public`.
pub fn remove(location: &Location) -> Result<(), Problem> {
    match location {
        Location::Sqlite(path) => {
            for end in ["", "-wal", "-shm"] {
                let file = PathBuf::from(format!("{}{end}", path.display()));
                if file.exists() {
                    let removed = std::fs::remove_file(&file);
                    removed.map_err(|error| unavailable(format!("{}: {error}", file.display())))?;
                }
            }
        }
        Location::Postgres(url) => {
            let mut connection = PgConnection::establish(url).map_err(unavailable)?;
            connection.batch_execute(
                "SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public",
            )?;
        }
    }
    Ok(())
}

fn exists(location: &Location, postgres: &str, sqlite: &str) -> Result<bool, Problem> {
    let row: Exists = match known::opened(location)? {
        None => return Ok(false),
        Some(Db::Postgres(mut db)) => sql_query(postgres).get_result(&mut db)?,
        Some(Db::Sqlite(mut db)) => sql_query(sqlite).get_result(&mut db)?,
    };
    Ok(row.found)
}
