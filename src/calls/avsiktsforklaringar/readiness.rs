//! What a letter's next steps wait for: time, signers, and the decision on the places. Asked before a step, and for what is
//! offered.

use std::collections::HashMap;

use super::LetterState;
use super::rules;
use super::store::LetterRow;
use std::collections::BTreeSet;

use crate::calls::applications::{self, ApplicationRow};
use crate::identity::people;
use crate::identity::policy::Role;
use crate::identity::roles::{self, AssignmentRow};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};
use crate::platform::stored::Stored as _;
use crate::platform::tx::Rx;
use crate::programmes::programme::{self, ProgrammeRow};

/// When this application's letter must be received.
pub fn deadline_of(rx: &mut Rx<'_>, application: &ApplicationRow) -> Result<Instant, Problem> {
    let programme = programme::unscoped_by_id(rx.db, application.programme_id)?;
    Ok(applications::letter_deadline(application, &programme))
}

/// When this letter must be received: its own deadline, or a later one that the application got after the letter was begun.
pub fn latest_deadline(
    rx: &mut Rx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
) -> Result<Instant, Problem> {
    Ok(letter.deadline.max(deadline_of(rx, application)?))
}

/// The addresses of the people who apply for the kommun; none of them signs.
pub fn applicants(rx: &mut Rx<'_>, application: &ApplicationRow) -> Result<Vec<String>, Problem> {
    Ok(applicants_of(rx, &[application])?.remove(&application.id).unwrap_or_default())
}

/// The same for several applications, by application.
pub fn applicants_of(
    rx: &mut Rx<'_>,
    applications: &[&ApplicationRow],
) -> Result<HashMap<Id, Vec<String>>, Problem> {
    if applications.is_empty() {
        return Ok(HashMap::new());
    }
    let programmes = applications.iter().map(|row| row.programme_id).collect();
    let kommunkoder = applications.iter().map(|row| row.kommunkod.clone()).collect();
    let held = roles::unscoped_holders_in_kommuner(rx, Role::Applicant, &programmes, kommunkoder)?;
    let is_of = |held: &AssignmentRow, row: &ApplicationRow| {
        held.programme_id == Some(row.programme_id) && held.kommunkod.as_deref() == Some(&row.kommunkod)
    };
    let theirs: Vec<&AssignmentRow> =
        held.iter().filter(|held| applications.iter().any(|row| is_of(held, row))).collect();
    let people = people::unscoped_by_ids(rx.db, theirs.iter().map(|held| held.person_id).collect())?;
    let emails: HashMap<Id, String> = people.into_iter().map(|person| (person.id, person.email)).collect();
    let of_one = |row: &&ApplicationRow| {
        let holders = theirs.iter().filter(|held| is_of(held, row));
        let mut addresses: Vec<String> =
            holders.filter_map(|held| emails.get(&held.person_id).cloned()).collect();
        addresses.push(row.contact_email.to_lowercase());
        addresses.sort_unstable();
        addresses.dedup();
        (row.id, addresses)
    };
    Ok(applications.iter().map(of_one).collect())
}

/// 409 when the letter cannot be sent to the signers.
pub fn check_sending(
    rx: &mut Rx<'_>,
    letter: &LetterRow,
    application: &ApplicationRow,
) -> Result<(), Problem> {
    rules::check_may_be_written(application)?;
    let programme = programme::unscoped_by_id(rx.db, application.programme_id)?;
    let applicants = applicants(rx, application)?;
    check_sendable(letter, application, &programme, &applicants, rx.ctx.now)
}

/// Whether a draft can be sent to the signers now.
pub fn unscoped_is_sendable(rx: &mut Rx<'_>, letter_id: Id) -> Result<bool, Problem> {
    let Some(letter) = LetterRow::these(rx, &[letter_id])?.pop() else { return Ok(false) };
    let application = applications::unscoped_by_ids(rx.db, &[letter.application_id])?;
    let Some(application) = application.first() else { return Ok(false) };
    match check_sending(rx, &letter, application) {
        Err(problem) if problem.code.status() >= 500 => Err(problem),
        checked => Ok(checked.is_ok()),
    }
}

/// Like [`check_sending`], with what was loaded for it.
pub fn check_sendable(
    letter: &LetterRow,
    application: &ApplicationRow,
    programme: &ProgrammeRow,
    applicants: &[String],
    now: Instant,
) -> Result<(), Problem> {
    rules::check_may_be_written(application)?;
    let deadline = applications::letter_deadline(application, programme);
    if letter.deadline.max(deadline) <= now {
        return Err(Problem::new(Code::DeadlinePassed));
    }
    Code::StateConflict.refuse_any(rules::sending_faults(&letter.signers.0, applicants))
}

/// Whether the places are not given yet, and no selection is adopted, so that a received letter can still be changed.
pub fn is_before_decided(programme: &ProgrammeRow, application: &ApplicationRow, is_adopted: bool) -> bool {
    !is_adopted && rules::is_before_decided(programme.status) && rules::is_open(application.status)
}

/// Whether a selection is adopted in a programme: the letters that it rests on stand from then on.
pub fn is_adopted(rx: &mut Rx<'_>, programme: Id) -> Result<bool, Problem> {
    Ok(!applications::adopted(rx, &BTreeSet::from([programme]))?.is_empty())
}

/// 409 when the places are given or a selection is adopted: a received letter can no longer be changed then. The words are the same
/// whatever forbids it, because a kommun does not know a proposal before it is announced (guide §3).
pub fn check_before_decided(
    letter: &LetterRow,
    programme: &ProgrammeRow,
    application: &ApplicationRow,
    is_adopted: bool,
) -> Result<(), Problem> {
    if is_before_decided(programme, application, is_adopted) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict)
        .detail(
            "En mottagen avsiktsförklaring ligger till grund för urvalet och kan inte återsändas, återkallas, ändras eller \
             ersättas nu.",
            "The choice of kommuner rests on a received letter: it cannot be returned, revoked, changed or replaced now.",
        )
        .member("currentStatus", letter.status.as_str()))
}

/// 409 when text and signers can no longer be changed.
pub fn check_writable(
    letter: &LetterRow,
    programme: &ProgrammeRow,
    application: &ApplicationRow,
    is_adopted: bool,
) -> Result<(), Problem> {
    if letter.status == LetterState::Draft {
        return Ok(());
    }
    rules::WORKFLOW.automatic(letter.status, LetterState::Draft)?;
    rules::check_may_be_written(application)?;
    match letter.status {
        LetterState::Received => check_before_decided(letter, programme, application, is_adopted),
        _ => Ok(()),
    }
}
