//! What each step of a letter that a person asks for takes, changes and sets off.

use super::requests::LetterChangeData;
use super::rules;
use super::store::LetterRow;
use super::{LetterState, mails, receiving, writing};
use crate::calls::applications::{self, ApplicationRow};
use crate::identity::people;
use crate::identity::policy::{LetterSign, LetterUpdate, Role};
use crate::identity::roles::{self, SignerRole};
use crate::identity::signatures::{self, SignatureMethod, SignatureRow, Subject};
use crate::platform::audit::Audited as _;
use crate::platform::codes::Codes as _;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::workflow::Wanted;
use crate::programmes::settings;

/// What the step asks for, and the letter with what it changes besides the state.
pub fn prepared(
    tx: &mut Tx<'_>,
    before: &LetterRow,
    application: &ApplicationRow,
    wanted: &Wanted<LetterState, LetterChangeData>,
) -> Result<LetterRow, Problem> {
    let mut after = before.clone();
    let data = data_of(wanted)?;
    match wanted.to {
        LetterState::SentForSignature => may_be_sent(tx, before, application)?,
        LetterState::Received => {
            check_not_own(tx, before)?;
            let data = data.ok_or_else(data_missing)?;
            let received_at = checked_paper(tx, before, application, data, wanted.comment.as_deref())?;
            after.received_at = Some(received_at);
            receiving::replace_older(tx, &after, application)?;
        }
        LetterState::Returned | LetterState::Revoked => {
            if wanted.to == LetterState::Returned {
                check_not_own(tx, before)?;
            }
            if before.status == LetterState::Received {
                receiving::check_before_decided(tx, before, application)?;
            }
            after.received_at = None;
        }
        LetterState::Draft => writing::check_may_be_written(application)?,
        _ => {}
    }
    Ok(after)
}

/// What the step sets off.
pub fn follow(
    tx: &mut Tx<'_>,
    before: &LetterRow,
    after: &LetterRow,
    application: &ApplicationRow,
    wanted: &Wanted<LetterState, LetterChangeData>,
) -> Result<(), Problem> {
    let comment = wanted.comment.as_deref();
    match after.status {
        LetterState::SentForSignature => invite(tx, after)?,
        LetterState::Received => {
            if let Some(data) = &wanted.data {
                keep_paper(tx, after, data)?;
            }
            receiving::tell(tx, after)?;
        }
        LetterState::Returned => {
            signatures::void_all(tx, &Subject::of(after))?;
            mails::returned(tx, after, application, comment)?;
        }
        LetterState::Declined => {
            signatures::void_all(tx, &Subject::of(after))?;
            mails::declined(tx, after, application, own_role(tx, after), comment)?;
        }
        LetterState::Draft => signatures::void_all(tx, &Subject::of(after))?,
        _ => {}
    }
    let is_undone = before.status == LetterState::Received;
    if is_undone && matches!(after.status, LetterState::Returned | LetterState::Revoked) {
        applications::letter_undone(tx, after.application_id)?;
    }
    Ok(())
}

/// `data` belongs to the registration of paper and to no other step.
fn data_of(wanted: &Wanted<LetterState, LetterChangeData>) -> Result<Option<&LetterChangeData>, Problem> {
    if wanted.data.is_some() && wanted.to != LetterState::Received {
        let words =
            Localized::fixed("Tas bara med när to är received.", "Is taken only when to is received.");
        return Err(Problem::new(Code::InvalidInput).errors(vec![FieldError::new(
            "/data",
            "notAccepted",
            words,
        )]));
    }
    Ok(wanted.data.as_ref())
}

fn data_missing() -> Problem {
    let words = Localized::fixed(
        "receivedAt och signers behövs när ett papper registreras.",
        "receivedAt and signers are needed when paper is registered.",
    );
    Problem::new(Code::InvalidInput).errors(vec![FieldError::new("/data", "required", words)])
}

fn may_be_sent(tx: &mut Tx<'_>, letter: &LetterRow, application: &ApplicationRow) -> Result<(), Problem> {
    writing::check_may_be_written(application)?;
    if letter.deadline.max(writing::deadline_of(tx, application)?) <= tx.ctx.now {
        return Err(Problem::new(Code::DeadlinePassed));
    }
    let applicants = writing::applicants(tx, application)?;
    Code::StateConflict.refuse_any(rules::sending_faults(&letter.signers.0, &applicants))
}

