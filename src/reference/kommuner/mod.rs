//! Kommuner: the register that every application, team and report refers to by `kommunkod`. Facts with their year, from
//! SCB and SKR (see the migration's head); read by anyone, changed only by a new migration.

pub mod routes;
mod store;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::http::answer::{Link, Representation};

pub use store::{KommunRow, exists, find, name_of, names};

crate::codes! {
    /// Size of a kommun by inhabitants; the lower bound is included (design/selection.md).
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

/// A kommun.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Kommun::example)]
pub struct Kommun {
    /// SCB's four digits, as text.
    pub kommunkod: String,
    /// Short form: "Boden".
    pub name: String,
    /// SCB's two digits.
    pub lan_code: String,
    /// "Norrbottens län".
    pub lan_name: String,
    /// NUTS 2 area: "SE33".
    pub nuts2: String,
    /// Inhabitants on 31 December of `populationYear`.
    pub population: i32,
    /// Year of `population`.
    pub population_year: i32,
    /// Size by inhabitants.
    pub size_band: SizeBand,
    /// SKR kommungrupp: "C6".
    pub skr_group: String,
    /// Year of the SKR classification.
    pub skr_group_year: i32,
    /// Centroid, degrees north (WGS 84).
    pub latitude: f64,
    /// Centroid, degrees east (WGS 84).
    pub longitude: f64,
    /// Raised when the register facts are updated.
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
