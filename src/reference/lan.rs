//! Län with their NUTS 2 areas. A small resource: one file.

use actix_web::get;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::identity::policy::RegisterRead;
use crate::platform::auth::permit::Permit;
use crate::platform::db::MultiBackend;
use crate::platform::db::schema::lan;
use crate::platform::http::answer::{Answer, PUBLIC_HOUR};
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::http::problem::Problem;

/// A län.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = lan)]
#[serde(rename_all = "camelCase")]
#[schema(example = Lan::example)]
pub struct Lan {
    /// SCB's two digits, as text.
    pub lan_code: String,
    /// "Norrbottens län".
    pub name: String,
    /// NUTS 2 area: "SE33".
    pub nuts2: String,
    /// "Övre Norrland".
    pub nuts2_name: String,
    /// Number of kommuner.
    pub kommun_count: i32,
    #[serde(skip)]
    #[schema(ignore)]
    sort_name: String,
    /// Raised when the register facts are updated.
    pub version: i32,
}

impl Lan {
    fn example() -> Value {
        json!(Self {
            lan_code: "25".to_owned(),
            name: "Norrbottens län".to_owned(),
            nuts2: "SE33".to_owned(),
            nuts2_name: "Övre Norrland".to_owned(),
            kommun_count: 14,
            sort_name: String::new(),
            version: 1,
        })
    }
}

crate::list! {
    /// `GET /lan`.
    pub struct LanList: lan as Lan, shown as Lan, by lan_code: String, default "lanCode" {
        lanCode: lan_code => String [filter, sort];
        name: sort_name => String [sort];
        nuts2: nuts2 => String [filter];
    }
}

fn visible() -> lan::BoxedQuery<'static, MultiBackend> {
    lan::table.into_boxed()
}

/// List län
///
/// Sveriges 21 län med NUTS 2-område.
///
/// Sweden's 21 län with their NUTS 2 areas.
#[utoipa::path(
    tag = "reference",
    operation_id = "listLan",
    params(LanList),
    security(("bearer" = ["register.read"])),
    responses((status = 200, description = "A page of län", body = Listing<Lan>)),
)]
#[get("/lan")]
async fn list(permit: Permit<RegisterRead>, list: LanList) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, visible)?;
        Answer::list(rx.ctx, &list.0, rows, Ok)
    });
    Ok(answer.await?.cached(PUBLIC_HOUR))
}

/// The operations on län.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list);
}
