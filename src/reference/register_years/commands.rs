//! Adds a register year, and brings the register of kommuner to it.

use super::requests::NewRegisterYear;
use super::rules;
use super::store::{self, RegisterYearRow};
use crate::platform::db::sql::Json;
use crate::platform::db::statements::lock_name;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::reference::kommuner;

/// Adds a register year, or only shows what it would be.
pub fn add(tx: &mut Tx<'_>, new: &NewRegisterYear) -> Result<RegisterYearRow, Problem> {
    // Two at once would both begin with the same year before them.
    lock_name(tx.db, "register_years")?;
    let years = store::all(tx.db)?;
    let newest = years.last().ok_or_else(|| Problem::internal("no register year"))?;
    let known = newest.facts.0.iter().map(|fact| fact.kommunkod.clone()).collect();
    Code::InvalidInput.refuse_any(rules::faults(new, &known, tx.ctx.today()))?;
    tx.ctx.refuse_invalid_body()?;
    rules::check_later(new.year, newest, years.iter().any(|row| row.year == new.year))?;
    let row = RegisterYearRow {
        id: tx.ctx.new_id(),
        year: new.year,
        population_on: new.day().ok_or_else(|| Problem::internal("a year without days"))?,
        source: new.source.to_string(),
        facts: Json(rules::facts(new, newest)),
        created_at: tx.ctx.written,
        updated_at: tx.ctx.written,
        version: 1,
    };
    if new.dry_run {
        tx.is_trial = true;
        return Ok(row);
    }
    tx.insert(&row)?;
    kommuner::take_facts(tx, row.year, &row.facts.0)?;
    Ok(row)
}
