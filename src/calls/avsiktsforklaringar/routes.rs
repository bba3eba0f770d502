//! `/avsiktsforklaringar`: list, get, begin, change and delete a letter.

use actix_web::{delete, get, patch, post};

use super::requests::{LetterPatch, NewLetter};
use super::shown::Related;
use super::store::{self, LetterList, LetterRow};
use super::{Avsiktsforklaring, signatures, status_changes, writing};
use crate::identity::policy::{LetterCreate, LetterRead, LetterUpdate};
use crate::platform::auth::found::{Found, IntoRepresentation, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

impl IntoRepresentation for LetterRow {
    type As = Avsiktsforklaring;

    fn into_representation(self, rx: &mut Rx<'_>) -> Result<Avsiktsforklaring, Problem> {
        Avsiktsforklaring::new(rx, self)
    }
}

/// List letters
///
/// Avsiktsförklaringarna: programmets alla för projektledare, ekonom och revisor, den egna kommunens för den som ansöker
/// och för koordinatorn, den enda som man ska underteckna för en undertecknare.
///
/// The letters: the programme's for manager, economist and auditor, the own kommun's for applicant and coordinator, the one
/// to be signed for a signer.
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "listAvsiktsforklaringar",
    params(LetterList),
    security(("bearer" = ["avsiktsforklaring.read"])),
    responses((status = 200, description = "A page of letters", body = Listing<Avsiktsforklaring>)),
)]
#[get("/avsiktsforklaringar")]
async fn list(InOrder((permit, list)): InOrder<(Permit<LetterRead>, LetterList)>) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::visible(&rx.ctx.scope))?;
        let related = Related::of(rx, &rows.rows)?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(Avsiktsforklaring::shown(rx.ctx, row, &related)))
    });
    answer.await
}

/// Get a letter
///
/// En avsiktsförklaring med text, undertecknare och underskrifter. En underskrift anger `textSha256`.
///
/// A letter with its text, signers and signatures. A signature names `textSha256`.
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "getAvsiktsforklaring",
    params(("avsiktsforklaringId" = Id, Path, description = "Avsiktsförklaringens id / the letter's id")),
    security(("bearer" = ["avsiktsforklaring.read"])),
    responses((status = 200, description = "The letter", body = Avsiktsforklaring)),
)]
#[get("/avsiktsforklaringar/{avsiktsforklaringId}")]
async fn get(InOrder((_permit, letter)): InOrder<(Permit<LetterRead>, Show<LetterRow>)>) -> Answer {
    letter.into_answer()
}

/// Begin a letter
///
/// Ett utkast till en intresseanmälan som är inbjuden eller har kommit längre. Utan `text` föreslås en med erbjudandets
/// åtaganden och programmets tal. En ansökan har högst en avsiktsförklaring på väg. Projektledaren börjar en för ett papper
/// som ska registreras, när kommunen inte själv har gjort det.
///
/// A draft for an application that has been invited or has come further. Without `text` one with the offer's promises and
/// the programme's numbers is proposed. An application has at most one letter under way. The programme manager begins one
/// for a paper that is to be registered, when the kommun has not done so itself.
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "createAvsiktsforklaring",
    request_body = NewLetter,
    security(("bearer" = ["avsiktsforklaring.create"])),
    extensions(("x-problem-codes" = json!(["notYours", "notFound", "stateConflict", "alreadyExists"]))),
    responses((status = 201, description = "The new letter", body = Avsiktsforklaring)),
)]
#[post("/avsiktsforklaringar")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<LetterCreate>, Body<NewLetter>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let row = writing::begin(tx, new.clone())?;
            Answer::created(tx.ctx, &Avsiktsforklaring::new(&mut tx.as_read(), row)?)
        })
        .await
}

/// Change a letter
///
/// Text och undertecknare. Varje ändring höjer `textVersion`, gör givna underskrifter ogiltiga och leder tillbaka till
/// `draft`. En mottagen ändras bara före beslutet om platserna, och tar då ansökan med sig tillbaka.
///
/// Text and signers. Every change raises `textVersion`, makes given signatures void and leads back to `draft`. A received
/// letter changes only before the decision on the places, and takes its application back with it.
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "updateAvsiktsforklaring",
    params(("avsiktsforklaringId" = Id, Path, description = "Avsiktsförklaringens id / the letter's id")),
    request_body = LetterPatch,
    security(("bearer" = ["avsiktsforklaring.update"])),
    extensions(("x-problem-codes" = json!(["notYours", "transitionNotAllowed", "stateConflict", "alreadyExists"]))),
    responses((status = 200, description = "The changed letter", body = Avsiktsforklaring)),
)]
#[patch("/avsiktsforklaringar/{avsiktsforklaringId}")]
async fn update(
    InOrder((permit, letter, body)): InOrder<(Permit<LetterUpdate>, Found<LetterRow>, Body<LetterPatch>)>,
) -> Result<Answer, Problem> {
    let patch = body.into_inner();
    permit
        .write(move |tx| {
            let after = writing::change(tx, letter.id, patch.clone())?;
            Answer::one(&Avsiktsforklaring::new(&mut tx.as_read(), after)?)
        })
        .await
}

/// Delete a draft
///
/// Bara ett utkast som aldrig har skickats; annat har ett sluttillstånd och finns kvar.
///
/// Only a draft that was never sent; anything else has an end state and stays.
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "deleteAvsiktsforklaring",
    params(("avsiktsforklaringId" = Id, Path, description = "Avsiktsförklaringens id / the letter's id")),
    security(("bearer" = ["avsiktsforklaring.update"])),
    extensions(("x-problem-codes" = json!(["notYours", "stateConflict"]))),
    responses((status = 204, description = "Deleted")),
)]
#[delete("/avsiktsforklaringar/{avsiktsforklaringId}")]
async fn delete(
    InOrder((permit, letter)): InOrder<(Permit<LetterUpdate>, Found<LetterRow>)>,
) -> Result<Answer, Problem> {
    permit
        .write(move |tx| {
            writing::delete(tx, letter.id)?;
            Ok(Answer::no_content())
        })
        .await
}

/// The operations on letters.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create);
    status_changes::routes(cfg);
    cfg.service(get).service(update).service(delete);
    signatures::routes(cfg);
}
