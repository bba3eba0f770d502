//! The job that writes the daily checkpoint of the chains.

use crate::identity::keys::{self, Purpose};
use crate::platform::audit::checkpoints;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::tx::Rx;

/// Writes a signed checkpoint of all heads, unless today already has one.
pub fn write_checkpoint(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    let is_due =
        |rx: &mut Rx<'_>| Ok(checkpoints::newest_at(rx)?.is_none_or(|newest| newest.day() < rx.ctx.today()));
    if !services.database.read_blocking(&ctx, is_due)? {
        return Ok(0);
    }
    services.database.write_blocking(&ctx, |tx| {
        tx.lock_name("audit checkpoint")?;
        if !is_due(&mut tx.as_read())? {
            return Ok(0);
        }
        let ring = keys::ring(&mut tx.as_read(), Purpose::Records)?;
        checkpoints::write(tx, &ring)?;
        Ok(1)
    })
}
