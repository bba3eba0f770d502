//! `/programmes/{programmeId}/months`: list, get, and the changes of status.

use actix_web::get;
use serde_json::json;

use super::ProgrammeMonth;
use super::store::{self, MonthList, MonthRow};
use super::view::Related;
use crate::identity::policy::{MonthLock, MonthRead};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::status_changes::StatusChangeDocs;
use crate::programmes::programme::ProgrammeRow;

/// List a programme's months
///
/// De månader som har börjat, med tillstånd och till när de tar emot tid.
///
/// The months that have begun, with their state and when they stop taking time.
#[utoipa::path(
    tag = "months",
    operation_id = "listMonths",
    params(MonthList),
    security(("bearer" = ["month.read"])),
    responses((status = 200, description = "A page of months", body = Listing<ProgrammeMonth>)),
)]
#[get("/programmes/{programmeId}/months")]
async fn list(
    InOrder((permit, programme, list)): InOrder<(Permit<MonthRead>, Found<ProgrammeRow>, MonthList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::unscoped_within(programme.id))?;
        let related = Related::of(rx, &rows.rows)?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(ProgrammeMonth::new(ctx, row, &related)))
    });
    answer.await
}

/// Get a month
///
/// En månad. Vilka låsningen gick utan (`missing`) visas för SKR och revisorn.
///
/// One month. SKR and the auditor also see the participants whose reports were not waited for (`missing`).
#[utoipa::path(
    tag = "months",
    operation_id = "getMonth",
    security(("bearer" = ["month.read"])),
    responses((status = 200, description = "The month", body = ProgrammeMonth)),
)]
#[get("/programmes/{programmeId}/months/{month}")]
async fn get(
    InOrder((_permit, _programme, month)): InOrder<(Permit<MonthRead>, Found<ProgrammeRow>, Show<MonthRow>)>,
) -> Answer {
    month.into_answer()
}

/// The texts of its status changes in OpenAPI.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "months",
    many: "months",
    steps: Localized::fixed(
        "Ekonomen låser en stängd månad (`locked`) när varje rapport är godkänd, tom eller ej undertecknad, eller står i \
         `data.missing` med skäl. De godkända rapporterna blir låsta, och rollen för dem som slutade den månaden upphör. \
         Övriga steg tar klockan.",
        "The economist locks a closed month (`locked`) when every report is approved, empty or unsigned, or its \
         participant is listed in `data.missing` with a reason. The approved reports become locked, and the roles of those \
         who left in that month end. The clock takes the other steps.",
    ),
    problems: &[Code::StateConflict],
    example: || json!({"to": "locked"}),
};

/// The operations on months.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(get);
    cfg.status_changes::<MonthRow, MonthRead, MonthLock>(&STATUS_CHANGES);
}
