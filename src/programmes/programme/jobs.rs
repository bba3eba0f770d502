//! What the clock does with programmes: it opens and closes them and moves them to selection.

use super::store::ProgrammeRow;
use super::{ProgrammeState, commands, rules, store};
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::programmes::settings;

/// Takes every step that is due, each in a transaction of its own.
pub fn follow_the_clock(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    let waiting = [ProgrammeState::Scheduled, ProgrammeState::Open, ProgrammeState::Closed];
    let mut count = 0;
    for programme in services.database.read_blocking(&ctx, |rx| store::unscoped_in_states(rx, &waiting))? {
        while services.database.write_blocking(&services.system(), |tx| {
            let programme = tx.locked::<ProgrammeRow>(programme.id)?;
            let stage =
                settings::unscoped_on_day(tx.db, programme.id, tx.ctx.today())?.content.0.selection_stage;
            let Some(to) = rules::due(&programme, stage, tx.ctx.now) else { return Ok(false) };
            let after =
                tx.automatic(&programme, rules::published(programme.clone(), to, tx.ctx.now), to, None)?;
            commands::tell(tx, &programme, &after)?;
            Ok(true)
        })? {
            count += 1;
        }
    }
    Ok(count)
}
