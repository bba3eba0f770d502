//! The requests that add and correct a register year.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use crate::platform::http::body::Lenient;
use crate::platform::moment::Day;
use crate::platform::values::Text;
use crate::reference::Kommunkod;
use crate::reference::kommuner::SkrGroup;

/// A register year to add, with the population of every kommun.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewRegisterYear::example)]
pub struct NewRegisterYear {
    /// The year, later than the newest register year.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    /// The day of that year whose population it is; left out, 31 December. It is not in the future.
    #[serde(default)]
    pub population_on: Option<Day>,
    /// Where the facts come from.
    #[validate(nested)]
    pub source: Text<1000>,
    /// The year of SKR's classification, if any kommun has an `skrGroup` here.
    #[serde(default)]
    #[schema(minimum = 2000, maximum = 2100)]
    pub skr_group_year: Option<i32>,
    /// Every kommun of the register, once.
    #[schema(value_type = Vec<NewFact>, min_items = 1, max_items = 290)]
    #[validate(nested)]
    pub kommuner: Vec<Lenient<NewFact>>,
    /// Check everything, answer with what the year would be, and keep nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// What the new year says of one kommun.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"kommunkod": "2582", "population": 28048, "skrGroup": "B5"}))]
pub struct NewFact {
    /// The kommun.
    #[validate(nested)]
    pub kommunkod: Kommunkod,
    /// Inhabitants.
    #[schema(minimum = 1, maximum = 100_000_000)]
    pub population: i32,
    /// SKR kommungrupp by the classification of `skrGroupYear`; left out, that of the year before stays, with its year.
    #[serde(default)]
    pub skr_group: Option<SkrGroup>,
}

impl NewRegisterYear {
    /// One kommun instead of all, so that the example can be read.
    pub(super) fn example() -> Value {
        json!({
            "year": 2020,
            "populationOn": "2020-12-31",
            "source": "SCB, folkmängd 31 december 2020.",
            "kommuner": [{"kommunkod": "2582", "population": 28048}],
            "dryRun": true,
        })
    }

    /// The day whose population it is; none for a year without days.
    pub fn day(&self) -> Option<Day> {
        self.population_on.or_else(|| Day::new(self.year, 12, 31))
    }
}

/// A correction of the newest register year, complete.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = RegisterYearCorrection::example)]
pub struct RegisterYearCorrection {
    /// The day of the year whose population it is; left out, 31 December. It is not in the future.
    #[serde(default)]
    pub population_on: Option<Day>,
    /// Where the facts come from.
    #[validate(nested)]
    pub source: Text<1000>,
    /// The year of SKR's classification, if any kommun has an `skrGroup` here.
    #[serde(default)]
    #[schema(minimum = 2000, maximum = 2100)]
    pub skr_group_year: Option<i32>,
    /// Every kommun of the register, once.
    #[schema(value_type = Vec<NewFact>, min_items = 1, max_items = 290)]
    #[validate(nested)]
    pub kommuner: Vec<Lenient<NewFact>>,
}

impl RegisterYearCorrection {
    fn example() -> Value {
        json!({
            "populationOn": "2020-12-31",
            "source": "SCB, folkmängd 31 december 2020, rättad.",
            "kommuner": [{"kommunkod": "2582", "population": 28048}],
        })
    }

    /// The year as it would be added now.
    pub fn into_new(self, year: i32) -> NewRegisterYear {
        let Self { population_on, source, skr_group_year, kommuner } = self;
        NewRegisterYear { year, population_on, source, skr_group_year, kommuner, dry_run: false }
    }
}
