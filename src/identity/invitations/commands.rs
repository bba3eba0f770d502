//! Inviting again, and the ways to a new password: by a link, or with the present password. A new password ends the
//! sessions that were opened with the old one.

use actix_web::web;

use super::requests::{LinkUseBody, PasswordChange};
use super::{PasswordChosen, ResetRequested};
use crate::identity::links::{self, For, Kind, LinkRow, Mailed};
use crate::identity::oauth::Subjects;
use crate::identity::passwords;
use crate::identity::people::{self, PersonRow, PersonState};
use crate::identity::policy::{LinkUse, MeRead};
use crate::identity::sessions::{self, EndReason};
use crate::platform::auth::caller::Subject;
use crate::platform::auth::permit::Permit;
use crate::platform::http::answer::{Answer, NO_STORE};
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::services::Services;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::platform::values::Email;

/// Sends a new link to a person who has not chosen a password yet. The earlier link ends.
pub fn invite_again(tx: &mut Tx<'_>, person_id: Id) -> Result<LinkRow, Problem> {
    tx.visible::<PersonRow>(person_id)?;
    let person = tx.locked::<PersonRow>(person_id)?;
    if person.status != PersonState::Invited {
        let words = Localized::fixed(
            "Personen har redan valt lösenord eller är avstängd.",
            "The person has already chosen a password, or is disabled.",
        );
        let fault = FieldError::new("/personId", "notInvited", words);
        return Err(Problem::new(Code::StateConflict).errors(vec![fault]));
    }
    let why = Localized::fixed("Här är en ny länk till ditt konto.", "Here is a new link to your account.");
    people::invite(tx, &person, &why)
}

/// Uses a link up and stores the password. The password is checked and hashed before the transaction, and only if the link
/// is valid. The transaction checks the link again.
pub async fn choose_password(
    permit: Permit<LinkUse>,
    kind: Kind,
    id: &str,
    body: LinkUseBody,
) -> Result<Answer, Problem> {
    let id: Id = id.parse().map_err(|_| Problem::new(Code::LinkInvalid))?;
    let services = permit.services();
    let LinkUseBody { token, password } = body;
    let presented = token.clone();
    let open =
        services.database.read(permit.context(), move |rx| links::open(rx, kind, id, &presented)).await?;
    let hash = match open {
        Some(link) => {
            passwords::check_strength(&password, &link.email, "/password")?;
            Some(passwords::hash(&services, password).await?)
        }
        None => None,
    };
    let answer = permit.write(move |tx| {
        let link = links::usable(tx, kind, &token)?;
        match (link.person_id, hash.clone()) {
            (Some(person_id), Some(hash)) if link.id == id => {
                tx.acts_as(Subject::Person(person_id));
                let person = store_password(tx, person_id, hash)?;
                links::consume(tx, kind, &token)?;
                links::end_all(tx, person_id)?;
                people::acknowledge(tx, &person)?;
                let username = person.email;
                Subjects::of(&username, &tx.ctx.request.client_address).forget(tx)?;
                Ok(Answer::json(&PasswordChosen { username })?.cached(NO_STORE))
            }
            _ => Err(Problem::new(Code::LinkInvalid)),
        }
    });
    answer.await
}

/// Also ends the person's sessions. The person is locked before the sessions and the link.
fn store_password(tx: &mut Tx<'_>, person_id: Id, hash: String) -> Result<PersonRow, Problem> {
    let person = tx.locked::<PersonRow>(person_id)?;
    if person.status == PersonState::Disabled {
        return Err(Problem::new(Code::LinkInvalid));
    }
    let person = people::set_password(tx, person, hash)?;
    sessions::end_of_person(tx, person.id, None, EndReason::PasswordChanged)?;
    Ok(person)
}

/// Sends a link for choosing a new password. The answer is the same for every address.
pub async fn request_reset(permit: Permit<LinkUse>, email: Email) -> Result<Answer, Problem> {
    if permit.services().config.mail_dir.is_none() {
        tracing::warn!("somebody asked for a link, but no mail is sent: MAIL_DIR is not set");
    }
    permit
        .write(move |tx| {
            send_reset(tx, &email)?;
            Ok(Answer::accepted(&ResetRequested { expires_in_minutes: 60 })?.cached(NO_STORE))
        })
        .await
}

