//! The job that writes the daily checkpoint of the chains, in the database and beside it.

use crate::identity::keys;
use crate::platform::audit::{checkpoints, outside};
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::tx::Rx;

/// Verification takes events for a fault that no checkpoint covers after a day. The next one is therefore due a little before.
const MINUTES_BETWEEN: i64 = 23 * 60;

/// Writes a signed checkpoint of all heads, unless there is one of the last 23 hours, and copies what the file outside the
/// database lacks.
pub fn write_checkpoint(services: &Services) -> Result<usize, Problem> {
    let written = write_if(services, |rx| {
        let newest = checkpoints::newest(rx)?;
        Ok(newest.is_none_or(|newest| newest.at.plus_minutes(MINUTES_BETWEEN) <= rx.ctx.now))
    })?;
    // The file is read as a whole: only when there is something to add. What a failure left out is added with the next one.
    if written > 0 {
        copy(services)?;
    }
    Ok(written)
}

/// Writes a checkpoint when events are not covered by one yet. The program does so before it listens: what was written before
/// it stopped must not be uncovered when, days later, the first event after it is written.
pub fn write_checkpoint_at_start(services: &Services) -> Result<(), Problem> {
    tell_of_missing_copies(services)?;
    write_if(services, |rx| Ok(!checkpoints::covers_all(rx)?))?;
    copy(services)
}

/// Copies that are made anew prove nothing about the time before: whoever changed the database has them changed, too.
fn tell_of_missing_copies(services: &Services) -> Result<(), Problem> {
    let folder = services.config.checkpoints();
    if services.database.read_blocking(&services.system(), |rx| outside::lacks_all(rx, &folder))? {
        tracing::warn!(
            "CHECKPOINT_DIR {} has none of the checkpoints that the database has: copies are made anew from the database; if there \
             is another folder, CHECKPOINT_DIR must name it",
            folder.display()
        );
    }
    Ok(())
}

fn write_if(
    services: &Services,
    is_due: impl Fn(&mut Rx<'_>) -> Result<bool, Problem>,
) -> Result<usize, Problem> {
    let ctx = services.system();
    if !services.database.read_blocking(&ctx, &is_due)? {
        return Ok(0);
    }
    let keys = keys::record_keys(services)?;
    services.database.write_blocking(&ctx, |tx| {
        tx.lock_name("audit checkpoint")?;
        if !is_due(&mut tx.as_read())? {
            return Ok(0);
        }
        checkpoints::write(tx, &keys)?;
        Ok(1)
    })
}

/// After the commit: the file must not hold what the database may not have.
fn copy(services: &Services) -> Result<(), Problem> {
    let folder = services.config.checkpoints();
    services.database.read_blocking(&services.system(), |rx| outside::append(rx, &folder))
}
