//! Grant `password`: a person logs in.

use actix_web::web;

use super::failures::Subjects;
use super::form::Form;
use super::{invalid_grant, tokens};
use crate::identity::people::{self, PersonRow, PersonState};
use crate::identity::policy::SessionOpen;
use crate::identity::{passwords, roles, sessions};
use crate::platform::auth::caller::Subject;
use crate::platform::auth::permit::Permit;
use crate::platform::auth::token::KeyRing;
use crate::platform::http::answer::Answer;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;

/// Checks user name and password and opens a session. Everything that is wrong is answered alike and takes as long.
pub async fn log_in(permit: Permit<SessionOpen>, form: &Form) -> Result<Answer, Problem> {
    let [username, password] = form.needed(["username", "password"])?;
    let services = permit.services();
    let email = username.trim().to_lowercase();
    let person = checked(&permit, &services, email.clone(), password).await?;
    let ring = services.callers.key_ring().await?;
    let subjects = Subjects::of(&email, &permit.context().request.address);
    permit.write_always(move |tx| open(tx, &person, &subjects, &ring)).await
}

/// The person whose password it is. The turn to hash is taken before the failures are looked at, so that those who wait
/// for theirs meet the lock that earlier attempts have made.
async fn checked(
    permit: &Permit<SessionOpen>,
    services: &web::Data<Services>,
    email: String,
    password: String,
) -> Result<PersonRow, Problem> {
    let _turn = passwords::turn(services).await?;
    let ctx = permit.context();
    let subjects = Subjects::of(&email, &ctx.request.address);
    let asked = subjects.clone();
    let read = move |rx: &mut crate::platform::tx::Rx<'_>| {
        asked.permit(rx)?;
        people::by_email(rx.db, &email)
    };
    let person = services.database.read(ctx.clone(), read).await?;
    let stored = person.as_ref().and_then(|person| person.password_hash.clone());
    let is_right = passwords::is_right(services, password, stored).await?;
    match person.filter(|person| is_right && person.status == PersonState::Active) {
        Some(person) => Ok(person),
        None => {
            // Its own transaction: the count stays although the login is refused.
            services.database.write(ctx, move |tx| subjects.count(tx)).await?;
            Err(invalid_grant())
        }
    }
}

fn open(tx: &mut Tx<'_>, seen: &PersonRow, subjects: &Subjects, ring: &KeyRing) -> Result<Answer, Problem> {
    let person = PersonRow::locked(tx, seen.id)?;
    // Disabled, or given another password, while this one was being compared.
    if person.status != PersonState::Active || person.password_hash != seen.password_hash {
        return Err(invalid_grant());
    }
    tx.acts_as(Subject::Person(person.id));
    let wall = tx.ctx.wall;
    let session = sessions::begin(tx, Some(person.id), None, tokens::person_session_end(wall, wall))?;
    let refresh_token = tokens::add_refresh_token(tx, session.id, session.expires_at)?;
    subjects.forget(tx)?;
    let held = roles::held_now(&mut tx.as_read(), person.id)?;
    tokens::answer(tx.ctx, ring, &session, held, Some(refresh_token))
}
