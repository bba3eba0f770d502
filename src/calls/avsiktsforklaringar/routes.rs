//! `/avsiktsforklaringar`: list, get, begin, change and delete a letter, its changes of state, and its signatures.

use actix_web::{delete, get, patch, post};

use super::requests::{LetterChangeData, LetterPatch, NewLetter, NewSignature};
use super::store::{self, LetterList, LetterRow, SignatureList};
use super::view::Related;
use super::{Avsiktsforklaring, commands, path};
use crate::identity::policy::{LetterChangeStatus, LetterCreate, LetterRead, LetterSign, LetterUpdate};
use crate::identity::signatures::Signature;
use crate::platform::auth::found::{Found, Show};
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::status_changes::{StatusChangeDocs, with_own_steps};

/// List letters
///
/// Avsiktsförklaringarna: programmets alla för projektledare, ekonom och revisor, den egna kommunens för den som ansöker
/// och för koordinatorn, den enda som man ska underteckna för en undertecknare.
///
/// The letters: for manager, economist and auditor those of the programme, for applicant and coordinator those of their
/// kommun, for a signer the one to sign.
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
        Answer::list(rx.ctx, &list.0, rows, |ctx, row| Ok(Avsiktsforklaring::new(ctx, row, &related)))
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
/// A draft for an application that is invited or has come further. Without `text`, a text with the offer's commitments and
/// the programme's numbers is proposed. An application has at most one letter under way. The programme manager begins a
/// letter for a paper to be registered when the kommun has not begun one itself.
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "createAvsiktsforklaring",
    request_body = NewLetter,
    security(("bearer" = ["avsiktsforklaring.create"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "notFound", "stateConflict", "alreadyExists", "deadlinePassed"]))),
    responses((status = 201, description = "The new letter", body = Avsiktsforklaring)),
)]
#[post("/avsiktsforklaringar")]
async fn create(
    InOrder((permit, body)): InOrder<(Permit<LetterCreate>, Body<NewLetter>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let row = commands::create(tx, new.clone())?;
            tx.answer_created(row)
        })
        .await
}

/// Change a letter
///
/// Text och undertecknare. Varje ändring höjer `textVersion`, gör givna underskrifter ogiltiga och leder tillbaka till
/// `draft`. En mottagen ändras bara före beslutet om platserna, och tar då ansökan med sig tillbaka.
///
/// Text and signers. Every change raises `textVersion`, makes the signatures void and leads back to `draft`. A received
/// letter can be changed only before the decision on the places, and its application is then no longer qualified.
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "updateAvsiktsforklaring",
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
            let after = commands::change(tx, letter.id, patch.clone())?;
            tx.answer(after)
        })
        .await
}

/// Delete a draft
///
/// Bara ett utkast som aldrig har skickats; annat har ett sluttillstånd och finns kvar.
///
/// Only a draft that was never sent. Other letters have an end state and are kept.
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "deleteAvsiktsforklaring",
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
            commands::delete(tx, letter.id)?;
            Ok(Answer::no_content())
        })
        .await
}

/// The texts of its status changes in OpenAPI.
static STATUS_CHANGES: StatusChangeDocs = StatusChangeDocs {
    tag: "avsiktsforklaringar",
    many: "avsiktsförklaringar",
    steps: Localized::fixed(
        "Den som ansöker skickar (`sentForSignature`, bjuder in båda undertecknarna), tar tillbaka en mottagen \
         (`revoked`) och öppnar en återsänd eller avböjd igen (`draft`). En undertecknare avböjer (`declined`, med \
         kommentar). Projektledaren återsänder (`returned`, med kommentar) och registrerar papper (`received`, med \
         `data`; kom det för sent krävs en kommentar). Underskrifter och klockan gör resten.",
        "The applicant sends the letter (`sentForSignature`, which invites both signers), takes a received one back \
         (`revoked`) and opens a returned or declined one again (`draft`). A signer declines (`declined`, with a \
         comment). The programme manager returns a letter (`returned`, with a comment) and registers paper \
         (`received`, with `data`, and with a comment if it came too late). Signatures and the clock make the other \
         steps.",
    ),
    problems: &[Code::DeadlinePassed],
    example: || LetterChangeData::request_example(),
};

/// List a letter's signatures
///
/// Alla underskrifter, också de som en senare ändring har gjort ogiltiga (`isVoid`).
///
/// All signatures, including those that a later change has made void (`isVoid`).
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "listAvsiktsforklaringSignatures",
    params(SignatureList),
    security(("bearer" = ["avsiktsforklaring.read"])),
    responses((status = 200, description = "A page of signatures", body = Listing<Signature>)),
)]
#[get("/avsiktsforklaringar/{avsiktsforklaringId}/signatures")]
async fn list_signatures(
    InOrder((permit, letter, page)): InOrder<(Permit<LetterRead>, Found<LetterRow>, SignatureList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = page.load(rx.db, || store::unscoped_signatures_on(letter.id))?;
        Answer::list(rx.ctx, &page.0, rows, |_, row| Ok(Signature::from(row)))
    });
    answer.await
}

/// Sign a letter
///
/// Undertecknar med eget konto i den roll som man är utsedd till. `sha256` är den `textSha256` som har lästs: en
/// underskrift gäller exakt den texten. Med den andra underskriften är avsiktsförklaringen mottagen. En ersättare anger
/// sin delegation i `delegationRef`. Ett papper registreras av projektledaren, med statusbytet till `received`.
///
/// Signs with the caller's own account, in the role that the caller is named for. `sha256` is the `textSha256` that was
/// read: a signature covers exactly that text. With the second signature the letter is received. A deputy names the
/// delegation in `delegationRef`. The programme manager registers paper, with the status change to `received`.
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "signAvsiktsforklaring",
    request_body = NewSignature,
    security(("bearer" = ["avsiktsforklaring.sign"])),
    extensions(("x-problem-codes" = json!(["notYours", "ownWork", "textChanged", "alreadySigned", "transitionNotAllowed", "stateConflict", "deadlinePassed"]))),
    responses((status = 201, description = "The signature", body = Signature)),
)]
#[post("/avsiktsforklaringar/{avsiktsforklaringId}/signatures")]
async fn sign(
    InOrder((permit, letter, body)): InOrder<(Permit<LetterSign>, Found<LetterRow>, Body<NewSignature>)>,
) -> Result<Answer, Problem> {
    let new = body.into_inner();
    permit
        .write(move |tx| {
            let signature = commands::sign(tx, letter.id, new.clone());
            let signature =
                signature.map_err(|problem| with_own_steps::<LetterRow>(tx, letter.id, problem))?;
            let mut answer = Answer::json(&Signature::from(signature))?;
            answer.status = 201;
            answer.location = Some(tx.ctx.href(format_args!("{}/signatures", path(letter.id))));
            Ok(answer)
        })
        .await
}

/// The operations on letters.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(create);
    cfg.status_changes::<LetterRow, LetterRead, LetterChangeStatus>(&STATUS_CHANGES);
    cfg.service(get).service(update).service(delete).service(list_signatures).service(sign);
}
