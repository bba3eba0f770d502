//! Signing a letter with one's own account.

use super::locked_application;
use super::receipt::{replace_older, tell_received};
use crate::calls::applications::ApplicationRow;
use crate::calls::avsiktsforklaringar::LetterState;
use crate::calls::avsiktsforklaringar::readiness::{applicants, latest_deadline};
use crate::calls::avsiktsforklaringar::requests::NewSignature;
use crate::calls::avsiktsforklaringar::rules::{self, WORKFLOW};
use crate::calls::avsiktsforklaringar::store::LetterRow;
use crate::identity::people;
use crate::identity::policy::Role;
use crate::identity::roles::{self, SignerRole};
use crate::identity::signatures::{self, SignatureRow, Subject};
use crate::platform::audit::Audited as _;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::programmes::settings;

/// Signs the text that the request names. The second signature makes the letter received.
pub fn sign(tx: &mut Tx<'_>, id: Id, new: NewSignature) -> Result<SignatureRow, Problem> {
    let application = locked_application(tx, id)?;
    let (letter, (person, role, given)) = tx.judged(id, None, |tx, letter: &LetterRow| {
        let (person_id, role) = signer(tx, letter)?;
        let person = people::unscoped_by_id(tx.db, person_id)?;
        // A signer may have become the applicant after the letter was sent.
        if applicants(&mut tx.as_read(), &application)?.contains(&person.email) {
            return Err(Problem::new(Code::OwnWork));
        }
        let settings = settings::unscoped_on_day(tx.db, letter.programme_id, tx.ctx.today())?;
        rules::check_method(new.method, &settings.content.0.accepted_methods.avsiktsforklaring)?;
        let given = signatures::unscoped_on(tx.db, vec![id])?;
        check_signable(tx, letter, &application, &new, (role, person_id), &given)?;
        Ok((person, role, given))
    })?;
    let signature = SignatureRow {
        id: tx.ctx.new_id(),
        subject_type: LetterRow::TYPE.to_owned(),
        subject_id: id,
        subject_version: letter.text_version,
        signer_role: role,
        person_id: Some(person.id),
        name: person.settled_name(tx.ctx.now).to_owned(),
        title: letter.signer(role).map(|signer| signer.title.clone().into()),
        method: new.method,
        sha256: new.sha256.into(),
        statement_version: rules::STATEMENT_VERSION.to_owned(),
        delegation_ref: new.delegation_ref.map(String::from),
        evidence_file_id: None,
        signed_at: tx.ctx.now,
        received_at: None,
        is_void: false,
        checked_by: None,
    };
    signatures::insert(tx, &Subject::of(&letter), &signature)?;
    let is_complete = rules::completes(&given, signature.subject_version, role);
    move_on(tx, letter, &application, is_complete)?;
    Ok(signature)
}

/// The first signature makes the letter partly signed; the second makes it signed, and received at once.
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
    let after = LetterRow { received_at: Some(tx.ctx.now), ..signed.clone() };
    replace_older(tx, &after, application)?;
    let received = tx.automatic(&signed, after, LetterState::Received, None)?;
    tell_received(tx, &received)
}

/// The caller and the capacity in which they sign. The roles are read from the database, because the caller's roles may be
/// some seconds old.
fn signer(tx: &mut Tx<'_>, letter: &LetterRow) -> Result<(Id, SignerRole), Problem> {
    let not_named = || {
        Problem::new(Code::NotYours).detail(
            "Bara den som är utsedd att underteckna denna avsiktsförklaring kan göra det.",
            "Only a person who is named to sign this letter can do so.",
        )
    };
    let person_id = tx.ctx.caller.person_id().ok_or_else(not_named)?;
    let today = tx.ctx.today();
    let held = roles::unscoped_of_person(tx.db, person_id)?.into_iter().find(|held| {
        held.role == Role::Signatory && held.subject_id == Some(letter.id) && held.holds_on(today)
    });
    let role = held.and_then(|held| held.signer_role).ok_or_else(not_named)?;
    Ok((person_id, role))
}

/// 409 when this person cannot sign this text of this letter now.
fn check_signable(
    tx: &mut Tx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
    new: &NewSignature,
    (role, person_id): (SignerRole, Id),
    given: &[SignatureRow],
) -> Result<(), Problem> {
    rules::check_text(letter, &new.sha256)?;
    if rules::has_signed(given, letter.text_version, role, person_id) {
        return Err(Problem::new(Code::AlreadySigned));
    }
    if !rules::is_signable(letter.status) {
        return Err(WORKFLOW.not_allowed(letter.status, LetterState::PartlySigned, &[]));
    }
    rules::check_may_be_written(application)?;
    if latest_deadline(&mut tx.as_read(), letter, application)? <= tx.ctx.now {
        return Err(Problem::new(Code::DeadlinePassed));
    }
    Ok(())
}
