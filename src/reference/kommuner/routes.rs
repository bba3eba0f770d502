//! `GET /kommuner`, `GET /kommuner/{kommunkod}`.

use std::str::FromStr;

use actix_web::get;
use serde_json::{Value, json};

use super::store::{self, KommunList, KommunRow};
use super::{Kommun, SizeBand, SkrGroup};
use crate::identity::policy::RegisterRead;
use crate::platform::auth::action::{Action as _, ActionRow};
use crate::platform::auth::found::{Found, Resource};
use crate::platform::auth::permit::Permit;
use crate::platform::auth::scope::{AuthzKeys, Scope};
use crate::platform::auth::scoped::Scoped;
use crate::platform::context::Context;
use crate::platform::db::Db;
use crate::platform::http::answer::{Answer, Link, PUBLIC_HOUR};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::text::ParseError;
use crate::platform::tx::Rx;
use crate::reference::identity::Register;
use crate::reference::lan::Nuts2;

impl Kommun {
    fn new(ctx: &Context, row: KommunRow) -> Self {
        let links = vec![Link::to_self(ctx, &format!("/kommuner/{}", row.kommunkod))];
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
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 1,
            links: vec![Link::to_self(&ctx, "/kommuner/2582")],
        })
    }
}

/// What names a kommun in an address: its four digits, or its identity.
pub struct Kommunkod(String);

impl FromStr for Kommunkod {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let code = Register::Kommuner.code_of(text, 4);
        let is_four_digits = code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit());
        is_four_digits.then_some(Self(code)).ok_or(ParseError::fixed("inte fyra siffror", "not four digits"))
    }
}

impl Scoped for KommunRow {
    fn keys(&self) -> AuthzKeys {
        AuthzKeys { kommunkod: Some(self.kommunkod.clone()), ..AuthzKeys::default() }
    }

    fn find(db: &mut Db, _: &Scope, id: Id) -> Result<Option<Self>, Problem> {
        store::find(db, &Register::Kommuner.code_of(&id.to_string(), 4))
    }
}

impl Resource for KommunRow {
    type Key = Kommunkod;
    const PATH: &'static str = "/kommuner/{kommunkod}";
    const READ: &'static ActionRow = RegisterRead::ROW;

    fn key<'p>(parameter: impl Fn(&str) -> Option<&'p str>) -> Option<Kommunkod> {
        parameter("kommunkod")?.parse().ok()
    }

    fn find_by_key(rx: &mut Rx<'_>, _: &Scope, key: &Kommunkod) -> Result<Option<Self>, Problem> {
        store::find(rx.db, &key.0)
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
async fn list(
    InOrder((permit, list)): InOrder<(Permit<RegisterRead>, KommunList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, store::visible)?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(Kommun::new(rx.ctx, row)))
    });
    Ok(answer.await?.cached(PUBLIC_HOUR))
}

/// Get a kommun
///
/// En kommun ur registret, efter sin fyrsiffriga kommunkod eller sitt id.
///
/// One kommun of the register, by its four-digit code or its id.
#[utoipa::path(
    tag = "reference",
    operation_id = "getKommun",
    params(("kommunkod" = String, Path, description = "Kommunkod, fyra siffror, eller id / four digits, or the id", example = "2582")),
    security(("bearer" = ["register.read"])),
    responses((status = 200, description = "The kommun", body = Kommun)),
)]
#[get("/kommuner/{kommunkod}")]
async fn get(
    InOrder((permit, kommun)): InOrder<(Permit<RegisterRead>, Found<KommunRow>)>,
) -> Result<Answer, Problem> {
    Ok(Answer::one(&Kommun::new(&permit.context(), kommun.0))?.cached(PUBLIC_HOUR))
}

/// The register's operations.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(get);
}
