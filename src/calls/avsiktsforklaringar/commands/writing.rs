//! Writing a letter: it is begun, changed, or deleted as a draft. A change voids every signature, because another text was
//! signed.

use super::locked_application;
use crate::calls::applications::{self, ApplicationRow};
use crate::calls::avsiktsforklaringar::readiness::{applicants, check_writable, deadline_of, is_adopted};
use crate::calls::avsiktsforklaringar::requests::{LetterPatch, NewLetter};
use crate::calls::avsiktsforklaringar::store::LetterRow;
use crate::calls::avsiktsforklaringar::{LetterState, Signer, rules, text};
use crate::identity::people;
use crate::identity::policy::LetterCreate;
use crate::identity::signatures::{self, Subject};
use crate::platform::db::sql::Json;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::problem::{Code, Problem};
use crate::platform::relations::Thing;
use crate::platform::tx::Tx;
use crate::programmes::{programme, settings};
use crate::reference::kommuner;

/// Begins a letter for an application that has been invited. The applicant begins it, or the manager for a letter on
/// paper.
pub fn create(tx: &mut Tx<'_>, new: NewLetter) -> Result<LetterRow, Problem> {
    let NewLetter { application_id, text, signers } = new;
    let named: ApplicationRow = tx.visible(application_id)?;
    tx.ctx.check_reach::<LetterCreate>(&named)?;
    tx.check_not_own_case::<LetterCreate>(&Thing::of(&named))?;
    let application = tx.locked::<ApplicationRow>(application_id)?;
    let signers = signers.unwrap_or_default();
    check_signers(tx, &application, &signers)?;
    check_not_signer(tx, &signers)?;
    rules::check_may_be_written(&application)?;
    let deadline = deadline_of(&mut tx.as_read(), &application)?;
    applications::check_in_time_for_letter(deadline, &tx.ctx.scope.roles_for(&named), tx.ctx.now)?;
    let text = match text {
        Some(text) => text.into(),
        None => proposed_text(tx, &application)?,
    };
    let row = LetterRow {
        id: tx.ctx.new_id(),
        programme_id: application.programme_id,
        kommunkod: application.kommunkod.clone(),
        application_id,
        status: LetterState::Draft,
        text_sha256: sha256_hex(&text),
        text,
        text_version: 1,
        deadline,
        received_at: None,
        signers: Json(signers),
        created_at: tx.ctx.written,
        updated_at: tx.ctx.written,
        version: 1,
    };
    tx.insert(&row)?;
    Ok(row)
}

/// Changes the text or the signers. All signatures become void and the letter is a draft again. When it was received, its
/// application is no longer qualified.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: LetterPatch) -> Result<LetterRow, Problem> {
    let application = locked_application(tx, id)?;
    let (before, after) = tx.judged(id, None, |tx, before: &LetterRow| {
        if let Some(signers) = patch.signers.value() {
            check_signers(tx, &application, signers)?;
        }
        let programme = programme::unscoped_by_id(tx.db, before.programme_id)?;
        let is_adopted = is_adopted(&mut tx.as_read(), programme.id)?;
        check_writable(before, &programme, &application, is_adopted)?;
        let mut after = patch.apply(before.clone());
        if (&after.text, &after.signers) == (&before.text, &before.signers) {
            return Ok(None);
        }
        after.text_sha256 = sha256_hex(&after.text);
        after.text_version += 1;
        after.received_at = None;
        Ok(Some(after))
    })?;
    let Some(after) = after else { return Ok(before) };
    if before.status == LetterState::Draft {
        return tx.update("changed", &before, after);
    }
    let after = tx.automatic(&before, after, LetterState::Draft, None)?;
    signatures::void_all(tx, &[Subject::of(&after)])?;
    if before.status == LetterState::Received {
        applications::letter_invalidated(tx, application.id)?;
    }
    Ok(after)
}

/// Deletes a draft that was never sent to the signers.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<(), Problem> {
    tx.delete(id, |tx, row: &LetterRow| {
        if rules::is_unsent(row, tx.status_history(id)?.len()) {
            return Ok(());
        }
        Err(Problem::new(Code::StateConflict)
            .detail(
                "Bara ett utkast som aldrig har skickats kan tas bort.",
                "Only a draft that has never been sent can be deleted.",
            )
            .member("currentStatus", row.status.as_str()))
    })?;
    Ok(())
}

/// 403 when the caller names themself as a signer: nobody writes on another's behalf what they sign themselves.
fn check_not_signer(tx: &mut Tx<'_>, signers: &[Signer]) -> Result<(), Problem> {
    let Some(caller) = tx.ctx.caller.person_id() else { return Ok(()) };
    let email = people::unscoped_by_id(tx.db, caller)?.email;
    if signers.iter().all(|signer| signer.email.to_lowercase() != email) {
        return Ok(());
    }
    Err(Problem::new(Code::OwnWork).detail(
        "Ingen skriver en avsiktsförklaring som de själva ska underteckna.",
        "Nobody writes a letter that they are to sign themselves.",
    ))
}

fn check_signers(tx: &mut Tx<'_>, application: &ApplicationRow, signers: &[Signer]) -> Result<(), Problem> {
    let applicants = applicants(&mut tx.as_read(), application)?;
    Code::InvalidInput.refuse_any(rules::signer_faults(signers, &applicants))
}

fn proposed_text(tx: &mut Tx<'_>, application: &ApplicationRow) -> Result<String, Problem> {
    let programme = programme::unscoped_by_id(tx.db, application.programme_id)?;
    let settings = settings::unscoped_on_day(tx.db, programme.id, programme.starts_on)?;
    let kommun = kommuner::name_of(tx.db, &application.kommunkod)?;
    Ok(text::proposed(&kommun, &programme, &settings.content.0))
}
