//! The queries of sessions.

use diesel::prelude::*;
use serde::Serialize;

use super::{EndReason, Session};
use crate::identity::policy::SessionRead;
use crate::platform::db::Condition;
use crate::platform::db::kept::Keep as _;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::schema::sessions;

/// A session as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = sessions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SessionRow {
    /// Identity.
    pub id: Id,
    /// The person who logged in.
    pub person_id: Option<Id>,
    /// The API client that logged in.
    pub client_id: Option<Id>,
    /// When it began.
    pub created_at: Instant,
    /// When it was last renewed. A renewal is not a decision: the audit trail tells of none.
    #[serde(skip)]
    pub last_used_at: Instant,
    /// When the session expires unless it is renewed.
    #[serde(skip)]
    pub expires_at: Instant,
    /// When it was ended before its time.
    pub ended_at: Option<Instant>,
    /// Why it was ended before its time.
    pub ended_reason: Option<EndReason>,
    /// When it was last changed or renewed.
    #[serde(skip)]
    pub updated_at: Instant,
    /// Raised when the session ends.
    pub version: i32,
}

crate::stored! {
    SessionRow in sessions on written_wall as "session" ("inloggning", "session"),
    chain |_row| Chain::Installation,
    actions ["ended", "deleted"],
    callers |before| before.is_some(),
}

crate::scope!(SessionRow in sessions: person_id?, client_id?);

crate::resource!(SessionRow as Session at "/sessions/{sessionId}", read by SessionRead);

crate::list! {
    /// `GET /sessions`.
    pub struct SessionList: sessions as SessionRow, shown as Session, by id: Id, default "-createdAt" {
        personId: person_id => Id [filter_nullable];
        clientId: client_id => Id [filter_nullable];
        createdAt: created_at => Instant [range, sort];
        lastUsedAt: last_used_at => Instant [range, sort];
        expiresAt: expires_at => Instant [range, sort];
        updatedSince: updated_at => Instant [since, wall];
    }
}

/// The ids of a person's open sessions, in the order in which their rows are locked.
pub fn unscoped_open_of_person(rx: &mut Rx<'_>, person_id: Id) -> Result<Vec<Id>, Problem> {
    let of_person = sessions::table.filter(sessions::person_id.assume_not_null().eq(person_id));
    Ok(of_person.filter(is_open(rx.ctx.wall)).order(sessions::id).select(sessions::id).load(rx.db)?)
}

/// The ids of an API client's open sessions, in the order in which their rows are locked.
pub fn unscoped_open_of_client(rx: &mut Rx<'_>, client_id: Id) -> Result<Vec<Id>, Problem> {
    let of_client = sessions::table.filter(sessions::client_id.assume_not_null().eq(client_id));
    Ok(of_client.filter(is_open(rx.ctx.wall)).order(sessions::id).select(sessions::id).load(rx.db)?)
}

/// The ids of all open sessions, in the order in which their rows are locked.
pub fn unscoped_open(rx: &mut Rx<'_>) -> Result<Vec<Id>, Problem> {
    let open = sessions::table.filter(is_open(rx.ctx.wall)).order(sessions::id);
    Ok(open.select(sessions::id).load(rx.db)?)
}

fn is_open(wall: Instant) -> Condition<sessions::table> {
    Box::new(sessions::ended_at.is_null().and(sessions::expires_at.gt(wall)))
}

/// Records that the session was renewed. The version does not change and nothing is written to the audit trail, because a
/// renewal is not a decision.
pub fn set_renewed(tx: &mut Tx<'_>, session_id: Id, expires_at: Instant) -> Result<(), Problem> {
    diesel::update(sessions::table.find(session_id))
        .set((
            sessions::last_used_at.eq(tx.ctx.wall),
            sessions::expires_at.eq(expires_at),
            sessions::updated_at.eq(tx.ctx.written_wall),
        ))
        .kept()
        .execute(tx.db)?;
    Ok(())
}
