//! The changes of state that a person asks for: sending, returning, declining, revoking and reopening a letter, and
//! registering a letter on paper.

use super::locked_application;
use super::receipt::{check_before_decided, replace_older, tell_received};
use crate::calls::applications::{self, ApplicationRow};
use crate::calls::avsiktsforklaringar::readiness::{check_sending, latest_deadline};
use crate::calls::avsiktsforklaringar::requests::LetterChangeData;
use crate::calls::avsiktsforklaringar::store::LetterRow;
use crate::calls::avsiktsforklaringar::{LetterState, mails, rules};
use crate::identity::people;
use crate::identity::policy::Role;
use crate::identity::roles::{self, SignerRole};
use crate::identity::signatures::{self, SignatureMethod, SignatureRow, Subject};
use crate::platform::audit::Audited as _;
use crate::platform::change::Changed;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::platform::workflow::status_changes::ChangeStatus;
use crate::platform::workflow::{Step, Wanted, incomplete};
use crate::programmes::programme::ProgrammeRow;
use crate::programmes::settings;

impl ChangeStatus for LetterRow {
    type Data = LetterChangeData;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<LetterState, LetterChangeData>,
    ) -> Result<Self, Problem> {
        if wanted.to == LetterState::Received {
            // The receipt may take a place: the programme is locked before the application, as everywhere.
            tx.locked::<ProgrammeRow>(seen.programme_id)?;
        }
        let application = locked_application(tx, seen.id)?;
        let Changed { before, after } =
            tx.step(seen.id, wanted, |tx, before: &Self, step| prepared(tx, before, &application, step))?;
        follow_up(tx, &before, &after, &application, wanted)?;
        Ok(after)
    }
}

/// The letter as the step leaves it, apart from its state; or the refusal.
fn prepared(
    tx: &mut Tx<'_>,
    before: &LetterRow,
    application: &ApplicationRow,
    step: &Step<'_, LetterState, LetterChangeData>,
) -> Result<LetterRow, Problem> {
    let mut after = before.clone();
    rules::check_data_expected(step.to, step.data)?;
    match step.to {
        LetterState::SentForSignature => check_sending(&mut tx.as_read(), before, application)?,
        LetterState::Received => {
            let data = step.data.ok_or_else(incomplete)?;
            after.received_at = Some(checked_paper(tx, before, application, data, step.comment)?);
            replace_older(tx, &after, application)?;
        }
        LetterState::Returned | LetterState::Revoked => {
            if before.status == LetterState::Received {
                check_before_decided(tx, before, application)?;
            }
            after.received_at = None;
        }
        LetterState::Draft => rules::check_may_be_written(application)?,
        _ => {}
    }
    Ok(after)
}

/// What follows from the step: invitations, signatures, mails, and the application's own step.
fn follow_up(
    tx: &mut Tx<'_>,
    before: &LetterRow,
    after: &LetterRow,
    application: &ApplicationRow,
    wanted: &Wanted<LetterState, LetterChangeData>,
) -> Result<(), Problem> {
    let comment = wanted.comment.as_deref();
    match after.status {
        LetterState::SentForSignature => invite_signers(tx, after)?,
        LetterState::Received => {
            if let Some(data) = &wanted.data {
                keep_paper(tx, after, data)?;
            }
            tell_received(tx, after)?;
        }
        LetterState::Returned => {
            signatures::void_all(tx, &[Subject::of(after)])?;
            mails::returned(tx, after, application, comment)?;
        }
        LetterState::Declined => {
            signatures::void_all(tx, &[Subject::of(after)])?;
            mails::declined(tx, after, application, own_role(tx, after), comment)?;
        }
        LetterState::Draft => signatures::void_all(tx, &[Subject::of(after)])?,
        _ => {}
    }
    let is_undone = before.status == LetterState::Received;
    if is_undone && matches!(after.status, LetterState::Returned | LetterState::Revoked) {
        applications::letter_invalidated(tx, after.application_id)?;
    }
    Ok(())
}