/// Sends a link to the address if it belongs to a person who can log in, or a new invitation to an invited person, unless
/// links were sent recently. In all other cases the same statements run and are rolled back, so that the duration does not
/// reveal whether the address is known.
fn send_reset(tx: &mut Tx<'_>, email: &str) -> Result<(), Problem> {
    let email = email.to_lowercase();
    let person = people::unscoped_by_email(tx.db, &email)?;
    let is_invited = person.as_ref().is_some_and(|person| person.status == PersonState::Invited);
    let kind = if is_invited { Kind::Invitation } else { Kind::PasswordReset };
    let may_ask = links::lately(tx, kind, &email)?.may_ask(tx.ctx.wall);
    match person.filter(|person| may_ask && person.status != PersonState::Disabled) {
        Some(person) if is_invited => {
            let why = Localized::fixed("Du bad om en ny länk.", "You asked for a new link.");
            people::invite(tx, &person, &why).map(drop)
        }
        Some(person) => mail_reset(tx, &email, Some(&person)),
        None => {
            let pretended = tx.attempt(|tx| {
                mail_reset(tx, &email, None)?;
                Err::<(), Problem>(Problem::not_found())
            });
            match pretended {
                Err(problem) if problem.code != Code::NotFound => Err(problem),
                _ => Ok(()),
            }
        }
    }
}

fn mail_reset(tx: &mut Tx<'_>, email: &str, person: Option<&PersonRow>) -> Result<(), Problem> {
    let target = For { person_id: person.map(|person| person.id), subject_id: None };
    let (link, secret) = links::issue(tx, Kind::PasswordReset, email, target)?;
    let mailed = Mailed::new(tx.ctx, Kind::PasswordReset, link.id, &secret);
    let (address, code) = (&mailed.address, mailed.code_sentence());
    let name = person.map(|person| person.name.as_str()).unwrap_or_default();
    tx.mail(
        email,
        &Localized::fixed("Nytt lösenord i samverkan", "New password in samverkan"),
        &Localized::new(
            format!(
                "Hej {name}!\n\nVälj nytt lösenord inom en timme: {address}\n\n{}\n\nHar du inte bett om det behöver du inte \
                 göra något.",
                code.sv
            ),
            format!(
                "Hello {name}!\n\nChoose a new password within an hour: {address}\n\n{}\n\nIf you did not ask for this, you \
                 need do nothing.",
                code.en
            ),
        ),
        None,
    )
}

/// Changes the caller's own password. A wrong present password counts as a failed login. The transaction makes the refusal,
/// because that is where a request with a known `Idempotency-Key` gets its earlier answer.
pub async fn change_password(permit: Permit<MeRead>, body: PasswordChange) -> Result<Answer, Problem> {
    let PasswordChange { current_password, new_password } = body;
    let (services, ctx) = (permit.services(), permit.context());
    let person_id = ctx.caller.person_id().ok_or_else(no_password)?;
    let person =
        services.database.read(ctx.clone(), move |rx| people::unscoped_by_id(rx.db, person_id)).await?;
    passwords::check_strength(&new_password, &person.email, "/newPassword")?;
    let subjects = Subjects::of(&person.email, &ctx.request.client_address);
    let seen = person.password_hash.clone();
    let is_right = is_right(&permit, &services, &subjects, current_password, seen.clone()).await?;
    let hash = if is_right { Some(passwords::hash(&services, new_password).await?) } else { None };
    let answer = permit.write(move |tx| {
        let before = tx.locked::<PersonRow>(person_id)?;
        let hash = hash.clone().filter(|_| before.password_hash == seen).ok_or_else(wrong_password)?;
        let person = people::set_password(tx, before, hash)?;
        sessions::end_of_person(tx, person_id, tx.ctx.caller.session_id, EndReason::PasswordChanged)?;
        // A link that waits in a mailbox would replace the new password.
        links::end_all(tx, person_id)?;
        people::acknowledge(tx, &person)?;
        Ok(Answer::no_content())
    });
    let answer = answer.await;
    if answer.is_err() && !is_right {
        services.database.write(ctx, move |tx| subjects.count(tx)).await?;
    }
    answer
}

async fn is_right(
    permit: &Permit<MeRead>,
    services: &web::Data<Services>,
    subjects: &Subjects,
    current: String,
    stored: Option<String>,
) -> Result<bool, Problem> {
    let _turn = passwords::turn(services).await?;
    let asked = subjects.clone();
    services.database.read(permit.context(), move |rx| asked.permit(rx)).await?;
    passwords::verify(services, current, stored).await
}

fn wrong_password() -> Problem {
    let words =
        Localized::fixed("Det är inte det nuvarande lösenordet.", "That is not the present password.");
    Problem::new(Code::InvalidInput).errors(vec![FieldError::new("/currentPassword", "wrongPassword", words)])
}

fn no_password() -> Problem {
    Problem::new(Code::NotYours).detail(
        "En API-klient har inget lösenord; dess hemlighet byts under /api-clients.",
        "An API client has no password; its secret is changed below /api-clients.",
    )
}
