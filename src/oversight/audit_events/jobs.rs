//! The daily checkpoint of the chains, and the newest one to compare with.

use crate::identity::keys::{self, Purpose};
use crate::platform::audit::checkpoints::{self, Checkpoint};
use crate::platform::db::statements;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::tx::Rx;

/// The job that writes a signed checkpoint of all heads on each day that does not have one yet.
pub fn write_checkpoint(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    let is_due =
        |rx: &mut Rx<'_>| Ok(checkpoints::newest_at(rx)?.is_none_or(|newest| newest.day() < rx.ctx.today()));
    if !services.database.read_now(&ctx, is_due)? {
        return Ok(0);
    }
    services.database.write_now(&ctx, |tx| {
        statements::lock_name(tx.db, "audit checkpoint")?;
        if !is_due(&mut tx.as_read())? {
            return Ok(0);
        }
        let ring = keys::ring(&mut tx.as_read(), Purpose::Records)?;
        checkpoints::write(tx, &ring)?;
        Ok(1)
    })
}

/// The newest checkpoint, if there is one yet.
pub fn newest_checkpoint(rx: &mut Rx<'_>) -> Result<Option<Checkpoint>, Problem> {
    let ring = keys::ring(rx, Purpose::Records)?;
    checkpoints::newest(rx, &ring)
}
