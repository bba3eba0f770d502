//! Grant `refresh_token`: a session is renewed. Each refresh token is used once; a second use means that somebody has a
//! copy, and ends the session with every token that came from it.

use diesel::prelude::*;

use super::form::Form;
use super::{invalid_grant, tokens};
use crate::identity::people::{self, PersonState};
use crate::identity::policy::SessionOpen;
use crate::identity::roles;
use crate::identity::sessions::{self, EndReason, SessionRow};
use crate::platform::auth::permit::Permit;
use crate::platform::auth::token::KeyRing;
use crate::platform::db::Db;
use crate::platform::http::answer::Answer;
use crate::platform::ids::{Id, secret_hash};
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;
use crate::schema::refresh_tokens;

/// What became of a refresh token.
enum Outcome {
    Renewed(Answer),
    /// What is written all the same, the end of a session, stays.
    Refused,
}

/// Uses the refresh token up and gives the next one.
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

/// The session of a refresh token, used or not.
pub(super) fn session_of(db: &mut Db, hash: &str) -> Result<Option<Id>, Problem> {
    let found = refresh_tokens::table.find(hash).select(refresh_tokens::session_id).first(db).optional()?;
    Ok(found)
}

fn use_up(tx: &mut Tx<'_>, hash: &str, ring: &KeyRing) -> Result<Outcome, Problem> {
    let Some(session_id) = session_of(tx.db, hash)? else { return Ok(Outcome::Refused) };
    // The lock on the session makes two that come with the same token follow one another.
    let session = SessionRow::locked(tx, session_id)?;
    let wall = tx.ctx.wall;
    let (used_at, expires_at): (Option<Instant>, Instant) = refresh_tokens::table
        .find(hash)
        .select((refresh_tokens::used_at, refresh_tokens::expires_at))
        .first(tx.db)?;
    if session.ended_at.is_some() {
        return Ok(Outcome::Refused);
    }
    if used_at.is_some() {
        sessions::end(tx, session, EndReason::RefreshReuse)?;
        return Ok(Outcome::Refused);
    }
    let Some(person_id) = session.person_id.filter(|_| wall < expires_at && wall < session.expires_at) else {
        return Ok(Outcome::Refused);
    };
    if people::by_id(tx.db, person_id)?.status != PersonState::Active {
        return Ok(Outcome::Refused);
    }
    diesel::update(refresh_tokens::table.find(hash))
        .set(refresh_tokens::used_at.eq(Some(wall)))
        .execute(tx.db)?;
    let expires_at = tokens::person_session_end(session.created_at, wall);
    sessions::refreshed(tx, session.id, expires_at)?;
    let next = tokens::add_refresh_token(tx, session.id, expires_at)?;
    let held = roles::held_now(&mut tx.as_read(), person_id)?;
    Ok(Outcome::Renewed(tokens::answer(tx.ctx, ring, &session, held, Some(next))?))
}
