//! Loads the caller of a token, with the present roles. `app.rs` connects this to authentication.

use diesel::prelude::*;

use super::clients::ClientState;
use super::keys;
use super::people::PersonState;
use super::roles;
use crate::platform::auth::caller::{Assignment, Caller, Subject};
use crate::platform::auth::callers::CallerSource;
use crate::platform::auth::token::{Claims, KeyRing};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::schema::{api_clients, people, sessions};

/// Loads callers and keys from the database.
pub struct StoredCallers;

impl CallerSource for StoredCallers {
    fn load(&self, rx: &mut Rx<'_>, claims: &Claims) -> Result<Option<Caller>, Problem> {
        let Some(session_id) = claims.sid else { return Ok(None) };
        if !is_live(rx, session_id, claims)? {
            return Ok(None);
        }
        if claims.client_id.is_some() {
            return client(rx, claims.sub, session_id);
        }
        let state: Option<PersonState> =
            people::table.find(claims.sub).select(people::status).first(rx.db).optional()?;
        if state != Some(PersonState::Active) {
            return Ok(None);
        }
        let assignments = roles::unscoped_held_now(rx, claims.sub)?;
        Ok(Some(Caller { subject: Subject::Person(claims.sub), session_id: Some(session_id), assignments }))
    }

    fn keys(&self, rx: &mut Rx<'_>) -> Result<KeyRing, Problem> {
        keys::ring(rx)
    }
}

/// Whether the session is still open and belongs to the subject of the token.
fn is_live(rx: &mut Rx<'_>, session_id: Id, claims: &Claims) -> Result<bool, Problem> {
    type Found = (Option<Id>, Option<Id>, Option<Instant>, Instant);
    let found: Option<Found> = sessions::table
        .find(session_id)
        .select((sessions::person_id, sessions::client_id, sessions::ended_at, sessions::expires_at))
        .first(rx.db)
        .optional()?;
    Ok(found.is_some_and(|(person_id, client_id, ended_at, expires_at)| {
        let owner = if claims.client_id.is_some() { client_id } else { person_id };
        owner == Some(claims.sub) && ended_at.is_none() && rx.ctx.wall < expires_at
    }))
}

fn client(rx: &mut Rx<'_>, id: Id, session_id: Id) -> Result<Option<Caller>, Problem> {
    let found: Option<(ClientState, String, Id, String)> = api_clients::table
        .find(id)
        .select((api_clients::status, api_clients::role, api_clients::programme_id, api_clients::kommunkod))
        .first(rx.db)
        .optional()?;
    Ok(found.filter(|(status, ..)| *status == ClientState::Active).map(
        |(_, role, programme_id, kommunkod)| {
            let assignment = Assignment {
                role,
                programme_id: Some(programme_id),
                kommunkod: Some(kommunkod),
                ..Assignment::default()
            };
            Caller {
                subject: Subject::Client(id),
                session_id: Some(session_id),
                assignments: vec![assignment],
            }
        },
    ))
}
