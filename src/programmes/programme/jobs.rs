//! What the clock does with programmes: it opens and closes them and moves them to selection.

use super::store::ProgrammeRow;
use super::{ProgrammeState, commands, rules, store};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::programmes::settings;

/// The programmes that the clock may move.
pub fn candidates(rx: &mut Rx<'_>) -> Result<Vec<Id>, Problem> {
    let waiting = [ProgrammeState::Scheduled, ProgrammeState::Open, ProgrammeState::Closed];
    Ok(store::unscoped_in_states(rx, &waiting)?.into_iter().map(|programme| programme.id).collect())
}

/// Takes the step of a programme that is due; returns whether there was one.
pub fn take_due_step(tx: &mut Tx<'_>, id: &Id) -> Result<bool, Problem> {
    let programme = tx.locked::<ProgrammeRow>(*id)?;
    let stage = settings::unscoped_on_day(tx.db, programme.id, tx.ctx.today())?.content.0.selection_stage;
    let Some(to) = rules::due(&programme, stage, tx.ctx.now) else { return Ok(false) };
    let after = tx.automatic(&programme, rules::published(programme.clone(), to, tx.ctx.now), to, None)?;
    commands::tell(tx, &programme, &after)?;
    Ok(true)
}
