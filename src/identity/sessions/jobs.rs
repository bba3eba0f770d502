//! The job that deletes old sessions and refresh tokens.

use diesel::prelude::*;

use super::store::SessionRow;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::tx::Tx;
use crate::schema::{refresh_tokens, sessions};

/// How long a session can be read after it has expired, in days.
const KEPT_DAYS: i64 = 90;

/// How many are deleted in one transaction.
const AT_ONCE: i64 = 500;

/// Deletes expired refresh tokens, and sessions that expired more than 90 days ago. The audit trail still shows when the
/// sessions began and ended.
pub fn clear_old(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    // A transaction of its own, because a renewal locks the session before its token.
    let tokens = services.database.write_blocking(&ctx, |tx| {
        let expired = refresh_tokens::table.filter(refresh_tokens::expires_at.lt(tx.ctx.wall));
        Ok(diesel::delete(expired).kept().execute(tx.db)?)
    })?;
    let mut cleared = tokens;
    loop {
        let count = services.database.write_blocking(&ctx, clear_some)?;
        cleared += count;
        if count == 0 {
            return Ok(cleared);
        }
    }
}

/// No token outlives its session, so none of these sessions has a token left. They are deleted some at a time, because a
/// deletion is an event of the audit trail, too.
fn clear_some(tx: &mut Tx<'_>) -> Result<usize, Problem> {
    let expired = sessions::table.filter(sessions::expires_at.lt(tx.ctx.wall.plus_days(-KEPT_DAYS)));
    let ids = expired.order(sessions::id).limit(AT_ONCE).select(sessions::id).load::<Id>(tx.db)?;
    let rows: Vec<SessionRow> = tx.locked_all(ids)?;
    let gone = sessions::table.filter(sessions::id.one_of(rows.iter().map(|row| row.id)));
    diesel::delete(gone).kept().execute(tx.db)?;
    rows.iter().try_for_each(|row| tx.audit_deleted(row))?;
    Ok(rows.len())
}
