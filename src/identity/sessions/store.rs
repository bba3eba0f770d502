//! Every query of sessions.

use diesel::prelude::*;
use serde::Serialize;

use super::{EndReason, Session};
use crate::identity::policy::SessionRead;
use crate::platform::audit::Chain;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;
use crate::schema::{refresh_tokens, sessions};

/// A session as stored.
#[derive(Clone, Debug, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = sessions, treat_none_as_null = true)]
pub struct SessionRow {
    /// Identity.
    pub id: Id,
    /// The person who logged in.
    pub person_id: Option<Id>,
    /// The API client that logged in.
    pub client_id: Option<Id>,
    /// When it began.
    pub created_at: Instant,
    /// When it was last renewed.
    pub last_used_at: Instant,
    /// When it ends unless it is renewed.
    pub expires_at: Instant,
    /// When it was ended before its time.
    pub ended_at: Option<Instant>,
    /// Why.
    pub ended_reason: Option<EndReason>,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised when it ends.
    pub version: i32,
}

crate::stored! {
    SessionRow in sessions on wall as "session" ("inloggning", "session"),
    chain |_row| Chain::Installation,
    actions ["ended"],
    callers |before| before.is_some(),
}

crate::scope!(SessionRow in sessions: person_id?, client_id?);

crate::resource!(SessionRow as Session at "/sessions/{sessionId}", read by SessionRead);

crate::list! {
    /// `GET /sessions`.
    pub struct SessionList: sessions as SessionRow, shown as Session, by id: Id, default "-createdAt" {
        personId: person_id => Id [filter_some];
        clientId: client_id => Id [filter_some];
        createdAt: created_at => Instant [range, sort];
        lastUsedAt: last_used_at => Instant [range, sort];
        expiresAt: expires_at => Instant [range, sort];
        updatedSince: updated_at => Instant [since];
    }
}

/// A new session of a person or a client.
pub fn begin(
    tx: &mut Tx<'_>,
    person_id: Option<Id>,
    client_id: Option<Id>,
    expires_at: Instant,
) -> Result<SessionRow, Problem> {
    let wall = tx.ctx.wall;
    let row = SessionRow {
        id: tx.ctx.ids.id(wall),
        person_id,
        client_id,
        created_at: wall,
        last_used_at: wall,
        expires_at,
        ended_at: None,
        ended_reason: None,
        updated_at: wall,
        version: 1,
    };
    tx.insert(&row)?;
    Ok(row)
}

/// Keeps that the session was renewed. That is no change that anybody decides on: the version stays, and the audit trail
/// is not filled with it.
pub fn refreshed(tx: &mut Tx<'_>, session_id: Id, expires_at: Instant) -> Result<(), Problem> {
    diesel::update(sessions::table.find(session_id))
        .set((
            sessions::last_used_at.eq(tx.ctx.wall),
            sessions::expires_at.eq(expires_at),
            sessions::updated_at.eq(tx.ctx.wall),
        ))
        .execute(tx.db)?;
    Ok(())
}

/// Ends a session that was locked; one that has ended stays as it is.
pub fn end(tx: &mut Tx<'_>, row: SessionRow, reason: EndReason) -> Result<SessionRow, Problem> {
    if row.ended_at.is_some() {
        return Ok(row);
    }
    let mut after = row.clone();
    after.ended_at = Some(tx.ctx.wall);
    after.ended_reason = Some(reason);
    tx.update("ended", &row, after)
}

/// Ends a person's sessions, but for one if it is named.
pub fn end_of_person(
    tx: &mut Tx<'_>,
    person_id: Id,
    but: Option<Id>,
    reason: EndReason,
) -> Result<(), Problem> {
    let open = sessions::table
        .filter(sessions::person_id.assume_not_null().eq(person_id))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(tx.ctx.wall))
        .order(sessions::id)
        .select(sessions::id);
    let ids: Vec<Id> = open.load(tx.db)?;
    end_each(tx, ids.into_iter().filter(|id| Some(*id) != but).collect(), reason)
}

/// Ends an API client's sessions.
pub fn end_of_client(tx: &mut Tx<'_>, client_id: Id, reason: EndReason) -> Result<(), Problem> {
    let open = sessions::table
        .filter(sessions::client_id.assume_not_null().eq(client_id))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(tx.ctx.wall))
        .order(sessions::id)
        .select(sessions::id);
    let ids: Vec<Id> = open.load(tx.db)?;
    end_each(tx, ids, reason)
}

fn end_each(tx: &mut Tx<'_>, ids: Vec<Id>, reason: EndReason) -> Result<(), Problem> {
    for id in ids {
        let row = SessionRow::locked(tx, id)?;
        end(tx, row, reason)?;
    }
    Ok(())
}

/// How long a session that is over can still be looked at, in days.
const KEPT_DAYS: i64 = 90;

/// The job that clears refresh tokens that have expired and sessions that have been over for 90 days. That they were
/// there stays in the audit trail.
pub fn clear_old(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    services.database.write_now(&ctx, |tx| {
        let wall = tx.ctx.wall;
        let tokens = refresh_tokens::table.filter(refresh_tokens::expires_at.lt(wall));
        let count = diesel::delete(tokens).execute(tx.db)?;
        // A session's tokens never outlast it, so none of these has one left.
        let over = sessions::table.filter(sessions::expires_at.lt(wall.plus_days(-KEPT_DAYS)));
        Ok(count + diesel::delete(over).execute(tx.db)?)
    })
}
