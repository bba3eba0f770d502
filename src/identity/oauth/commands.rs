//! Logging in and out: the three grants (RFC 6749) and revocation (RFC 7009).

use actix_web::web;

use super::failures::Subjects;
use super::form::{Credentials, Form};
use super::store::{self, RefreshToken};
use super::{CLIENT_SESSION_MINUTES, REUSE_MILLIS, invalid_client, invalid_grant, tokens};
use crate::identity::clients::{self, ClientRow};
use crate::identity::people::{self, PersonRow, PersonState};
use crate::identity::policy::SessionOpen;
use crate::identity::sessions::{self, EndReason, SessionRow};
use crate::identity::{passwords, roles};
use crate::platform::auth::caller::{Caller, Subject};
use crate::platform::auth::permit::Permit;
use crate::platform::auth::token::KeyRing;
use crate::platform::http::answer::{Answer, NO_STORE};
use crate::platform::ids::{Id, secret_hash};
use crate::platform::problem::{Code, Problem};
use crate::platform::services::Services;
use crate::platform::tx::{Rx, Tx};

/// Grant `password`: checks user name and password and begins a session. Every failure gets the same answer and takes the
/// same time.
pub async fn log_in_person(permit: Permit<SessionOpen>, form: &Form) -> Result<Answer, Problem> {
    let [username, password] = form.needed(["username", "password"])?;
    let services = permit.services();
    let (person, subjects) = checked_person(&permit, &services, &username, password).await?;
    let ring = services.callers.key_ring().await?;
    permit.write_always(move |tx| begin_of_person(tx, &person, &subjects, &ring)).await
}

/// Checks user name and password as the grant does, for one request: the session that it begins has ended already, and
/// nobody gets a token of it.
pub async fn log_in_once(
    permit: &Permit<SessionOpen>,
    username: &str,
    password: String,
) -> Result<Caller, Problem> {
    let services = permit.services();
    let (person, subjects) = checked_person(permit, &services, username, password).await?;
    let begin = move |tx: &mut Tx<'_>| {
        let person = admitted(tx, &person, &subjects)?;
        let session = sessions::begin_ended(tx, person.id)?;
        let assignments = roles::unscoped_held_now(&mut tx.as_read(), person.id)?;
        Ok(Caller { subject: Subject::Person(person.id), session_id: Some(session.id), assignments })
    };
    services.database.write(permit.context(), begin).await
}

/// Waits as long as the answers about this account take. Nothing is held meanwhile: no thread, no connection, no turn.
async fn slow_down(
    permit: &Permit<SessionOpen>,
    services: &web::Data<Services>,
    subjects: &Subjects,
) -> Result<(), Problem> {
    let asked = subjects.clone();
    let delay = services.database.read(permit.context(), move |rx| asked.delay(rx)).await?;
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    Ok(())
}

/// The person with this address and password. The request waits for its turn to hash before it reads the failures, so that
/// it sees a lockout that earlier attempts have caused.
async fn checked_person(
    permit: &Permit<SessionOpen>,
    services: &web::Data<Services>,
    username: &str,
    password: String,
) -> Result<(PersonRow, Subjects), Problem> {
    let ctx = permit.context();
    let email = username.trim().to_lowercase();
    let subjects = Subjects::of(&email, &ctx.request.client_address);
    slow_down(permit, services, &subjects).await?;
    let _turn = passwords::turn(services).await?;
    let asked = subjects.clone();
    let read = move |rx: &mut Rx<'_>| {
        asked.permit(rx)?;
        people::unscoped_by_email(rx.db, &email)
    };
    let person = services.database.read(ctx.clone(), read).await?;
    let stored = person.as_ref().and_then(|person| person.password_hash.clone());
    let is_right = passwords::verify(services, password, stored).await?;
    match person.filter(|person| is_right && person.status == PersonState::Active) {
        Some(person) => Ok((person, subjects)),
        None => {
            // A separate transaction, so that the count is kept although the login is refused.
            services.database.write(ctx, move |tx| subjects.count(tx)).await?;
            Err(invalid_grant())
        }
    }
}

/// The person, locked, whose password was right a moment ago. Their failures are forgotten.
fn admitted(tx: &mut Tx<'_>, seen: &PersonRow, subjects: &Subjects) -> Result<PersonRow, Problem> {
    let person = tx.locked::<PersonRow>(seen.id)?;
    // The person may have been disabled or given another password while this one was being compared.
    if person.status != PersonState::Active || person.password_hash != seen.password_hash {
        return Err(invalid_grant());
    }
    tx.acts_as(Subject::Person(person.id));
    subjects.forget(tx)?;
    people::acknowledge(tx, &person)?;
    Ok(person)
}

fn begin_of_person(
    tx: &mut Tx<'_>,
    seen: &PersonRow,
    subjects: &Subjects,
    ring: &KeyRing,
) -> Result<Answer, Problem> {
    let person = admitted(tx, seen, subjects)?;
    let wall = tx.ctx.wall;
    let session = sessions::begin(tx, Some(person.id), None, tokens::person_session_end(wall, wall))?;
    let refresh_token = store::add_refresh_token(tx, session.id, session.expires_at)?;
    let held = roles::unscoped_held_now(&mut tx.as_read(), person.id)?;
    tokens::answer(tx.ctx, ring, &session, held, Some(refresh_token))
}

