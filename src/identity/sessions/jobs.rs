//! The job that deletes old sessions and refresh tokens.

use diesel::prelude::*;

use crate::platform::db::kept::Keep as _;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::schema::{refresh_tokens, sessions};

/// How long a session can be read after it has expired, in days.
const KEPT_DAYS: i64 = 90;

/// Deletes expired refresh tokens, and sessions that expired more than 90 days ago. The audit trail still shows when the
/// sessions began and ended.
pub fn clear_old(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    services.database.write_blocking(&ctx, |tx| {
        let wall = tx.ctx.wall;
        let tokens = refresh_tokens::table.filter(refresh_tokens::expires_at.lt(wall));
        let count = diesel::delete(tokens).kept().execute(tx.db)?;
        // No token outlives its session, so none of these sessions has a token left.
        let expired = sessions::table.filter(sessions::expires_at.lt(wall.plus_days(-KEPT_DAYS)));
        Ok(count + diesel::delete(expired).kept().execute(tx.db)?)
    })
}
