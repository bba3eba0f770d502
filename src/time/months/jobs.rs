//! What the clock does with months: it adds them as they begin, moves them to grace and closes them.

use super::{commands, store};
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::programmes::programme::{self, ProgrammeRow, ProgrammeState};

/// Adds the months of each running programme and takes every step that is due, each in a transaction of its own.
pub fn follow_the_clock(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    let mut count = 0;
    for programme in services
        .database
        .read_blocking(&ctx, |rx| programme::unscoped_in_states(rx, &[ProgrammeState::Running]))?
    {
        count += services.database.write_blocking(&services.system(), |tx| {
            let programme = tx.locked::<ProgrammeRow>(programme.id)?;
            commands::add_begun(tx, &programme)
        })?;
    }
    let steps = services
        .take_due_steps(store::unscoped_under_way, |tx, month| commands::take_due_step(tx, month.id))?;
    Ok(count + steps)
}
