//! `/register-years`: list, get, add, correct.

use actix_web::{get, post, put};

use super::requests::{NewRegisterYear, RegisterYearCorrection};
use super::store::{self, RegisterYearRow};
use super::{RegisterYear, commands};
use crate::identity::policy::{RegisterRead, RegisterYearManage};
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::WholeList;
use crate::platform::http::operations::Operations;
use crate::platform::problem::Problem;

/// All register years.
pub type RegisterYears = WholeList<RegisterYear>;

/// List register years
///
/// Registeråren, det nyaste först, utan kommunernas uppgifter. `/kommuner` visar det nyaste.
///
/// The register years, the newest first, without the facts of the kommuner. `/kommuner` shows the newest one.
#[utoipa::path(
    tag = "reference",
    operation_id = "listRegisterYears",
    security(("bearer" = ["register.read"])),
    responses((status = 200, description = "All register years", body = RegisterYears)),
)]
#[get("/register-years")]
async fn list(permit: Permit<RegisterRead>) -> Result<Answer, Problem> {
    let answer = permit.read(|rx| {
        let years = store::all(rx.db)?;
        let newest = years.last().map(|row| row.year);
        let shown = years.into_iter().rev().map(|row| {
            let is_newest = Some(row.year) == newest;
            RegisterYear::new(rx.ctx, row, is_newest)
        });
        Ok(Answer::json(&RegisterYears::new(rx.ctx, &[], shown.collect()))?.tagged())
    });
    answer.await
}

/// Get a register year
///
/// Ett registerår med alla kommuners folkmängd, storleksklass och kommungrupp det året.
///
/// A register year with the population, size band and SKR group of every kommun in that year.
#[utoipa::path(
    tag = "reference",
    operation_id = "getRegisterYear",
    params(("year" = String, Path, description = "Året, fyra siffror / the year, four digits", example = "2019")),
    security(("bearer" = ["register.read"])),
    responses((status = 200, description = "The register year", body = RegisterYear)),
)]
#[get("/register-years/{year}")]
async fn get(InOrder((_permit, year)): InOrder<(Permit<RegisterRead>, Show<RegisterYearRow>)>) -> Answer {
    year.into_answer()
}

/// Add a register year
///
/// Lägger in ett nytt registerår med alla kommuners folkmängd och, om SKR har gjort en ny indelning, deras kommungrupp.
/// `/kommuner` visar det genast, med storleksklass efter den nya folkmängden. Vad som har räknats fram efter ett äldre år står
/// kvar. Med `dryRun` prövas allt och inget sparas (200).
///
/// Adds a new register year with the population of every kommun and, if SKR has made a new classification, its group.
/// `/kommuner` shows it at once, with size bands by the new population. What was computed by an older year stands. With
/// `dryRun` everything is checked and nothing is kept (200).
#[utoipa::path(
    tag = "reference",
    operation_id = "createRegisterYear",
    request_body = NewRegisterYear,
    security(("bearer" = ["registerYear.manage"])),
    extensions(("x-problem-codes" = json!(["alreadyExists", "stateConflict"]))),
    responses(
        (status = 200, description = "What the register year would be (`dryRun`)", body = RegisterYear),
        (status = 201, description = "The new register year", body = RegisterYear),
    ),
)]
#[post("/register-years")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<RegisterYearManage>, Body<NewRegisterYear>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let row = commands::add(tx, &new)?;
            let shown = RegisterYear::show(&mut tx.as_read(), row)?;
            if new.dry_run { Answer::one(&shown) } else { Answer::created(tx.ctx, &shown) }
        })
        .await
}

/// Correct a register year
///
/// Ersätter uppgifterna i det nyaste registeråret, om något i dem var fel. `/kommuner` visar dem genast. Vad som redan har räknats
/// fram står kvar med det som det räknades fram med.
///
/// Replaces the facts of the newest register year, if something in them was wrong. `/kommuner` shows them at once. What has been
/// computed already keeps what it was computed by.
#[utoipa::path(
    tag = "reference",
    operation_id = "replaceRegisterYear",
    params(("year" = String, Path, description = "Året, fyra siffror / the year, four digits", example = "2020")),
    request_body = RegisterYearCorrection,
    security(("bearer" = ["registerYear.manage"])),
    extensions(("x-problem-codes" = json!(["stateConflict"]))),
    responses((status = 200, description = "The corrected register year", body = RegisterYear)),
)]
#[put("/register-years/{year}")]
async fn replace(
    InOrder((permit, year, body)): InOrder<(
        Permit<RegisterYearManage>,
        Found<RegisterYearRow>,
        Body<RegisterYearCorrection>,
    )>,
) -> Result<Answer, Problem> {
    let correction = body.into_inner();
    permit
        .write(move |tx| {
            let after = commands::correct(tx, &year, correction.clone())?;
            tx.answer(after)
        })
        .await
}

/// The operations on register years.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create).service(get).service(replace);
}
