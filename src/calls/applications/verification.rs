//! Interest that anyone may express, and the proof of its address: a mailed link, used once, that makes the account,
//! gives the role applicant and moves the application (guide §3).

use std::sync::Arc;

use super::requests::{NewApplication, Verification};
use super::store::{self, ApplicationRow};
use super::{ApplicationState, LetterFacts, Note, mails, rules, steps};
use crate::identity::links::{self, For, Kind};
use crate::identity::people::{self, PersonRow, PersonState};
use crate::identity::policy::Role;
use crate::identity::roles;
use crate::platform::auth::caller::Subject;
use crate::platform::db::statements;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::stored::Stored as _;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, ProgrammeRow, SELECTION_STATES};
use crate::reference::kommuner;

/// The name of a kommun that somebody writes of; 422 when there is none with that code.
pub fn kommun_name(tx: &mut Tx<'_>, kommunkod: &str) -> Result<String, Problem> {
    let found = kommuner::find(tx.db, kommunkod)?.map(|kommun| kommun.name);
    found.ok_or_else(|| {
        let words =
            Localized::fixed("Finns inte i registret över kommuner.", "Is not in the register of kommuner.");
        Problem::new(Code::InvalidInput).errors(vec![FieldError::new("/kommunkod", "unknownKommun", words)])
    })
}

/// Takes in an interest: it waits for the proof of its address, whatever there is from the kommun already. Answers its
/// id and until when the link can be used.
pub fn express(tx: &mut Tx<'_>, programme_id: Id, new: NewApplication) -> Result<(Id, Instant), Problem> {
    let kommun = kommun_name(tx, &new.kommunkod)?;
    let programme = programme::by_id(tx.db, programme_id)?;
    rules::takes_interest(&programme, tx.ctx.now)?;
    let row = new.into_interest(tx.ctx, &programme, &kommun);
    tx.insert(&row)?;
    let until = send_link(tx, &programme, &row)?;
    Ok((row.id, until))
}

/// Sends new links for the unproved interest of an address, if there is any and none is on its way.
pub fn send_links(tx: &mut Tx<'_>, programme_id: Id, email: &str) -> Result<(), Problem> {
    if !links::lately(tx, Kind::Verification, &email.to_lowercase())?.may_ask(tx.ctx.now) {
        return Ok(());
    }
    let programme = programme::by_id(tx.db, programme_id)?;
    for row in store::unverified_of(tx.db, programme_id, email)? {
        send_link(tx, &programme, &row)?;
    }
    Ok(())
}

/// The link of an interest. An address that has had many gets none: whoever owns it asks for one later.
fn send_link(tx: &mut Tx<'_>, programme: &ProgrammeRow, row: &ApplicationRow) -> Result<Instant, Problem> {
    if links::lately(tx, Kind::Verification, &row.contact_email)?.is_flooded() {
        return Ok(Kind::Verification.ends(tx.ctx.now));
    }
    let target = For { person_id: None, subject_id: Some(row.id) };
    let (link, secret) = links::issue(tx, Kind::Verification, &row.contact_email, target)?;
    mails::verification(tx, programme, row, &secret, link.expires_at)?;
    Ok(link.expires_at)
}

/// Registers what came late or on another way: submitted at once, its contact invited (guide §3).
pub fn register(tx: &mut Tx<'_>, programme_id: Id, new: NewApplication) -> Result<ApplicationRow, Problem> {
    let kommun = kommun_name(tx, &new.kommunkod)?;
    let programme = programme::by_id(tx.db, programme_id)?;
    let mut row = new.into_registration(tx.ctx, &programme, &kommun)?;
    rules::programme_in(&programme, SELECTION_STATES)?;
    alone(tx, programme_id, &row.kommunkod)?;
    row.contact_person_id = Some(contact_person(tx, &programme, &row)?.id);
    tx.insert(&row)?;
    Ok(row)
}

/// The person at the contact's address, invited until they have an account, with the role applicant.
pub fn contact_person(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    row: &ApplicationRow,
) -> Result<PersonRow, Problem> {
    let why = mails::contact_words(tx, programme, &row.kommunkod)?;
    let with_funding = mails::with_funding(programme, &why);
    let (person, is_invited) = people::invited(tx, &row.contact_name, &row.contact_email, &with_funding)?;
    if !is_invited {
        mails::contact(tx, programme, &person.email, &why)?;
    }
    grant_applicant(tx, row, person.id)?;
    Ok(person)
}

/// Nobody who is to sign the kommun's letter becomes its contact.
pub fn check_contact(tx: &mut Tx<'_>, row: &ApplicationRow) -> Result<(), Problem> {
    let hooks = Arc::clone(&tx.ctx.hooks);
    for letters in hooks.of::<dyn LetterFacts>() {
        if letters.names(tx, row, &row.contact_email)? {
            let words = Localized::fixed(
                "Adressen är en undertecknares på den avsiktsförklaring som är på väg: den som ansöker undertecknar inte själv.",
                "The address is a signer's of the letter that is on its way: the applicant does not sign.",
            );
            let fault = FieldError::new("/contactEmail", "isSigner", words);
            return Err(Problem::new(Code::StateConflict).errors(vec![fault]));
        }
    }
    Ok(())
}

/// Makes whoever makes a kommun's interest live wait for the other: the second sees what the first did.
fn alone(tx: &mut Tx<'_>, programme_id: Id, kommunkod: &str) -> Result<(), Problem> {
    statements::lock_name(tx.db, &format!("application:{programme_id}:{kommunkod}"))
}

