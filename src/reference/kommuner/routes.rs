//! `GET /kommuner`, `GET /kommuner/{kommunkod}`.

use actix_web::get;

use super::Kommun;
use super::store::{self, KommunList, KommunRow};
use crate::identity::policy::RegisterRead;
use crate::platform::auth::found::Found;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::{Answer, PUBLIC_HOUR};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;

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
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(Kommun::new(ctx, row)))
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

/// The operations on kommuner.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(get);
}
