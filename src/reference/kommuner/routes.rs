//! `GET /kommuner`, `GET /kommuner/{kommunkod}`.

use std::str::FromStr;

use actix_web::get;
use serde_json::{Value, json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, KommunList, KommunRow};
use super::{Kommun, SizeBand};
use crate::identity::policy::RegisterRead;
use crate::platform::auth::found::{Found, Resource};
use crate::platform::auth::permit::{Action as _, ActionRow, Permit};
use crate::platform::auth::scope::{Keys, Scope};
use crate::platform::context::Context;
use crate::platform::db::Rx;
use crate::platform::http::answer::{Answer, Link, PUBLIC_HOUR};
use crate::platform::http::language::Words;
use crate::platform::http::list::Listing;
use crate::platform::http::problem::Problem;

impl Kommun {
    fn new(ctx: &Context, row: KommunRow) -> Self {
        let links = vec![Link::to_self(ctx, &format!("/kommuner/{}", row.kommunkod))];
        let KommunRow { kommunkod, name, lan_code, lan_name, nuts2, population, population_year, .. } = row;
        Self {
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
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        json!(Self {
            kommunkod: "2582".to_owned(),
            name: "Boden".to_owned(),
            lan_code: "25".to_owned(),
            lan_name: "Norrbottens län".to_owned(),
            nuts2: "SE33".to_owned(),
            population: 28_042,
            population_year: 2019,
            size_band: SizeBand::From25kTo50k,
            skr_group: "C6".to_owned(),
            skr_group_year: 2023,
            latitude: 66.0823,
            longitude: 21.4302,
            version: 1,
            links: Vec::new(),
        })
    }
}

/// What names a kommun in an address: four digits.
pub struct Kommunkod(String);

impl FromStr for Kommunkod {
    type Err = Words;

    fn from_str(text: &str) -> Result<Self, Words> {
        let is_four_digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        let code = is_four_digits.then(|| Self(text.to_owned()));
        code.ok_or(Words::fixed("inte fyra siffror", "not four digits"))
    }
}

impl Resource for KommunRow {
    type Key = Kommunkod;
    const PARAMETER: &'static str = "kommunkod";
    const READ: &'static ActionRow = RegisterRead::ROW;

    fn find(rx: &mut Rx<'_>, _: &Scope, key: &Kommunkod) -> Result<Option<Self>, Problem> {
        store::find(rx.db, &key.0)
    }

    fn keys(&self) -> Keys {
        Keys { kommunkod: Some(self.kommunkod.clone()), ..Keys::default() }
    }
}

/// List kommuner
///
/// Alla 290 kommuner med län, NUTS 2, folkmängd och storleksklass samt SKR:s kommungrupp.
///
/// All 290 kommuner with län, NUTS 2, population and size band, and SKR's kommun group.
#[utoipa::path(
    tag = "reference",
    operation_id = "listKommuner",
    params(KommunList),
    security(("bearer" = ["register.read"])),
    responses((status = 200, description = "A page of kommuner", body = Listing<Kommun>)),
)]
#[get("/kommuner")]
async fn list(permit: Permit<RegisterRead>, list: KommunList) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, store::visible)?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(Kommun::new(rx.ctx, row)))
    });
    Ok(answer.await?.cached(PUBLIC_HOUR))
}

/// Get a kommun
///
/// En kommun ur registret, efter sin fyrsiffriga kommunkod.
///
/// One kommun of the register, by its four-digit code.
#[utoipa::path(
    tag = "reference",
    operation_id = "getKommun",
    params(("kommunkod" = String, Path, description = "Kommunkod, fyra siffror / four digits", example = "2582")),
    security(("bearer" = ["register.read"])),
    responses((status = 200, description = "The kommun", body = Kommun)),
)]
#[get("/kommuner/{kommunkod}")]
async fn get(permit: Permit<RegisterRead>, kommun: Found<KommunRow>) -> Result<Answer, Problem> {
    Ok(Answer::one(&Kommun::new(&permit.context(), kommun.0))?.cached(PUBLIC_HOUR))
}

/// The register's operations.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list).service(get);
}