/// Uses the link. `hash` is that of the password in `proof`, made before the transaction.
pub fn verify(
    tx: &mut Tx<'_>,
    id: Id,
    proof: &Verification,
    hash: Option<&str>,
) -> Result<ApplicationRow, Problem> {
    let invalid = || Problem::new(Code::LinkInvalid);
    let link = links::consume(tx, Kind::Verification, &proof.token)?;
    let seen = store::unscoped(tx.db, id)?.filter(|_| link.subject_id == Some(id)).ok_or_else(invalid)?;
    alone(tx, seen.programme_id, &seen.kommunkod)?;
    let (row, first) = locked(tx, &seen)?;
    if row.status != ApplicationState::Unverified {
        return Err(invalid());
    }
    let known = known_person(tx, &row)?;
    let programme = programme::by_id(tx.db, row.programme_id)?;
    match first {
        Some(first) => merge(tx, &programme, &first, &row),
        None => submit(tx, &programme, &row, known, hash),
    }
}

/// The application and the kommun's live one, locked in the order of their ids like everywhere.
fn locked(
    tx: &mut Tx<'_>,
    seen: &ApplicationRow,
) -> Result<(ApplicationRow, Option<ApplicationRow>), Problem> {
    let live = store::live(tx.db, seen.programme_id, &seen.kommunkod)?.map(|row| row.id);
    let first = match live {
        Some(live) if live < seen.id => Some(ApplicationRow::locked(tx, live)?),
        _ => None,
    };
    let row = ApplicationRow::locked(tx, seen.id)?;
    let first = match (first, live) {
        (None, Some(live)) if live != row.id => Some(ApplicationRow::locked(tx, live)?),
        (first, _) => first,
    };
    Ok((row, first.filter(|first| rules::LIVE.contains(&first.status))))
}

/// The account at the proved address. Somebody who is logged in must be its owner.
fn known_person(tx: &mut Tx<'_>, row: &ApplicationRow) -> Result<Option<PersonRow>, Problem> {
    let known = people::by_email(tx.db, &row.contact_email)?;
    let is_another =
        tx.ctx.caller.person_id().is_some_and(|caller| known.as_ref().is_none_or(|p| p.id != caller));
    if is_another {
        return Err(Problem::new(Code::NotYours).detail(
            "Länken gick till en annan adress än den du är inloggad med: logga ut, eller logga in med den.",
            "The link went to another address than the one you are logged in with: log out, or log in with that one.",
        ));
    }
    if known.as_ref().is_some_and(|person| person.status == PersonState::Disabled) {
        return Err(Problem::new(Code::StateConflict)
            .detail("Kontot med denna adress är avstängt.", "The account with this address is disabled."));
    }
    Ok(known)
}

fn submit(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    row: &ApplicationRow,
    known: Option<PersonRow>,
    hash: Option<&str>,
) -> Result<ApplicationRow, Problem> {
    // A link of seven days makes an account; it does not change the password of one that has one.
    let is_logged_in = tx.ctx.caller.person_id().is_some();
    let keeps_password = known.as_ref().is_some_and(|person| is_logged_in || person.password_hash.is_some());
    let person = match known {
        // The mail with the link told them how their data are processed.
        Some(person) if keeps_password => people::informed(tx, person)?,
        known => {
            let hash = hash.ok_or_else(password_missing)?;
            let person = match known {
                Some(person) => people::informed(tx, person)?,
                None => people::add(tx, &row.contact_name, &row.contact_email)?,
            };
            people::set_password(tx, person, hash.to_owned())?
        }
    };
    tx.acts_as(Subject::Person(person.id));
    grant_applicant(tx, row, person.id)?;
    let mut after = row.clone();
    after.contact_person_id = Some(person.id);
    let after = steps::automatic_with(tx, programme, row, after, ApplicationState::Submitted, None)?;
    mails::received(tx, programme, &after, keeps_password)?;
    Ok(after)
}

fn password_missing() -> Problem {
    let words =
        Localized::fixed("Välj ett lösenord för det nya kontot.", "Choose a password for the new account.");
    Problem::new(Code::InvalidInput).errors(vec![FieldError::new("/password", "required", words)])
}

/// The second interest becomes a note on the first. Its contact gets no role: that an address is proved does not show
/// that its owner may see the kommun's application.
fn merge(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    first: &ApplicationRow,
    second: &ApplicationRow,
) -> Result<ApplicationRow, Problem> {
    let mut noted = first.clone();
    noted.notes.0.push(Note {
        at: tx.ctx.now,
        application_id: Some(second.id),
        contact_name: Some(second.contact_name.clone()),
        contact_email: Some(second.contact_email.clone()),
        text: second.motivation.clone(),
    });
    tx.update("noted", first, noted)?;
    let second = steps::automatic(tx, programme, second, ApplicationState::Merged, None)?;
    mails::merged(tx, programme, first, &second)?;
    Ok(second)
}

/// Gives the role applicant. Whoever applied for the kommun before, and whose application has ended, no longer acts for
/// it: the new one is somebody else's.
pub fn grant_applicant(tx: &mut Tx<'_>, row: &ApplicationRow, person_id: Id) -> Result<(), Problem> {
    let today = tx.ctx.today();
    let kommun = Some(row.kommunkod.as_str());
    if !rules::LIVE.contains(&row.status) || row.contact_person_id.is_none() {
        for held in roles::holders(&mut tx.as_read(), Role::Applicant, row.programme_id, kommun)? {
            if held.person_id != person_id {
                roles::end(tx, held, today.plus_days(-1))?;
            }
        }
    }
    let wanted = roles::Wanted::new(person_id, Role::Applicant, row.programme_id, kommun, today);
    roles::grant(tx, &wanted)?;
    Ok(())
}
