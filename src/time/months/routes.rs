//! `/programmes/{programmeId}/months`: list, get, and the changes of status. Those are written out here, because the path names
//! a month by its programme and its calendar month.

use actix_web::{get, post};

use super::requests::MonthChangeData;
use super::store::{self, MonthList, MonthRow};
use super::{MonthState, ProgrammeMonth};
use crate::identity::policy::{MonthLock, MonthRead};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::batch::{Batch, BatchResult};
use crate::platform::http::body::{Body, validated};
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::moment::Month;
use crate::platform::problem::Problem;
use crate::platform::workflow::http::{ChangeItem, ChangeRequest, StatusHistory};
use crate::platform::workflow::status_changes::ChangeStatus as _;
use crate::platform::workflow::{self, Wanted};
use crate::programmes::programme::ProgrammeRow;

type ChangeBody = ChangeRequest<MonthState, MonthChangeData>;
type ChangeBatch = Batch<ChangeItem<MonthState, MonthChangeData>>;

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
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(ProgrammeMonth::new(rx.ctx, row)))
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
    params(("month" = Month, Path, description = "Månaden, YYYY-MM / the month, YYYY-MM")),
    security(("bearer" = ["month.read"])),
    responses((status = 200, description = "The month", body = ProgrammeMonth)),
)]
#[get("/programmes/{programmeId}/months/{month}")]
async fn get(
    InOrder((_permit, _programme, month)): InOrder<(Permit<MonthRead>, Found<ProgrammeRow>, Show<MonthRow>)>,
) -> Answer {
    month.into_answer()
}

/// List a month's status changes
///
/// Alla byten av tillstånd, det äldsta först.
///
/// Every change of state, oldest first.
#[utoipa::path(
    tag = "months",
    operation_id = "listMonthStatusChanges",
    params(("month" = Month, Path, description = "Månaden, YYYY-MM / the month, YYYY-MM")),
    security(("bearer" = ["month.read"])),
    responses((status = 200, description = "The history", body = StatusHistory)),
)]
#[get("/programmes/{programmeId}/months/{month}/status-changes")]
async fn history(
    InOrder((permit, _programme, month)): InOrder<(Permit<MonthRead>, Found<ProgrammeRow>, Found<MonthRow>)>,
) -> Result<Answer, Problem> {
    permit
        .read(move |rx| {
            let changes = workflow::history(rx, month.id)?;
            Ok(Answer::json(&StatusHistory::new(rx.ctx, &[], changes))?.tagged())
        })
        .await
}

/// Lock a month
///
/// Ekonomen låser en stängd månad när varje rapport är godkänd, tom eller ej undertecknad, eller står i `data.missing` med
/// skäl. De godkända rapporterna blir låsta, och rollen för dem som slutade den månaden upphör. Övriga steg tar klockan.
///
/// The economist locks a closed month when every report is approved, empty or unsigned, or its participant is listed in
/// `data.missing` with a reason. The approved reports become locked, and the roles of those who left in that month end. The
/// clock takes the other steps.
#[utoipa::path(
    tag = "months",
    operation_id = "changeMonthStatus",
    params(("month" = Month, Path, description = "Månaden, YYYY-MM / the month, YYYY-MM")),
    request_body(content = ChangeBody, example = json!({"to": "locked"})),
    security(("bearer" = ["month.lock"])),
    extensions(("x-problem-codes" = json!(["notYours", "transitionNotAllowed", "stateConflict"]))),
    responses((status = 200, description = "The month in its new state", body = ProgrammeMonth)),
)]
#[post("/programmes/{programmeId}/months/{month}/status-changes")]
async fn change(
    InOrder((permit, _programme, month, body)): InOrder<(
        Permit<MonthLock>,
        Found<ProgrammeRow>,
        Found<MonthRow>,
        Body<ChangeBody>,
    )>,
) -> Result<Answer, Problem> {
    let wanted = Wanted::from(body.into_inner());
    permit
        .write(move |tx| {
            let after = MonthRow::change_status(tx, &month, &wanted)?;
            tx.answer(after)
        })
        .await
}

/// Lock many months
///
/// Flera byten i ett anrop, vart och ett för sig eller alla tillsammans (`atomic`); `dryRun` provar bara.
///
/// Several changes in one request, each alone or all together (`atomic`); `dryRun` only tries.
#[utoipa::path(
    tag = "months",
    operation_id = "changeMonthStatusBatch",
    request_body(content = ChangeBatch, example = json!({"atomic": true, "items": [{"id": "0175a2e1-7c00-7000-8000-000000000001", "to": "locked"}]})),
    security(("bearer" = ["month.lock"])),
    responses((status = 200, description = "One result per item", body = BatchResult)),
)]
#[post("/programmes/{programmeId}/months/status-changes/batch")]
async fn change_batch(
    InOrder((permit, programme, body)): InOrder<(Permit<MonthLock>, Found<ProgrammeRow>, Body<ChangeBatch>)>,
) -> Result<Answer, Problem> {
    let items = body.into_inner();
    permit
        .write(move |tx| {
            items.run(tx, |tx, item| {
                let month: MonthRow = tx.visible(item.id)?;
                if month.programme_id != programme.id {
                    return Err(Problem::not_found());
                }
                let wanted = Wanted::from(item);
                validated(&wanted)?;
                Ok((200, MonthRow::change_status(tx, &month, &wanted)?.id))
            })
        })
        .await
}

/// The operations on months.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(change_batch).service(get).service(history).service(change);
}
