//! Kommuner: the register that every application, team and report refers to by `kommunkod`. It contains facts from SCB and
//! SKR, each with its year (see the head of the migration). Anyone can read it. Population and SKR group are those of the newest
//! register year; only a new migration changes the rest.

pub mod routes;
mod store;
mod view;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::http::answer::{Link, Representation};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::reference::lan::Nuts2;

pub use store::{KommunNames, KommunRow, all, exists, find, name_of, names, take_facts, those};

/// What kommuner bring to the program.
pub const PART: Part =
    Part { routes: routes::routes, code_lists: &[SizeBand::LIST, SkrGroup::LIST], ..Part::NONE };

crate::codes! {
    /// The size of a kommun by inhabitants; the lower bound is included (design/selection.md).
    pub enum SizeBand as "sizeBands" {
        /// Fewer than 10,000.
        Under10k = "under10k", "under 10 000 invånare", "under 10,000 inhabitants";
        /// 10,000–24,999.
        From10kTo25k = "from10kTo25k", "10 000–24 999 invånare", "10,000–24,999 inhabitants";
        /// 25,000–49,999.
        From25kTo50k = "from25kTo50k", "25 000–49 999 invånare", "25,000–49,999 inhabitants";
        /// 50,000–99,999.
        From50kTo100k = "from50kTo100k", "50 000–99 999 invånare", "50,000–99,999 inhabitants";
        /// 100,000 or more.
        From100k = "from100k", "100 000 invånare eller fler", "100,000 inhabitants or more";
    }
}

impl SizeBand {
    /// The band of so many inhabitants.
    pub const fn of(population: i32) -> Self {
        match population {
            ..10_000 => Self::Under10k,
            10_000..25_000 => Self::From10kTo25k,
            25_000..50_000 => Self::From25kTo50k,
            50_000..100_000 => Self::From50kTo100k,
            100_000.. => Self::From100k,
        }
    }
}

crate::codes! {
    /// SKR's kommungrupper as classified in 2023, with SKR's own names.
    pub enum SkrGroup as "skrGroups" {
        /// At least 200,000 inhabitants in the largest town.
        A1 = "A1", "Storstäder", "Large cities";
        /// Commuting to A1.
        A2 = "A2", "Pendlingskommun nära storstad", "Commuting municipality near a large city";
        /// At least 50,000 inhabitants, 40,000 of them in the largest town.
        B3 = "B3", "Större stad", "Medium-sized town";
        /// Commuting to B3.
        B4 = "B4", "Pendlingskommun nära större stad", "Commuting municipality near a medium-sized town";
        /// Less commuting to B3.
        B5 = "B5", "Lågpendlingskommun nära större stad", "Municipality with a low commuting rate near a medium-sized town";
        /// At least 15,000 inhabitants in the largest town.
        C6 = "C6", "Mindre stad/tätort", "Small town";
        /// Commuting to C6.
        C7 = "C7", "Pendlingskommun nära mindre stad/tätort", "Commuting municipality near a small town";
        /// Fewer than 15,000 inhabitants in the largest town, little commuting.
        C8 = "C8", "Landsbygdskommun", "Rural municipality";
        /// As C8, with much tourism.
        C9 = "C9", "Landsbygdskommun med besöksnäring", "Rural municipality with a visitor industry";
    }
}

/// What a register year says of a kommun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KommunFacts {
    /// SCB's four digits.
    pub kommunkod: String,
    /// Inhabitants.
    pub population: i32,
    /// SKR kommungrupp.
    pub skr_group: SkrGroup,
    /// Year of its classification.
    pub skr_group_year: i32,
}

impl KommunFacts {
    /// Those that the register has now.
    pub fn of(row: KommunRow) -> Self {
        let KommunRow { kommunkod, population, skr_group, skr_group_year, .. } = row;
        Self { kommunkod, population, skr_group, skr_group_year }
    }
}

/// A kommun.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Kommun::example)]
pub struct Kommun {
    /// Identity; the kommunkod identifies the kommun too.
    pub id: Id,
    /// SCB's four digits, as text.
    pub kommunkod: String,
    /// Short form: "Boden".
    pub name: String,
    /// SCB's two digits.
    pub lan_code: String,
    /// "Norrbottens län".
    pub lan_name: String,
    /// NUTS 2 area: "SE33".
    pub nuts2: Nuts2,
    /// Inhabitants on 31 December of `populationYear`.
    pub population: i32,
    /// Year of `population`.
    pub population_year: i32,
    /// Size by inhabitants.
    pub size_band: SizeBand,
    /// SKR kommungrupp: "B5".
    pub skr_group: SkrGroup,
    /// Year of the SKR classification.
    pub skr_group_year: i32,
    /// Centroid, degrees north (WGS 84).
    pub latitude: f64,
    /// Centroid, degrees east (WGS 84).
    pub longitude: f64,
    /// When the facts were loaded.
    pub created_at: Instant,
    /// When the facts were last updated.
    pub updated_at: Instant,
    /// Raised when the register is updated.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

impl Representation for Kommun {
    fn version(&self) -> i32 {
        self.version
    }

    fn path(&self) -> String {
        format!("/kommuner/{}", self.kommunkod)
    }
}

#[cfg(test)]
mod tests {
    use super::SizeBand;

    #[test]
    fn the_lower_bound_of_a_band_is_in_it() {
        let bounds = [10_000, 25_000, 50_000, 100_000];
        for (index, bound) in bounds.into_iter().enumerate() {
            assert_eq!(SizeBand::of(bound - 1), SizeBand::ALL[index]);
            assert_eq!(SizeBand::of(bound), SizeBand::ALL[index + 1]);
        }
    }
}
