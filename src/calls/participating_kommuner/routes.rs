//! `GET /programmes/{programmeId}/participating-kommuner`.

use actix_web::get;

use super::ParticipatingKommun;
use super::store::{self, ParticipatingList};
use crate::identity::policy::ParticipatingRead;
use crate::platform::auth::found::Found;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;
use crate::programmes::programme::ProgrammeRow;

/// List the kommuner that take part
///
/// De kommuner som har plats i programmet, för alla och utan personuppgifter. Listan är tom tills platserna är beslutade
/// (`decided`), vad som än har föreslagits. En kommun som har tackat nej eller lämnat programmet finns inte med, och inte
/// heller kommunerna i ett inställt program.
///
/// The kommuner with a place in the programme, open to anyone and without personal data. The list is empty until the places are
/// given (`decided`), whatever has been proposed. A kommun that declined or left is not in it, and neither are those of
/// a cancelled programme.
#[utoipa::path(
    tag = "programmes",
    operation_id = "listParticipatingKommuner",
    params(ParticipatingList),
    security(("bearer" = ["participatingKommun.read"])),
    responses((status = 200, description = "A page of kommuner", body = Listing<ParticipatingKommun>)),
)]
#[get("/programmes/{programmeId}/participating-kommuner")]
async fn list(
    InOrder((permit, programme, list)): InOrder<(
        Permit<ParticipatingRead>,
        Found<ProgrammeRow>,
        ParticipatingList,
    )>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let places = store::unscoped_places(rx, &programme)?;
        let rows = list.load(rx.db, || store::unscoped_with(&places))?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| {
            let place = places.get(&row.kommunkod);
            let place = place.ok_or_else(|| Problem::internal("a kommun without its place"))?;
            Ok(ParticipatingKommun::new(ctx, programme.id, row, place))
        })
    });
    answer.await
}

/// The operation on the kommuner that take part.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list);
}
