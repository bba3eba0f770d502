//! How sessions begin and end.

use super::EndReason;
use super::store::{self, SessionRow};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

/// Begins a session of a person or a client.
pub fn begin(
    tx: &mut Tx<'_>,
    person_id: Option<Id>,
    client_id: Option<Id>,
    expires_at: Instant,
) -> Result<SessionRow, Problem> {
    let row = new(tx, person_id, client_id, expires_at);
    tx.insert(&row)?;
    Ok(row)
}

/// Stores the session of a person who has logged in for one request: it has ended already.
pub fn begin_ended(tx: &mut Tx<'_>, person_id: Id) -> Result<SessionRow, Problem> {
    let wall = tx.ctx.wall;
    let begun = new(tx, Some(person_id), None, wall);
    let row = SessionRow { ended_at: Some(wall), ended_reason: Some(EndReason::Ended), ..begun };
    tx.insert(&row)?;
    Ok(row)
}

fn new(tx: &Tx<'_>, person_id: Option<Id>, client_id: Option<Id>, expires_at: Instant) -> SessionRow {
    let wall = tx.ctx.wall;
    SessionRow {
        id: tx.ctx.ids.id(wall),
        person_id,
        client_id,
        created_at: wall,
        last_used_at: wall,
        expires_at,
        ended_at: None,
        ended_reason: None,
        updated_at: tx.ctx.written_wall,
        version: 1,
    }
}

/// Ends a session because a caller asks for it.
pub fn end_by_request(tx: &mut Tx<'_>, id: Id) -> Result<SessionRow, Problem> {
    let (row, ()) = tx.judged(id, None, |_, _: &SessionRow| Ok(()))?;
    end(tx, row, EndReason::Ended)
}

/// Ends a session whose row is locked. A session that has already ended is left unchanged.
pub fn end(tx: &mut Tx<'_>, row: SessionRow, reason: EndReason) -> Result<SessionRow, Problem> {
    if row.ended_at.is_some() {
        return Ok(row);
    }
    let mut after = row.clone();
    after.ended_at = Some(tx.ctx.wall);
    after.ended_reason = Some(reason);
    tx.update("ended", &row, after)
}

/// Ends all sessions of a person, except the session `but`; returns how many.
pub fn end_of_person(
    tx: &mut Tx<'_>,
    person_id: Id,
    but: Option<Id>,
    reason: EndReason,
) -> Result<usize, Problem> {
    let mut ids = store::unscoped_open_of_person(&mut tx.as_read(), person_id)?;
    ids.retain(|id| Some(*id) != but);
    let count = ids.len();
    end_each(tx, ids, reason).map(|()| count)
}

/// Ends all sessions of an API client.
pub fn end_of_client(tx: &mut Tx<'_>, client_id: Id, reason: EndReason) -> Result<(), Problem> {
    let ids = store::unscoped_open_of_client(&mut tx.as_read(), client_id)?;
    end_each(tx, ids, reason)
}

/// Ends every session; returns how many.
pub fn end_all(tx: &mut Tx<'_>, reason: EndReason) -> Result<usize, Problem> {
    let ids = store::unscoped_open(&mut tx.as_read())?;
    let count = ids.len();
    end_each(tx, ids, reason).map(|()| count)
}

fn end_each(tx: &mut Tx<'_>, ids: impl IntoIterator<Item = Id>, reason: EndReason) -> Result<(), Problem> {
    for id in ids {
        let row = tx.locked::<SessionRow>(id)?;
        end(tx, row, reason)?;
    }
    Ok(())
}
