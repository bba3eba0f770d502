//! `/month-exceptions`: list, get, grant, and end earlier or later.

use actix_web::{get, patch, post};

use super::requests::{ExceptionPatch, NewException};
use super::store::{self, ExceptionList, ExceptionRow};
use super::view::Related;
use super::{MonthException, commands};
use crate::identity::policy::{MonthExceptionManage, MonthExceptionRead};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;

/// List month exceptions
///
/// Undantagen, även de som har gått ut.
///
/// The exceptions, also those that have expired.
#[utoipa::path(
    tag = "months",
    operation_id = "listMonthExceptions",
    params(ExceptionList),
    security(("bearer" = ["monthException.read"])),
    responses((status = 200, description = "A page of exceptions", body = Listing<MonthException>)),
)]
#[get("/month-exceptions")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<MonthExceptionRead>, ExceptionList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        let related = Related::of(rx, &rows.rows, list.0.has_links())?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(MonthException::new(ctx, row, &related)))
    });
    answer.await
}

/// Get a month exception
///
/// Ett undantag.
///
/// One exception.
#[utoipa::path(
    tag = "months",
    operation_id = "getMonthException",
    security(("bearer" = ["monthException.read"])),
    responses((status = 200, description = "The exception", body = MonthException)),
)]
#[get("/month-exceptions/{monthExceptionId}")]
async fn get(
    InOrder((_permit, exception)): InOrder<(Permit<MonthExceptionRead>, Show<ExceptionRow>)>,
) -> Answer {
    exception.into_answer()
}

/// Grant a month exception
///
/// Projektledaren låter en kommun eller en person fortsätta med en stängd eller låst månad till `expiresAt`. Varje gång
/// undantaget används står i granskningsspåret. Ingen beviljar ett för sig själv eller för kommunen vars team de är eller var
/// med i.
///
/// The programme manager lets a kommun or a person continue with a closed or locked month until `expiresAt`. Each use of the
/// exception is recorded in the audit trail. Nobody grants one for themself, or for the kommun to whose team they belong or
/// belonged.
#[utoipa::path(
    tag = "months",
    operation_id = "createMonthException",
    request_body = NewException,
    security(("bearer" = ["monthException.manage"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "notFound"]))),
    responses((status = 201, description = "The new exception", body = MonthException)),
)]
#[post("/month-exceptions")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<MonthExceptionManage>, Body<NewException>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let row = commands::create(tx, new.clone())?;
            tx.answer_created(row)
        })
        .await
}

/// Change a month exception
///
/// Låter undantaget gälla längre eller kortare; en tidpunkt som har passerat avslutar det genast.
///
/// Makes the exception end later or earlier; an instant that has passed ends it at once.
#[utoipa::path(
    tag = "months",
    operation_id = "updateMonthException",
    request_body = ExceptionPatch,
    security(("bearer" = ["monthException.manage"])),
    extensions(("x-problem-codes" = json!(["ownWork"]))),
    responses((status = 200, description = "The changed exception", body = MonthException)),
)]
#[patch("/month-exceptions/{monthExceptionId}")]
async fn update(
    InOrder((permit, exception, body)): InOrder<(
        Permit<MonthExceptionManage>,
        Found<ExceptionRow>,
        Body<ExceptionPatch>,
    )>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    permit
        .write(move |tx| {
            let after = commands::change(tx, exception.id, patch.clone())?;
            tx.answer(after)
        })
        .await
}

/// The operations on month exceptions.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update);
}
