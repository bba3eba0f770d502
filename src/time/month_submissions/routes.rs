//! `/month-submissions`: list, get, submit.

use actix_web::{get, post};

use super::requests::NewSubmission;
use super::store::{self, SubmissionList, SubmissionRow};
use super::view::Related;
use super::{MonthSubmission, commands};
use crate::identity::policy::{MonthSubmissionCreate, MonthSubmissionRead};
use crate::platform::auth::found::Show;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;

/// List month submissions
///
/// Månadsinlämningar: koordinatorns i den egna kommunen, SKR:s och revisorns alla i programmet.
///
/// A coordinator sees the submissions of the own kommun; SKR and the auditor see all of the programme.
#[utoipa::path(
    tag = "time",
    operation_id = "listMonthSubmissions",
    params(SubmissionList),
    security(("bearer" = ["monthSubmission.read"])),
    responses((status = 200, description = "A page of month submissions", body = Listing<MonthSubmission>)),
)]
#[get("/month-submissions")]
async fn list(
    InOrder((permit, list)): InOrder<(Permit<MonthSubmissionRead>, SubmissionList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        let related = Related::of(rx, &rows.rows)?;
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(MonthSubmission::new(ctx, row, &related)))
    });
    answer.await
}

/// Get a month submission
///
/// En inlämning med sina rapporter, och de som saknades när den gjordes. En rapport som har återsänts sedan dess står
/// kvar i listan; rapportens egen `submissionId` säger var den hör hemma nu.
///
/// A submission with its reports, and those who were missing when it was made. A report that was returned later stays in the
/// list; the report's own `submissionId` tells which submission it belongs to now.
#[utoipa::path(
    tag = "time",
    operation_id = "getMonthSubmission",
    security(("bearer" = ["monthSubmission.read"])),
    responses((status = 200, description = "The month submission", body = MonthSubmission)),
)]
#[get("/month-submissions/{monthSubmissionId}")]
async fn get(
    InOrder((_permit, submission)): InOrder<(Permit<MonthSubmissionRead>, Show<SubmissionRow>)>,
) -> Answer {
    submission.into_answer()
}

/// Submit a month
///
/// Koordinatorn lämnar in kommunens månad, projektledaren projektägarens: alla attesterade rapporter (undertecknade, där
/// ingen attest krävs) blir `reported`. Svaret säger vilka som saknas; deras rapporter kommer med en senare inlämning.
/// Den som har förklarat månaden tom saknas inte. Tidigast på månadens sista dag: en inlämnad rapport tar inte emot mer tid.
///
/// The coordinator submits the kommun's month, the programme manager the owner's: every attested report (or signed report,
/// where no attest is required) becomes `reported`. The answer lists who is missing; their reports come with a later
/// submission. Somebody who has declared the month empty is not missing. A month is submitted on its last day at the
/// earliest: a submitted report takes no more time.
#[utoipa::path(
    tag = "time",
    operation_id = "createMonthSubmission",
    request_body = NewSubmission,
    security(("bearer" = ["monthSubmission.create"])),
    extensions(("x-problem-codes" = json!(["notFound", "notYours", "stateConflict", "nothingToSubmit"]))),
    responses((status = 201, description = "The new month submission", body = MonthSubmission)),
)]
#[post("/month-submissions")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<MonthSubmissionCreate>, Body<NewSubmission>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let row = commands::create(tx, new.clone())?;
            tx.answer_created(row)
        })
        .await
}

/// The operations on month submissions.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get);
}