/// Nobody receives or returns what they have written or signed themselves, whatever roles they hold.
fn check_not_own(tx: &Tx<'_>, letter: &LetterRow) -> Result<(), Problem> {
    let keys = letter.keys();
    if tx.ctx.may::<LetterUpdate>(&keys) || tx.ctx.may::<LetterSign>(&keys) {
        return Err(Problem::new(Code::OwnWork));
    }
    Ok(())
}

/// Checks what is registered; answers when the letter counts as received.
fn checked_paper(
    tx: &mut Tx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
    data: &LetterChangeData,
    comment: Option<&str>,
) -> Result<Instant, Problem> {
    let settings = settings::on_day(tx.db, letter.programme_id, tx.ctx.today())?;
    let given = signatures::on(tx.db, vec![letter.id])?;
    let beside: Vec<&SignatureRow> =
        rules::beside_paper(&given, letter.text_version, &data.signers).collect();
    Code::InvalidInput.refuse_any(rules::paper_faults(
        data.received_at,
        &data.signers,
        &beside,
        tx.ctx.now,
    ))?;
    let received_at = rules::complete_at(data.received_at, beside.into_iter());
    let deadline = letter.deadline.max(writing::deadline_of(tx, application)?);
    rules::check_lateness(received_at, deadline, comment)?;
    if !settings.content.0.accepted_methods.avsiktsforklaring.contains(&SignatureMethod::InkScan) {
        return Err(Problem::new(Code::StateConflict).detail(
            "Programmet godtar inte underskrifter på papper.",
            "The programme does not accept signatures on paper.",
        ));
    }
    writing::check_may_be_written(application)?;
    Ok(received_at)
}

/// Keeps who signed the paper. Whoever is on it and has signed with their account too has signed on the paper: the
/// other signature is kept as void.
fn keep_paper(tx: &mut Tx<'_>, letter: &LetterRow, data: &LetterChangeData) -> Result<(), Problem> {
    let on = Subject::of(letter);
    for signer in &data.signers {
        signatures::void_role(tx, &on, signer.signer_role)?;
        // A deputy does not get the title of the one they stand in for.
        let named = letter.signer(signer.signer_role);
        let named_title =
            named.filter(|named| rules::is_same_name(&named.name, &signer.name)).map(|named| &named.title);
        let row = SignatureRow {
            id: tx.ctx.new_id(),
            subject_type: LetterRow::TYPE.to_owned(),
            subject_id: letter.id,
            subject_version: letter.text_version,
            signer_role: signer.signer_role,
            person_id: None,
            name: signer.name.clone(),
            title: signer.title.as_ref().or(named_title).cloned(),
            method: SignatureMethod::InkScan,
            sha256: letter.text_sha256.clone(),
            statement_version: rules::STATEMENT_VERSION.to_owned(),
            delegation_ref: signer.delegation_ref.clone(),
            evidence_file_id: None,
            signed_at: signer.signed_on.start(),
            received_at: Some(data.received_at),
            is_void: false,
        };
        signatures::insert(tx, &on, &row)?;
    }
    Ok(())
}

/// Invites both signers and asks them to sign; who was named before and is no longer loses the role.
fn invite(tx: &mut Tx<'_>, letter: &LetterRow) -> Result<(), Problem> {
    let mut named: Vec<(Id, SignerRole)> = Vec::new();
    for signer in &letter.signers.0 {
        let why = mails::why_invited(tx, letter)?;
        let (person, _) = people::invited(tx, &signer.name, &signer.email, &why)?;
        named.push((person.id, signer.signer_role));
    }
    let (programme, kommun) = (letter.programme_id, letter.kommunkod.as_str());
    let today = tx.ctx.today();
    for held in roles::holders(&mut tx.as_read(), Role::Signatory, programme, Some(kommun))? {
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

/// In which capacity the caller was to sign.
fn own_role(tx: &Tx<'_>, letter: &LetterRow) -> Option<SignerRole> {
    let held = tx.ctx.caller.assignments.iter().find(|held| held.subject_id == Some(letter.id));
    held.and_then(|held| held.signer_role.as_deref()).and_then(SignerRole::from_code)
}
