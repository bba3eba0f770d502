//! `/employments`: list, get, register, change. There is no DELETE: an employment ends with its last day.

use actix_web::{get, patch, post};

use super::requests::{EmploymentPatch, NewEmployment};
use super::store::{self, EmploymentList, EmploymentRow};
use super::view::Related;
use super::{Employment, commands};
use crate::identity::policy::{EmploymentManage, EmploymentRead};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;

/// List employments
///
/// Medarbetarnas anställningar i de team som du får läsa, och dina egna. De som gäller en viss dag: `validFromTo` och
/// `validToFrom` den dagen.
///
/// The participants' employments in the teams that you may read, and your own. To find those that are valid on a day, set
/// `validFromTo` and `validToFrom` to that day.
#[utoipa::path(
    tag = "team",
    operation_id = "listEmployments",
    params(EmploymentList),
    security(("bearer" = ["employment.read"])),
    responses((status = 200, description = "A page of employments", body = Listing<Employment>)),
)]
#[get("/employments")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<EmploymentRead>, EmploymentList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        let related = Related::of(rx, &rows.rows, list.0.has_links())?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(Employment::new(ctx, row, &related)))
    });
    answer.await
}

/// Get an employment
///
/// En anställning: arbetsgivare, omfattning och lönegrupp.
///
/// An employment: employer, share of full time and job category.
#[utoipa::path(
    tag = "team",
    operation_id = "getEmployment",
    security(("bearer" = ["employment.read"])),
    responses((status = 200, description = "The employment", body = Employment)),
)]
#[get("/employments/{employmentId}")]
async fn get(
    InOrder((_permit, employment)): InOrder<(Permit<EmploymentRead>, Show<EmploymentRow>)>,
) -> Answer {
    employment.into_answer()
}

/// Register an employment
///
/// Registrerar en medarbetares anställning, som börjar och slutar vilken dag som helst. En som följer på en annan anger sitt
/// anställningsbeslut (`decisionReference`), och avslutar den öppna hos samma arbetsgivare dagen före. Lönegruppen i den
/// anställning som gäller först i en månad gäller hela månaden. Tid som skulle bli utan anställning nämns i ett 409
/// (`timeWithoutEmployment`). Ingen registrerar sin egen.
///
/// Registers a participant's employment, which begins and ends on any day. One that follows another names its employment
/// decision (`decisionReference`), and ends the open one at the same employer on the day before. The job category of the first
/// employment that is held in a month holds for the whole month. Time that would be left without an employment is told in a
/// 409 (`timeWithoutEmployment`). Nobody registers their own.
#[utoipa::path(
    tag = "team",
    operation_id = "createEmployment",
    request_body = NewEmployment,
    security(("bearer" = ["employment.manage"])),
    extensions(("x-problem-codes" = json!(["notFound", "notYours", "ownWork", "stateConflict", "alreadyExists"]))),
    responses((status = 201, description = "The new employment", body = Employment)),
)]
#[post("/employments")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<EmploymentManage>, Body<NewEmployment>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let row = commands::create(tx, new.clone())?;
            tx.answer_created(row)
        })
        .await
}

/// Change an employment
///
/// Sista dag, omfattning, beslut och annan offentlig finansiering. Arbetsgivare och lönegrupp ändras genom en ny
/// anställning. Tid som skulle bli utan anställning nämns i ett 409 (`timeWithoutEmployment`). Ingen ändrar sin egen.
///
/// Last day, share of full time, decision and other public funding can be changed. A new employer or job category requires a
/// new employment. Time that would be left without an employment is told in a 409 (`timeWithoutEmployment`). Nobody changes
/// their own.
#[utoipa::path(
    tag = "team",
    operation_id = "updateEmployment",
    request_body = EmploymentPatch,
    security(("bearer" = ["employment.manage"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "stateConflict", "alreadyExists"]))),
    responses((status = 200, description = "The changed employment", body = Employment)),
)]
#[patch("/employments/{employmentId}")]
async fn update(
    InOrder((permit, employment, body)): InOrder<(
        Permit<EmploymentManage>,
        Found<EmploymentRow>,
        Body<EmploymentPatch>,
    )>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    permit
        .write(move |tx| {
            let after = commands::change(tx, &employment, patch.clone())?;
            tx.answer(after)
        })
        .await
}

/// The operations on employments.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(update);
}