/// When a letter on paper counts as received; 422 or 409 when the registration is refused.
fn checked_paper(
    tx: &mut Tx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
    data: &LetterChangeData,
    comment: Option<&str>,
) -> Result<Instant, Problem> {
    let settings = settings::unscoped_on_day(tx.db, letter.programme_id, tx.ctx.today())?;
    let given = signatures::unscoped_on(tx.db, vec![letter.id])?;
    let beside: Vec<&SignatureRow> =
        rules::beside_paper(&given, letter.text_version, &data.signers).collect();
    Code::InvalidInput.refuse_any(rules::paper_faults(
        data.received_at,
        &data.signers,
        &beside,
        tx.ctx.now,
    ))?;
    let received_at = rules::complete_at(data.received_at, beside.into_iter());
    rules::check_lateness(received_at, latest_deadline(&mut tx.as_read(), letter, application)?, comment)?;
    rules::check_paper_accepted(&settings.content.0.accepted_methods.avsiktsforklaring)?;
    rules::check_may_be_written(application)?;
    Ok(received_at)
}

/// Stores who signed the paper. A signature that one of them gave with an account becomes void: the paper counts.
fn keep_paper(tx: &mut Tx<'_>, letter: &LetterRow, data: &LetterChangeData) -> Result<(), Problem> {
    let on = Subject::of(letter);
    for signer in &data.signers {
        signatures::void_role(tx, &on, signer.signer_role)?;
        let row = SignatureRow {
            id: tx.ctx.new_id(),
            subject_type: LetterRow::TYPE.to_owned(),
            subject_id: letter.id,
            subject_version: letter.text_version,
            signer_role: signer.signer_role,
            person_id: None,
            name: signer.name.to_string(),
            title: rules::title_on_paper(letter, signer),
            method: SignatureMethod::InkScan,
            sha256: letter.text_sha256.clone(),
            statement_version: rules::STATEMENT_VERSION.to_owned(),
            delegation_ref: signer.delegation_ref.clone().map(String::from),
            evidence_file_id: None,
            signed_at: signer.signed_on.start(),
            received_at: Some(data.received_at),
            is_void: false,
            checked_by: None,
        };
        signatures::insert(tx, &on, &row)?;
    }
    Ok(())
}

/// Invites both signers and asks them to sign. A person who was named before and no longer is loses the role.
fn invite_signers(tx: &mut Tx<'_>, letter: &LetterRow) -> Result<(), Problem> {
    let mut named: Vec<(Id, SignerRole)> = Vec::new();
    for signer in &letter.signers.0 {
        let why = mails::why_invited(tx, letter)?;
        let (person, _) = people::invited(tx, &signer.name, &signer.email, &why)?;
        named.push((person.id, signer.signer_role));
    }
    let (programme, kommun) = (letter.programme_id, letter.kommunkod.as_str());
    let today = tx.ctx.today();
    for held in roles::unscoped_holders(&mut tx.as_read(), Role::Signatory, programme, Some(kommun))? {
        let is_named = held.signer_role.is_some_and(|role| named.contains(&(held.person_id, role)));
        if held.subject_id == Some(letter.id) && !is_named {
            roles::end(tx, held, today.plus_days(-1))?;
        }
    }
    for (person_id, role) in named {
        let mut wanted = roles::Wanted::new(person_id, Role::Signatory, programme, Some(kommun), today);
        wanted.subject_id = Some(letter.id);
        wanted.signer_role = Some(role);
        roles::grant(tx, &wanted)?;
    }
    for signer in &letter.signers.0 {
        mails::please_sign(tx, letter, signer)?;
    }
    Ok(())
}

/// The capacity in which the caller was named to sign.
fn own_role(tx: &Tx<'_>, letter: &LetterRow) -> Option<SignerRole> {
    let held = tx.ctx.caller.assignments.iter().find(|held| held.subject_id == Some(letter.id));
    held.and_then(|held| held.signer_role.as_deref()).and_then(SignerRole::from_code)
}
