//! A register year as everybody sees it.

use serde_json::{Value, json};

use super::store::{self, RegisterYearRow};
use super::{RegisterFact, RegisterYear, rules};
use crate::identity::policy::RegisterYearManage;
use crate::platform::context::Context;
use crate::platform::http::answer::{Link, Representation};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::platform::workflow::Offer;
use crate::reference::kommuner::{KommunFacts, KommunNames, SizeBand, SkrGroup};

impl Representation for RegisterYear {
    fn version(&self) -> i32 {
        self.version
    }

    fn path(&self) -> String {
        format!("/register-years/{}", self.year)
    }
}

impl RegisterYear {
    /// One year, with its facts.
    pub fn show(rx: &mut Rx<'_>, row: RegisterYearRow) -> Result<Self, Problem> {
        let added = store::stored(rx.db)?;
        let is_newest = added.last().is_none_or(|newest| newest.year <= row.year);
        let replace =
            rx.ctx.may::<RegisterYearManage>(&row) && rules::check_correctable(&row, &added).is_ok();
        let path = format!("/register-years/{}", row.year);
        let offered = Offer { replace, ..Offer::default() }.links(rx.ctx, &path);
        let names = KommunNames::of(rx.db, row.facts.0.iter().map(|fact| fact.kommunkod.as_str()))?;
        let facts = row.facts.0.iter().map(|fact| RegisterFact::of(fact, &names)).collect();
        let mut shown = Self { kommuner: Some(facts), ..Self::new(rx.ctx, row, is_newest) };
        shown.links.extend(offered);
        Ok(shown)
    }

    /// One of the list, without its facts.
    pub(super) fn new(ctx: &Context, row: RegisterYearRow, is_newest: bool) -> Self {
        let links = vec![
            Link::to_self(ctx, format_args!("/register-years/{}", row.year)),
            Link::new(ctx, "GET", "kommuner", "/kommuner"),
        ];
        Self {
            id: row.id,
            year: row.year,
            population_on: row.population_on,
            skr_group_year: row.facts.0.iter().map(|fact| fact.skr_group_year).max().unwrap_or_default(),
            source: row.source,
            is_newest,
            kommuner: None,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let row = RegisterYearRow::example(&ctx);
        let boden = RegisterFact {
            kommunkod: "2582".to_owned(),
            name: "Boden".to_owned(),
            population: 28_080,
            size_band: SizeBand::of(28_080),
            skr_group: SkrGroup::B5,
            skr_group_year: 2023,
        };
        json!(Self { kommuner: Some(vec![boden]), ..Self::new(&ctx, row, true) })
    }
}

impl RegisterFact {
    fn of(fact: &KommunFacts, names: &KommunNames) -> Self {
        Self {
            kommunkod: fact.kommunkod.clone(),
            name: names.get(&fact.kommunkod).unwrap_or_default(),
            population: fact.population,
            size_band: SizeBand::of(fact.population),
            skr_group: fact.skr_group,
            skr_group_year: fact.skr_group_year,
        }
    }
}
