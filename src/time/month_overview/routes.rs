//! `/programmes/{programmeId}/months/{month}/overview`.

use actix_web::{get, web};

use super::query::OverviewQuery;
use super::{MonthOverview, view};
use crate::identity::policy::MonthOverviewRead;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::problem::Problem;

/// Get the overview of a month
///
/// Vem som har vad i månaden, vad som saknas och vad anroparen får göra. Koordinatorn ser den egna kommunen person för
/// person; SKR och revisorn ser summor per kommun, och personerna i den kommun de frågar efter; en processtödjare och en
/// läsare i kommunen ser bara summor för sina kommuner.
///
/// Who has what in the month, what is missing and what the caller may do. A coordinator sees each person of the own kommun; SKR
/// and the auditor see sums per kommun, and the persons of the kommun that they request; a process supporter and a kommun's
/// reader see only the sums of their kommuner.
#[utoipa::path(
    tag = "time",
    operation_id = "getMonthOverview",
    params(OverviewQuery),
    security(("bearer" = ["monthOverview.read"])),
    responses((status = 200, description = "The overview", body = MonthOverview)),
)]
#[get("/programmes/{programmeId}/months/{month}/overview")]
async fn overview(
    InOrder((permit, query)): InOrder<(Permit<MonthOverviewRead>, OverviewQuery)>,
    path: web::Path<(String, String)>,
) -> Result<Answer, Problem> {
    let (programme_id, month) = path.into_inner();
    let programme_id: Id = programme_id.parse().map_err(|_| Problem::not_found())?;
    let month: Month = month.parse().map_err(|_| Problem::not_found())?;
    permit.read(move |rx| Ok(Answer::json(&view::overview(rx, programme_id, month, &query)?)?.tagged())).await
}

/// The operation on overviews.
pub fn routes(cfg: &mut Operations) {
    cfg.service(overview);
}
