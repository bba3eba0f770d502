//! The first register year: what the program's migrations wrote. Later years replace it in the table of kommuner, so it is read
//! from a new database.

use std::sync::OnceLock;

use super::store::RegisterYearRow;
use crate::platform::db::intact::fresh;
use crate::platform::db::sql::Json;
use crate::platform::moment::Day;
use crate::platform::problem::Problem;
use crate::reference::Register;
use crate::reference::kommuner::{self, KommunFacts, KommunRow};

/// Where the migration's facts come from; its head says more.
const SOURCE: &str = "SCB, folkmängd 31 december 2019; SKR, kommungruppsindelning 2023.";

/// The first register year. It is read once.
pub fn base() -> Result<&'static RegisterYearRow, Problem> {
    static BASE: OnceLock<RegisterYearRow> = OnceLock::new();
    if let Some(known) = BASE.get() {
        return Ok(known);
    }
    let read = of(kommuner::all(&mut fresh()?)?)?;
    Ok(BASE.get_or_init(|| read))
}

fn of(kommuner: Vec<KommunRow>) -> Result<RegisterYearRow, Problem> {
    let first = kommuner.first().ok_or_else(|| Problem::internal("a register without kommuner"))?;
    let (year, created_at, updated_at) = (first.population_year, first.created_at, first.updated_at);
    let population_on = Day::new(year, 12, 31).ok_or_else(|| Problem::internal("a year without end"))?;
    Ok(RegisterYearRow {
        id: Register::Years.id_of(&year.to_string()),
        year,
        population_on,
        source: SOURCE.to_owned(),
        facts: Json(kommuner.into_iter().map(KommunFacts::of).collect()),
        created_at,
        updated_at,
        version: 1,
    })
}
