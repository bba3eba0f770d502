//! `/avsiktsforklaringar/{id}/signatures`: who has signed, and signing with one's own account.

use actix_web::{get, post};

use super::requests::NewSignature;
use super::rules::{self, WORKFLOW};
use super::store::{self, LetterRow, SignatureList};
use super::{LetterState, path, receiving, writing};
use crate::calls::applications::ApplicationRow;
use crate::identity::people;
use crate::identity::policy::{LetterRead, LetterSign, Role};
use crate::identity::roles::{self, SignerRole};
use crate::identity::signatures::{self, Signature, SignatureRow, Subject};
use crate::platform::audit::Audited as _;
use crate::platform::auth::found::Found;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::Answer;
use crate::platform::http::body::Body;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::list::Listing;
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::programmes::settings;

/// List a letter's signatures
///
/// Alla underskrifter, också de som en senare ändring har gjort ogiltiga (`isVoid`).
///
/// Every signature, also those that a later change has made void (`isVoid`).
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "listAvsiktsforklaringSignatures",
    params(("avsiktsforklaringId" = Id, Path, description = "Avsiktsförklaringens id / the letter's id"), SignatureList),
    security(("bearer" = ["avsiktsforklaring.read"])),
    responses((status = 200, description = "A page of signatures", body = Listing<Signature>)),
)]
#[get("/avsiktsforklaringar/{avsiktsforklaringId}/signatures")]
async fn list(
    InOrder((permit, letter, list)): InOrder<(Permit<LetterRead>, Found<LetterRow>, SignatureList)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let rows = list.load(rx.db, || store::signatures_on(letter.id))?;
        Answer::list(rx.ctx, &list.0, rows, |row| Ok(Signature::from(row)))
    });
    answer.await
}

/// Sign a letter
///
/// Undertecknar med eget konto i den roll som man är utsedd till. `sha256` är den `textSha256` som har lästs: en
/// underskrift gäller exakt den texten. Med den andra underskriften är avsiktsförklaringen mottagen. En ersättare anger
/// sin delegation i `delegationRef`. Ett papper registreras av projektledaren, med statusbytet till `received`.
///
/// Signs with one's own account in the role that one is named for. `sha256` is the `textSha256` that was read: a signature
/// covers exactly that text. With the second signature the letter is received. A deputy names the delegation in
/// `delegationRef`. Paper is registered by the programme manager, with the status change to `received`.
#[utoipa::path(
    tag = "avsiktsforklaringar",
    operation_id = "signAvsiktsforklaring",
    params(("avsiktsforklaringId" = Id, Path, description = "Avsiktsförklaringens id / the letter's id")),
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
            let signature = sign_one(tx, letter.id, new.clone())?;
            let mut answer = Answer::json(&Signature::from(signature))?;
            answer.status = 201;
            answer.location = Some(tx.ctx.href(&format!("{}/signatures", path(letter.id))));
            Ok(answer)
        })
        .await
}

/// 409 when this text, of this letter, cannot be signed by this person now.
fn check_signable(
    tx: &mut Tx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
    new: &NewSignature,
    (role, person_id): (SignerRole, Id),
    given: &[SignatureRow],
) -> Result<(), Problem> {
    check_text(letter, &new.sha256)?;
    if rules::has_signed(given, letter.text_version, role, person_id) {
        return Err(Problem::new(Code::AlreadySigned));
    }
    if !rules::is_signable(letter.status) {
        return Err(WORKFLOW.forbidden(letter.status, LetterState::PartlySigned, &[]));
    }
    writing::check_may_be_written(application)?;
    if letter.deadline.max(writing::deadline_of(tx, application)?) <= tx.ctx.now {
        return Err(Problem::new(Code::DeadlinePassed));
    }
    Ok(())
}

