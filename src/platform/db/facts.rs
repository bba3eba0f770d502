//! What an installation knows about itself (`installation_facts`): a name, a text and a number.

use diesel::prelude::*;

use super::Db;
use super::kept::Keep as _;
use super::schema::installation_facts;
use super::statements::insert_new;
use crate::platform::problem::Problem;

/// The text of a fact; none if it is not known.
pub fn text(db: &mut Db, name: &str) -> Result<Option<String>, Problem> {
    let fact = installation_facts::table.find(name).select(installation_facts::fact);
    Ok(fact.kept().get_result(db).optional()?)
}

/// Stores a fact unless it is known already; returns whether it was not. Of several processes one stores it.
pub fn add(db: &mut Db, name: &str, fact: &str, number: i64) -> Result<bool, Problem> {
    insert_new(
        db,
        "INSERT INTO installation_facts (name, fact, number) VALUES (?, ?, ?)",
        &[name, fact],
        number,
    )
}

/// Stores a fact; replaces an earlier one.
pub fn remember(db: &mut Db, name: &str, fact: &str, number: i64) -> Result<(), Problem> {
    forget(db, name)?;
    add(db, name, fact, number).map(drop)
}

/// Forgets a fact.
pub fn forget(db: &mut Db, name: &str) -> Result<(), Problem> {
    diesel::delete(installation_facts::table.find(name.to_owned())).kept().execute(db)?;
    Ok(())
}
