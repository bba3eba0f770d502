//! The job that deletes old login failures.

use diesel::prelude::*;

use crate::platform::db::kept::Keep as _;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::schema::login_failures;

/// Deletes failures that were not followed by another one within an hour.
pub fn clear_old(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    services.database.write_blocking(&ctx, |tx| {
        let limit = tx.ctx.wall.plus_minutes(-60).millis();
        let old = login_failures::table.filter(login_failures::last_failed_millis.le(limit));
        Ok(diesel::delete(old).kept().execute(tx.db)?)
    })
}