fn sign_one(tx: &mut Tx<'_>, id: Id, new: NewSignature) -> Result<SignatureRow, Problem> {
    let application = writing::locked_application(tx, id)?;
    let (letter, (person, role, given)) = tx.judged(id, None, |tx, letter: &LetterRow| {
        let (person_id, role) = signer(tx, letter)?;
        let person = people::by_id(tx.db, person_id)?;
        // Whoever has become the applicant since the letter was sent does not sign it.
        if writing::applicants(tx, &application)?.contains(&person.email) {
            return Err(Problem::new(Code::OwnWork));
        }
        let settings = settings::on_day(tx.db, letter.programme_id, tx.ctx.today())?;
        rules::check_method(new.method, &settings.content.0.accepted_methods.avsiktsforklaring)?;
        let given = signatures::on(tx.db, vec![id])?;
        check_signable(tx, letter, &application, &new, (role, person_id), &given)?;
        Ok((person, role, given))
    })?;
    let person_id = person.id;
    let signature = SignatureRow {
        id: tx.ctx.new_id(),
        subject_type: LetterRow::TYPE.to_owned(),
        subject_id: id,
        subject_version: letter.text_version,
        signer_role: role,
        person_id: Some(person_id),
        name: person.name,
        title: letter.signer(role).map(|signer| signer.title.clone()),
        method: new.method,
        sha256: new.sha256,
        statement_version: rules::STATEMENT_VERSION.to_owned(),
        delegation_ref: new.delegation_ref,
        evidence_file_id: None,
        signed_at: tx.ctx.now,
        received_at: None,
        is_void: false,
    };
    signatures::insert(tx, &Subject::of(&letter), &signature)?;
    move_on(tx, letter, &application, rules::completes(&given, signature.subject_version, role))?;
    Ok(signature)
}

/// The first signature makes it partly signed; the second signed, and received at once.
fn move_on(
    tx: &mut Tx<'_>,
    letter: LetterRow,
    application: &ApplicationRow,
    is_complete: bool,
) -> Result<(), Problem> {
    if !is_complete {
        tx.automatic(&letter, letter.clone(), LetterState::PartlySigned, None)?;
        return Ok(());
    }
    let signed = tx.automatic(&letter, letter.clone(), LetterState::Signed, None)?;
    let mut after = signed.clone();
    after.received_at = Some(tx.ctx.now);
    receiving::replace_older(tx, &after, application)?;
    let received = tx.automatic(&signed, after, LetterState::Received, None)?;
    receiving::tell(tx, &received)
}

/// In which capacity the caller signs, by the roles that hold now: those of the token may be some seconds old.
fn signer(tx: &mut Tx<'_>, letter: &LetterRow) -> Result<(Id, SignerRole), Problem> {
    let not_named = || {
        Problem::new(Code::NotYours).detail(
            "Bara den som är utsedd att underteckna denna avsiktsförklaring kan göra det.",
            "Only those who are named to sign this letter can do so.",
        )
    };
    let person_id = tx.ctx.caller.person_id().ok_or_else(not_named)?;
    let today = tx.ctx.today();
    let held = roles::of_person(tx.db, person_id)?.into_iter().find(|held| {
        held.role == Role::Signatory && held.subject_id == Some(letter.id) && held.holds_on(today)
    });
    let role = held.and_then(|held| held.signer_role).ok_or_else(not_named)?;
    Ok((person_id, role))
}

fn check_text(letter: &LetterRow, sha256: &str) -> Result<(), Problem> {
    if letter.text_sha256 == sha256 {
        return Ok(());
    }
    Err(Problem::new(Code::TextChanged)
        .detail(
            format!("Texten är nu version {} med sha256 {}.", letter.text_version, letter.text_sha256),
            format!("The text is now version {} with sha256 {}.", letter.text_version, letter.text_sha256),
        )
        .member("textSha256", letter.text_sha256.as_str())
        .member("textVersion", letter.text_version))
}

/// The operations on signatures.
pub fn routes(cfg: &mut Operations) {
    cfg.service(list).service(sign);
}
