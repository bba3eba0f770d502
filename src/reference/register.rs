//! The register against what the program has. Only migrations write it, so it has no events; but the size and the place of a
//! kommun decide, and its name is shown everywhere.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use diesel::prelude::*;

use crate::platform::db::Db;
use crate::platform::db::intact::{DatabaseFault, fresh};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::schema::{kommuner, lan};

/// A row as text, by its table and its code.
type Lines = BTreeMap<(&'static str, String), String>;

/// The rows that are changed, missing or too many.
pub fn differing(rx: &mut Rx<'_>) -> Result<Vec<DatabaseFault>, Problem> {
    let (expected, stored) = (expected()?, lines(rx.db)?);
    let names: BTreeMap<_, _> = expected.keys().chain(stored.keys()).map(|key| (key, ())).collect();
    let wrong = names.into_keys().filter(|key| expected.get(*key) != stored.get(*key));
    Ok(wrong.map(|(table, code)| DatabaseFault::of(*table, "register", Some(code.clone()))).collect())
}

/// What the program has. It is read once, from a new database.
fn expected() -> Result<&'static Lines, Problem> {
    static EXPECTED: OnceLock<Lines> = OnceLock::new();
    if let Some(known) = EXPECTED.get() {
        return Ok(known);
    }
    let read = lines(&mut fresh()?)?;
    Ok(EXPECTED.get_or_init(|| read))
}

fn lines(db: &mut Db) -> Result<Lines, Problem> {
    type Place = (String, String, String, String, String);
    type Facts = (i32, i32, String, String, i32, f64, f64);
    let place =
        (kommuner::kommunkod, kommuner::name, kommuner::lan_code, kommuner::lan_name, kommuner::nuts2);
    let facts = (
        kommuner::population,
        kommuner::population_year,
        kommuner::size_band,
        kommuner::skr_group,
        kommuner::skr_group_year,
        kommuner::latitude,
        kommuner::longitude,
    );
    let rest = (kommuner::sort_name, kommuner::search_text, kommuner::version);
    let of_kommuner = kommuner::table
        .select((place, facts, rest))
        .load::<(Place, Facts, (String, String, i32))>(db)?
        .into_iter()
        .map(|row| (("kommuner", row.0.0.clone()), format!("{row:?}")));
    let mut lines: Lines = of_kommuner.collect();
    let of_lan = lan::table
        .select((lan::lan_code, lan::name, lan::nuts2, lan::nuts2_name, lan::kommun_count, lan::sort_name))
        .load::<(String, String, String, String, i32, String)>(db)?;
    lines.extend(of_lan.into_iter().map(|row| (("lan", row.0.clone()), format!("{row:?}"))));
    Ok(lines)
}