/// Grant `client_credentials`: checks the secret of a client and begins a session.
pub async fn log_in_client(permit: Permit<SessionOpen>, credentials: Credentials) -> Result<Answer, Problem> {
    let services = permit.services();
    let ring = services.callers.key_ring().await?;
    let begin = move |tx: &mut Tx<'_>| {
        let client = checked_client(&mut tx.as_read(), &credentials)?;
        tx.acts_as(Subject::Client(client.id));
        let expires_at = tx.ctx.wall.plus_minutes(CLIENT_SESSION_MINUTES);
        let session = sessions::begin(tx, None, Some(client.id), expires_at)?;
        tokens::answer(tx.ctx, &ring, &session, vec![client.assignment()], None)
    };
    permit.write_always(begin).await
}

fn checked_client(rx: &mut Rx<'_>, credentials: &Credentials) -> Result<ClientRow, Problem> {
    let id = credentials.id.parse().map_err(|_| invalid_client())?;
    clients::unscoped_with_secret(rx.db, id, &credentials.secret)?.ok_or_else(invalid_client)
}

/// The outcome of using a refresh token.
enum Outcome {
    Renewed(Answer),
    /// The token is refused. The transaction is committed nevertheless, because it may have ended the session.
    Refused,
}

/// Grant `refresh_token`: renews a session, uses the token up and gives the next one. For 30 seconds after its first use a
/// token gives another successor: an answer may have been lost, and another tab may have had the same token. A later use means
/// that somebody has a copy, so it ends the session with all of its tokens. All successors belong to that session: whoever
/// stole a token and used it within those seconds has one that ends with the session, at the latest when any used token of it
/// comes again.
pub async fn renew(permit: Permit<SessionOpen>, form: &Form) -> Result<Answer, Problem> {
    let [presented] = form.needed(["refresh_token"])?;
    let services = permit.services();
    let ring = services.callers.key_ring().await?;
    let hash = secret_hash(&presented);
    let outcome = services.database.write(permit.context(), move |tx| use_up(tx, &hash, &ring)).await?;
    match outcome {
        Outcome::Renewed(answer) => Ok(answer),
        Outcome::Refused => Err(invalid_grant()),
    }
}

fn use_up(tx: &mut Tx<'_>, hash: &str, ring: &KeyRing) -> Result<Outcome, Problem> {
    let Some(session_id) = store::unscoped_session_of(tx.db, hash)? else { return Ok(Outcome::Refused) };
    // The lock on the session serializes two requests with the same token.
    let session = tx.locked::<SessionRow>(session_id)?;
    let wall = tx.ctx.wall;
    let RefreshToken { used_at, expires_at } = store::unscoped_refresh_token(tx.db, hash)?;
    if session.ended_at.is_some() {
        return Ok(Outcome::Refused);
    }
    // The first use counts, so that no token is kept alive by using it.
    if used_at.is_some_and(|first| wall >= first.plus_millis(REUSE_MILLIS)) {
        sessions::end(tx, session, EndReason::RefreshReuse)?;
        return Ok(Outcome::Refused);
    }
    let Some(person_id) = session.person_id.filter(|_| wall < expires_at && wall < session.expires_at) else {
        return Ok(Outcome::Refused);
    };
    if people::unscoped_by_id(tx.db, person_id)?.status != PersonState::Active {
        return Ok(Outcome::Refused);
    }
    if used_at.is_none() {
        store::set_used(tx, hash)?;
    }
    let expires_at = tokens::person_session_end(session.created_at, wall);
    sessions::set_renewed(tx, session.id, expires_at)?;
    let next = store::add_refresh_token(tx, session.id, expires_at)?;
    let held = roles::unscoped_held_now(&mut tx.as_read(), person_id)?;
    Ok(Outcome::Renewed(tokens::answer(tx.ctx, ring, &session, held, Some(next))?))
}

/// Logs out: ends the session of a refresh or access token. Whoever has a token may end its session. An unknown or
/// expired token gets the same answer. An API client that sends credentials must send the right secret.
pub async fn revoke(permit: Permit<SessionOpen>, form: &Form) -> Result<Answer, Problem> {
    let services = permit.services();
    if let Some(credentials) = form.credentials() {
        let check = move |rx: &mut Rx<'_>| checked_client(rx, &credentials);
        services.database.read(permit.context(), check).await?;
    }
    let [token] = form.needed(["token"])?;
    let ring = services.callers.key_ring().await?;
    let issuer = services.addresses.public_url.as_str();
    let claims = ring.verify(&token, issuer, &format!("{issuer}/api/v1"), services.clock.wall()).ok();
    let named = claims.and_then(|claims| claims.sid);
    let hash = secret_hash(&token);
    permit.write_always(move |tx| end(tx, named, &hash)).await?;
    let mut answer = Answer::no_content().cached(NO_STORE);
    answer.status = 200;
    Ok(answer)
}

fn end(tx: &mut Tx<'_>, named: Option<Id>, hash: &str) -> Result<Answer, Problem> {
    let session = match named {
        Some(id) => Some(id),
        None => store::unscoped_session_of(tx.db, hash)?,
    };
    if let Some(id) = session {
        match tx.locked::<SessionRow>(id) {
            Ok(row) => {
                let holder = row.person_id.map(Subject::Person).or(row.client_id.map(Subject::Client));
                tx.acts_as(holder.unwrap_or(Subject::Anonymous));
                sessions::end(tx, row, EndReason::Revoked)?;
            }
            Err(problem) if problem.code == Code::NotFound => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(Answer::no_content())
}
