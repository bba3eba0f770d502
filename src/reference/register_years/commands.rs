//! Adds and corrects a register year, and brings the register of kommuner to it.

use super::requests::{NewRegisterYear, RegisterYearCorrection};
use super::rules;
use super::store::{self, RegisterYearRow};
use crate::platform::db::sql::Json;
use crate::platform::db::statements::lock_name;
use crate::platform::moment::Day;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::reference::kommuner;

/// Adds a register year, or only shows what it would be.
pub fn add(tx: &mut Tx<'_>, new: &NewRegisterYear) -> Result<RegisterYearRow, Problem> {
    let years = locked(tx)?;
    let newest = years.last().ok_or_else(|| Problem::internal("no register year"))?;
    check(tx, new, newest)?;
    tx.ctx.refuse_invalid_body()?;
    rules::check_later(new.year, newest, years.iter().any(|row| row.year == new.year))?;
    let row = RegisterYearRow {
        id: tx.ctx.new_id(),
        year: new.year,
        population_on: day_of(new)?,
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

/// Corrects the newest register year. What has been computed by it keeps what it recorded.
pub fn correct(
    tx: &mut Tx<'_>,
    seen: &RegisterYearRow,
    correction: RegisterYearCorrection,
) -> Result<RegisterYearRow, Problem> {
    let new = correction.into_new(seen.year);
    let years = locked(tx)?;
    let Some((_base, added)) = years.split_first() else { return Err(Problem::internal("no register year")) };
    if !added.iter().any(|row| row.id == seen.id) {
        check(tx, &new, seen)?;
        rules::check_correctable(seen, added)?;
    }
    let earlier = years.iter().rev().find(|row| row.year < seen.year);
    let earlier = earlier.ok_or_else(|| Problem::internal("no register year before"))?;
    let changed = tx.change(seen.id, "corrected", |tx, before: &RegisterYearRow| {
        check(tx, &new, earlier)?;
        rules::check_correctable(before, added)?;
        let (population_on, source) = (day_of(&new)?, new.source.to_string());
        Ok(RegisterYearRow {
            population_on,
            source,
            facts: Json(rules::facts(&new, earlier)),
            ..before.clone()
        })
    })?;
    if changed.after.version != changed.before.version {
        kommuner::take_facts(tx, changed.after.year, &changed.after.facts.0)?;
    }
    Ok(changed.after)
}

/// All years, while nobody else adds or corrects one: two at once would both begin with the same year before them.
fn locked(tx: &mut Tx<'_>) -> Result<Vec<RegisterYearRow>, Problem> {
    lock_name(tx.db, "register_years")?;
    store::all(tx.db)
}

/// 422 with everything that is wrong with the facts; `before` has all kommuner.
fn check(tx: &Tx<'_>, new: &NewRegisterYear, before: &RegisterYearRow) -> Result<(), Problem> {
    let known = before.facts.0.iter().map(|fact| fact.kommunkod.clone()).collect();
    Code::InvalidInput.refuse_any(rules::faults(new, &known, tx.ctx.today()))
}

fn day_of(new: &NewRegisterYear) -> Result<Day, Problem> {
    new.day().ok_or_else(|| Problem::internal("a year without days"))
}
