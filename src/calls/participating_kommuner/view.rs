//! A kommun that takes part, as everybody sees it.

use serde_json::{Value, json};

use super::ParticipatingKommun;
use super::store::PlaceGiven;
use crate::calls::applications::ApplicationState;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::reference::Register;
use crate::reference::kommuner::{KommunRow, SizeBand, SkrGroup};
use crate::reference::lan::Nuts2;

impl ParticipatingKommun {
    pub(super) fn new(ctx: &Context, programme_id: Id, kommun: KommunRow, place: &PlaceGiven) -> Self {
        let links = links(ctx, programme_id, &kommun.kommunkod);
        let KommunRow { kommunkod, name, lan_code, lan_name, nuts2, size_band, skr_group, .. } = kommun;
        Self {
            id: Register::Kommuner.id_of(&kommunkod),
            kommunkod,
            name,
            lan_code,
            lan_name,
            nuts2,
            size_band,
            skr_group,
            status: place.status,
            selected_at: place.selected_at,
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
            size_band: SizeBand::From25kTo50k,
            skr_group: SkrGroup::B5,
            status: ApplicationState::Participating,
            selected_at: Some(ctx.now),
            links: links(&ctx, ctx.new_id(), "2582"),
        })
    }
}

fn links(ctx: &Context, programme_id: Id, kommunkod: &str) -> Vec<Link> {
    let path = format!("/programmes/{programme_id}/participating-kommuner?kommunkod={kommunkod}");
    vec![
        Link::to_self(ctx, path),
        Link::new(ctx, "GET", "kommun", format_args!("/kommuner/{kommunkod}")),
        Link::new(ctx, "GET", "programme", format_args!("/programmes/{programme_id}")),
    ]
}
