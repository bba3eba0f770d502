//! The use of a mailed link. It proves the address, creates the contact's account, grants the role applicant and submits
//! the application (guide §3).

use super::lock_kommun;
use crate::calls::applications::{
    Application, ApplicationRow, ApplicationState, LIVE, Note, Related, automatic, automatic_with,
    grant_applicant, unscoped_find, unscoped_live,
};
use crate::calls::interest::mails;
use crate::calls::interest::requests::Verification;
use crate::identity::links::{self, Kind};
use crate::identity::passwords;
use crate::identity::people::{self, PersonRow, PersonState};
use crate::identity::policy::{LinkUse, Role};
use crate::platform::auth::caller::Subject;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::{Answer, NO_STORE};
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};
use crate::programmes::programme::{self, ProgrammeRow};

/// Proves the address: hashes the password, uses the link, and shows the application to its new applicant.
pub async fn prove(permit: Permit<LinkUse>, id: Id, proof: Verification) -> Result<Answer, Problem> {
    let hash = password_hash(&permit, id, &proof).await?;
    permit
        .write(move |tx| {
            let row = verify(tx, id, &proof, hash.as_deref())?;
            // The caller's roles do not contain the new role yet.
            let is_theirs = row.status == ApplicationState::Submitted;
            let roles: &[&str] = if is_theirs { &[Role::Applicant.as_str()] } else { &[] };
            let related = Related::of(&mut tx.as_read(), std::slice::from_ref(&row))?;
            let application = Application::for_roles(tx.ctx, row, &related, roles);
            Ok(Answer::one(&application)?.cached(NO_STORE))
        })
        .await
}

/// The hash of the new password, made before the transaction. None without a password. None without a valid link, so that
/// strangers cannot make the server compute hashes.
async fn password_hash(
    permit: &Permit<LinkUse>,
    id: Id,
    proof: &Verification,
) -> Result<Option<String>, Problem> {
    let Some(chosen) = proof.password.clone() else { return Ok(None) };
    let (services, token) = (permit.services(), proof.token.clone());
    let link = move |rx: &mut Rx<'_>| links::open_for(rx, Kind::Verification, id, &token);
    let Some(link) = services.database.read(permit.context(), link).await? else { return Ok(None) };
    passwords::check_strength(&chosen, &link.email, "/password")?;
    passwords::hash(&services, chosen).await.map(Some)
}

/// Uses the link. The application is submitted, or becomes a note on the kommun's live application. `hash`: the hash of
/// the password in `proof`, made before the transaction.
fn verify(
    tx: &mut Tx<'_>,
    id: Id,
    proof: &Verification,
    hash: Option<&str>,
) -> Result<ApplicationRow, Problem> {
    let invalid = || Problem::new(Code::LinkInvalid);
    let link = links::usable(tx, Kind::Verification, &proof.token)?;
    let seen = unscoped_find(tx.db, id)?.filter(|_| link.subject_id == Some(id)).ok_or_else(invalid)?;
    lock_kommun(tx, seen.programme_id, &seen.kommunkod)?;
    let (row, live) = lock_with_live(tx, &seen)?;
    if row.status != ApplicationState::Unverified {
        return Err(invalid());
    }
    let known = known_person(tx, &row)?;
    let programme = programme::unscoped_by_id(tx.db, row.programme_id)?;
    let verified = match live {
        Some(live) => merge(tx, &programme, &live, &row),
        None => submit(tx, &programme, &row, known, hash),
    }?;
    // Last, because the application and the person are locked before the link.
    links::consume(tx, Kind::Verification, &proof.token)?;
    if let Some(contact) = verified.contact_person_id.filter(|_| verified.id == row.id) {
        let person = people::unscoped_by_id(tx.db, contact)?;
        people::acknowledge(tx, &person)?;
    }
    Ok(verified)
}

/// The application and the kommun's live one. Like all rows of one table, they are locked in the order of their ids.
fn lock_with_live(
    tx: &mut Tx<'_>,
    seen: &ApplicationRow,
) -> Result<(ApplicationRow, Option<ApplicationRow>), Problem> {
    let live = unscoped_live(tx.db, seen.programme_id, &seen.kommunkod)?.map(|row| row.id);
    let first = match live {
        Some(live) if live < seen.id => Some(tx.locked::<ApplicationRow>(live)?),
        _ => None,
    };
    let row = tx.locked::<ApplicationRow>(seen.id)?;
    let live = match (first, live) {
        (None, Some(live)) if live != row.id => Some(tx.locked::<ApplicationRow>(live)?),
        (first, _) => first,
    };
    Ok((row, live.filter(|live| LIVE.contains(&live.status))))
}

/// The account with the proved address; 403 when the caller is logged in with another account.
fn known_person(tx: &mut Tx<'_>, row: &ApplicationRow) -> Result<Option<PersonRow>, Problem> {
    let known = people::unscoped_by_email(tx.db, &row.contact_email)?;
    let is_another =
        tx.ctx.caller.person_id().is_some_and(|caller| known.as_ref().is_none_or(|p| p.id != caller));
    if is_another {
        return Err(Problem::new(Code::NotYours).detail(
            "Länken gick till en annan adress än den du är inloggad med: logga ut, eller logga in med den.",
            "The link was sent to another address than the one that you are logged in with. Log out, or log in with the \
             address that got the link.",
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
    // A link that is valid for seven days creates an account, but does not change the password of an existing one.
    let is_logged_in = tx.ctx.caller.person_id().is_some();
    let keeps_password = known.as_ref().is_some_and(|person| is_logged_in || person.password_hash.is_some());
    let person = match known {
        // The mail with the link contained the information on how personal data are processed.
        Some(person) if keeps_password => {
            tx.acts_as(Subject::Person(person.id));
            people::informed(tx, person)?
        }
        known => {
            let hash = hash.ok_or_else(password_missing)?;
            let person = match known {
                Some(person) => people::informed(tx, person)?,
                None => people::add(tx, &row.contact_name, &row.contact_email)?,
            };
            tx.acts_as(Subject::Person(person.id));
            people::set_password(tx, person, hash.to_owned())?
        }
    };
    grant_applicant(tx, row, person.id)?;
    let after = ApplicationRow { contact_person_id: Some(person.id), ..row.clone() };
    let after = automatic_with(tx, programme, row, after, ApplicationState::Submitted, None)?;
    mails::received(tx, programme, &after, keeps_password)?;
    Ok(after)
}

fn password_missing() -> Problem {
    let words =
        Localized::fixed("Välj ett lösenord för det nya kontot.", "Choose a password for the new account.");
    Problem::new(Code::InvalidInput).errors(vec![FieldError::new("/password", "required", words)])
}

/// Makes the second application of a kommun a note on the live one. Its contact gets no role: a proved address does not
/// show that its owner may see the kommun's application.
fn merge(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    live: &ApplicationRow,
    second: &ApplicationRow,
) -> Result<ApplicationRow, Problem> {
    let mut noted = live.clone();
    noted.notes.0.push(Note {
        at: tx.ctx.now,
        application_id: Some(second.id),
        contact_name: Some(second.contact_name.clone()),
        contact_email: Some(second.contact_email.clone()),
        text: second.motivation.clone(),
        decision: None,
        decided_at: None,
        reason: None,
    });
    tx.update("noted", live, noted)?;
    let second = automatic(tx, programme, second, ApplicationState::Merged, None)?;
    mails::merged(tx, programme, live, &second)?;
    Ok(second)
}
