//! Län with their NUTS 2 areas. The resource is small, so it is one file.

use actix_web::get;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::identity::policy::RegisterRead;
use crate::platform::auth::permit::Permit;
use crate::platform::context::Context;
use crate::platform::db::MultiBackend;
use crate::platform::http::answer::{Answer, Link, PUBLIC_HOUR};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::platform::problem::Problem;
use crate::reference::LanCode;
use crate::reference::identity::{LanId, Register};
use crate::schema::lan;

/// What län bring to the program.
pub const PART: Part = Part { routes, code_lists: &[Nuts2::LIST], ..Part::NONE };

crate::codes! {
    /// Sweden's NUTS 2 areas, as in Regulation (EC) 1059/2003.
    pub enum Nuts2 as "nuts2Areas" {
        /// Stockholms län.
        Se11 = "SE11", "Stockholm", "Stockholm";
        /// Uppsala, Södermanlands, Östergötlands, Örebro and Västmanlands län.
        Se12 = "SE12", "Östra Mellansverige", "East Middle Sweden";
        /// Jönköpings, Kronobergs, Kalmar and Gotlands län.
        Se21 = "SE21", "Småland med öarna", "Småland and the islands";
        /// Blekinge and Skåne län.
        Se22 = "SE22", "Sydsverige", "South Sweden";
        /// Hallands and Västra Götalands län.
        Se23 = "SE23", "Västsverige", "West Sweden";
        /// Värmlands, Dalarnas and Gävleborgs län.
        Se31 = "SE31", "Norra Mellansverige", "North Middle Sweden";
        /// Västernorrlands and Jämtlands län.
        Se32 = "SE32", "Mellersta Norrland", "Middle Norrland";
        /// Västerbottens and Norrbottens län.
        Se33 = "SE33", "Övre Norrland", "Upper Norrland";
    }
}

/// A län as stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = lan)]
pub struct LanRow {
    lan_code: String,
    name: String,
    nuts2: Nuts2,
    nuts2_name: String,
    kommun_count: i32,
    sort_name: String,
    version: i32,
    created_at: Instant,
    updated_at: Instant,
}

/// A län.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Lan::example)]
pub struct Lan {
    /// Identity.
    pub id: Id,
    /// SCB's two digits, as text.
    pub lan_code: String,
    /// "Norrbottens län".
    pub name: String,
    /// NUTS 2 area: "SE33".
    pub nuts2: Nuts2,
    /// "Övre Norrland".
    pub nuts2_name: String,
    /// Number of kommuner.
    pub kommun_count: i32,
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

impl Lan {
    fn new(ctx: &Context, row: LanRow) -> Self {
        let LanRow {
            lan_code, name, nuts2, nuts2_name, kommun_count, version, created_at, updated_at, ..
        } = row;
        let links = vec![
            Link::to_self(ctx, format_args!("/lan?lanCode={lan_code}")),
            Link::new(ctx, "GET", "kommuner", format_args!("/kommuner?lanCode={lan_code}")),
        ];
        Self {
            id: Register::Lan.id_of(&lan_code),
            lan_code,
            name,
            nuts2,
            nuts2_name,
            kommun_count,
            created_at,
            updated_at,
            version,
            links,
        }
    }

    fn example() -> Value {
        let ctx = Context::example();
        let row = LanRow {
            lan_code: "25".to_owned(),
            name: "Norrbottens län".to_owned(),
            nuts2: Nuts2::Se33,
            nuts2_name: "Övre Norrland".to_owned(),
            kommun_count: 14,
            sort_name: String::new(),
            version: 1,
            created_at: ctx.written,
            updated_at: ctx.written,
        };
        json!(Self::new(&ctx, row))
    }
}

crate::list! {
    /// `GET /lan`.
    pub struct LanList: lan as LanRow, shown as Lan, by lan_code: String, default "lanCode" {
        id: lan_code => LanId [filter];
        lanCode: lan_code => LanCode [filter, sort];
        name: sort_name => String [sort];
        nuts2: nuts2 => Nuts2 [filter];
        updatedAt: updated_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
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
async fn list(InOrder((permit, list)): InOrder<(Permit<RegisterRead>, LanList)>) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, visible)?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(Lan::new(ctx, row)))
    });
    Ok(answer.await?.cached(PUBLIC_HOUR))
}

/// The operations on län.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list);
}
