//! The register against what the program has and the register years say. Nobody else writes it, so it has no events; but the size
//! and the place of a kommun decide, and its name is shown everywhere.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use diesel::prelude::*;

use super::kommuner::SizeBand;
use super::register_years::{self, RegisterYearRow};
use crate::platform::db::Db;
use crate::platform::db::intact::{DatabaseFault, fresh};
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Rx;
use crate::schema::{kommuner, lan};

/// A row as text, by its table and its code.
type Lines = BTreeMap<(&'static str, String), String>;
/// kommunkod, name, län, its name, NUTS 2.
type Place = (String, String, String, String, String);
/// Population and its year, size band, SKR group and its year, latitude, longitude.
type Facts = (i32, i32, String, String, i32, f64, f64);
/// Key for sorting, text for searching, version.
type Rest = (String, String, i32);

/// The register as stored.
#[derive(Clone, Debug)]
struct Register {
    kommuner: Vec<(Place, Facts, Rest)>,
    lan: Vec<(String, String, String, String, i32, String)>,
}

/// The rows that are changed, missing or too many.
pub fn differing(rx: &mut Rx<'_>) -> Result<Vec<DatabaseFault>, Problem> {
    let years = match register_years::stored(rx.db) {
        // They hold what the program does not write, which the verification of audited rows tells. Then no kommun is as it says.
        Err(fault) if fault.code == Code::InternalError => Vec::new(),
        read => read?,
    };
    let (expected, stored) = (in_force(expected()?.clone(), &years).lines(), Register::read(rx.db)?.lines());
    let names: BTreeMap<_, _> = expected.keys().chain(stored.keys()).map(|key| (key, ())).collect();
    let wrong = names.into_keys().filter(|key| expected.get(*key) != stored.get(*key));
    Ok(wrong.map(|(table, code)| DatabaseFault::of(*table, "register", Some(code.clone()))).collect())
}

/// What the program has. It is read once, from a new database.
fn expected() -> Result<&'static Register, Problem> {
    static EXPECTED: OnceLock<Register> = OnceLock::new();
    if let Some(known) = EXPECTED.get() {
        return Ok(known);
    }
    let read = Register::read(&mut fresh()?)?;
    Ok(EXPECTED.get_or_init(|| read))
}

/// The program's register with the facts of the newest register year. Each year raised the version of every kommun.
fn in_force(mut register: Register, years: &[RegisterYearRow]) -> Register {
    let Some(newest) = years.last() else { return register };
    let raised: i32 = years.iter().map(|year| year.version).sum();
    let facts: BTreeMap<&str, _> =
        newest.facts.0.iter().map(|fact| (fact.kommunkod.as_str(), fact)).collect();
    for (place, facts_of, rest) in &mut register.kommuner {
        let Some(fact) = facts.get(place.0.as_str()) else { continue };
        let (latitude, longitude) = (facts_of.5, facts_of.6);
        let band = SizeBand::of(fact.population).as_str().to_owned();
        let group = fact.skr_group.as_str().to_owned();
        *facts_of = (fact.population, newest.year, band, group, fact.skr_group_year, latitude, longitude);
        rest.2 += raised;
    }
    register
}

impl Register {
    fn read(db: &mut Db) -> Result<Self, Problem> {
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
        let kommuner = kommuner::table.select((place, facts, rest)).load(db)?;
        let of_lan =
            (lan::lan_code, lan::name, lan::nuts2, lan::nuts2_name, lan::kommun_count, lan::sort_name);
        Ok(Self { kommuner, lan: lan::table.select(of_lan).load(db)? })
    }

    fn lines(self) -> Lines {
        let kommuner =
            self.kommuner.into_iter().map(|row| (("kommuner", row.0.0.clone()), format!("{row:?}")));
        let lan = self.lan.into_iter().map(|row| (("lan", row.0.clone()), format!("{row:?}")));
        kommuner.chain(lan).collect()
    }
}
