//! Writing a letter: beginning one, changing it, deleting a draft. A change takes every signature back, because what was
//! signed is another text then.

use std::sync::Arc;

use super::requests::{LetterPatch, NewLetter};
use super::store::{self, LetterRow};
use super::{LetterState, Signer, receiving, rules, text};
use crate::calls::applications::{self, ApplicationRow};
use crate::identity::policy::{LetterCreate, Role};
use crate::identity::signatures::{self, Subject};
use crate::identity::{people, roles};
use crate::platform::auth::action::Action as _;
use crate::platform::auth::found::{covered, seen};
use crate::platform::auth::permit::PermitFacts;
use crate::platform::db::sql::Json;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;
use crate::platform::workflow;
use crate::programmes::{programme, settings};
use crate::reference::kommuner;

/// Begins a letter for an application that has been invited: the applicant's, or the manager's for one that comes on paper.
pub fn begin(tx: &mut Tx<'_>, new: NewLetter) -> Result<LetterRow, Problem> {
    let NewLetter { application_id, text, signers } = new;
    let named: ApplicationRow = seen(tx, &application_id)?;
    let facts = PermitFacts { row: LetterCreate::ROW, scope: Arc::clone(&tx.ctx.scope) };
    covered(&facts, &applications::keys(&named))?;
    let application = ApplicationRow::locked(tx, application_id)?;
    let signers = signers.unwrap_or_default();
    check_signers(tx, &application, &signers)?;
    check_may_be_written(&application)?;
    let text = match text {
        Some(text) => text,
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
        deadline: deadline_of(tx, &application)?,
        received_at: None,
        signers: Json(signers),
        created_at: tx.ctx.now,
        updated_at: tx.ctx.now,
        version: 1,
    };
    tx.insert(&row)?;
    Ok(row)
}

/// Changes the text or the signers. Until then given signatures are void, and the letter is a draft again; one that was
/// received takes its application back with it.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: LetterPatch) -> Result<LetterRow, Problem> {
    let application = locked_application(tx, id)?;
    let (before, after) = tx.judged(id, None, |tx, before: &LetterRow| {
        let LetterPatch { text, signers } = patch;
        if let Some(signers) = signers.value() {
            check_signers(tx, &application, signers)?;
        }
        let mut after = before.clone();
        text.apply(&mut after.text);
        signers.apply(&mut after.signers.0);
        if (&after.text, &after.signers) == (&before.text, &before.signers) {
            return Ok(None);
        }
        after.text_sha256 = sha256_hex(&after.text);
        after.text_version += 1;
        after.received_at = None;
        if before.status != LetterState::Draft {
            check_may_be_written(&application)?;
        }
        if before.status == LetterState::Received {
            receiving::check_before_decided(tx, before, &application)?;
        }
        Ok(Some(after))
    })?;
    let Some(after) = after else { return Ok(before) };
    if before.status == LetterState::Draft {
        return tx.update("changed", &before, after);
    }
    let after = tx.automatic(&before, after, LetterState::Draft, None)?;
    signatures::void_all(tx, &Subject::of(&after))?;
    if before.status == LetterState::Received {
        applications::letter_undone(tx, application.id)?;
    }
    Ok(after)
}

/// Deletes a draft that nobody else has been asked to sign.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<(), Problem> {
    tx.delete(id, |tx, row: &LetterRow| {
        if row.status == LetterState::Draft && workflow::history(&mut tx.as_read(), id)?.is_empty() {
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

/// The letter's application, locked before the letter so that all who change both do so in one order.
pub fn locked_application(tx: &mut Tx<'_>, letter_id: Id) -> Result<ApplicationRow, Problem> {
    let id = store::application_of(tx.db, letter_id)?;
    ApplicationRow::locked(tx, id)
}

/// When this application's letter must be received.
pub fn deadline_of(tx: &mut Tx<'_>, application: &ApplicationRow) -> Result<Instant, Problem> {
    let programme = programme::by_id(tx.db, application.programme_id)?;
    Ok(rules::deadline(programme.avsiktsforklaring_deadline, application.respond_by))
}

/// 409 when the application has not been invited yet, or has ended.
pub fn check_may_be_written(application: &ApplicationRow) -> Result<(), Problem> {
    if applications::letter_may_be_written(application.status) {
        return Ok(());
    }
    let status = application.status.as_str();
    Err(Problem::new(Code::StateConflict)
        .detail(
            format!("Intresseanmälan är i tillståndet {status}; avsiktsförklaringen hör till tiden från invited till beslutet."),
            format!("The application is {status}; the letter belongs to the time from invited to the decision."),
        )
        .member("currentStatus", status))
}

fn check_signers(tx: &mut Tx<'_>, application: &ApplicationRow, signers: &[Signer]) -> Result<(), Problem> {
    let applicants = applicants(tx, application)?;
    Code::InvalidInput.refuse_any(rules::signer_faults(signers, &applicants))
}

/// The addresses of those who apply for the kommun; none of them signs.
pub fn applicants(tx: &mut Tx<'_>, application: &ApplicationRow) -> Result<Vec<String>, Problem> {
    let (programme, kommun) = (application.programme_id, application.kommunkod.as_str());
    let mut addresses = vec![application.contact_email.to_lowercase()];
    for assignment in roles::holders(&mut tx.as_read(), Role::Applicant, programme, Some(kommun))? {
        addresses.push(people::by_id(tx.db, assignment.person_id)?.email);
    }
    addresses.sort_unstable();
    addresses.dedup();
    Ok(addresses)
}

fn proposed_text(tx: &mut Tx<'_>, application: &ApplicationRow) -> Result<String, Problem> {
    let programme = programme::by_id(tx.db, application.programme_id)?;
    let settings = settings::on_day(tx.db, programme.id, programme.starts_on)?;
    let kommun = kommuner::name_of(tx.db, &application.kommunkod)?;
    Ok(text::proposed(&kommun, &programme, &settings.content.0))
}
