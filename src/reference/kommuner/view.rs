//! A kommun as everybody sees it.

use serde_json::{Value, json};

use super::store::KommunRow;
use super::{Kommun, SizeBand, SkrGroup};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::reference::identity::Register;
use crate::reference::lan::Nuts2;

impl Kommun {
    pub(super) fn new(ctx: &Context, row: KommunRow) -> Self {
        let links = vec![Link::to_self(ctx, format_args!("/kommuner/{}", row.kommunkod))];
        let KommunRow { kommunkod, name, lan_code, lan_name, nuts2, population, population_year, .. } = row;
        Self {
            id: Register::Kommuner.id_of(&kommunkod),
            kommunkod,
            name,
            lan_code,
            lan_name,
            nuts2,
            population,
            population_year,
            size_band: row.size_band,
            skr_group: row.skr_group,
            skr_group_year: row.skr_group_year,
            latitude: row.latitude,
            longitude: row.longitude,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        json!(Self {
            id: Register::Kommuner.id_of("2582"),
            kommunkod: "2582".to_owned(),
            name: "Boden".to_owned(),
            lan_code: "25".to_owned(),
            lan_name: "Norrbottens län".to_owned(),
            nuts2: Nuts2::Se33,
            population: 28_080,
            population_year: 2019,
            size_band: SizeBand::From25kTo50k,
            skr_group: SkrGroup::B5,
            skr_group_year: 2023,
            latitude: 66.0618,
            longitude: 21.3421,
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
            links: vec![Link::to_self(&ctx, "/kommuner/2582")],
        })
    }
}
