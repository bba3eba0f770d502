//! The job that makes the steps of the clock: an application expires if its address was not proved, is declined if the kommun
//! did not answer, and is not qualified if the letter did not come.

use super::store::{self, ApplicationRow};
use super::{ApplicationState, commands, rules};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::programmes::programme::{self, ProgrammeRow, ProgrammeState};
use crate::programmes::settings::{self, SelectionStage};

/// Takes the step of an application that is due; returns whether there was one.
pub fn take_due_step(tx: &mut Tx<'_>, id: &Id) -> Result<bool, Problem> {
    let row = tx.locked::<ApplicationRow>(*id)?;
    let programme = programme::unscoped_by_id(tx.db, row.programme_id)?;
    let version = row.version;
    Ok(commands::apply_due_step(tx, &programme, row)?.version != version)
}

/// The states of programmes whose applications have deadlines.
const WITH_DEADLINES: [ProgrammeState; 4] =
    [ProgrammeState::Open, ProgrammeState::Closed, ProgrammeState::Selecting, ProgrammeState::Decided];

/// The applications that may have reached a deadline.
pub fn candidates(rx: &mut Rx<'_>) -> Result<Vec<Id>, Problem> {
    let now = rx.ctx.now;
    let mut ids = store::unscoped_unverified_before(rx, now.plus_days(-rules::UNVERIFIED_DAYS))?;
    for programme in programme::unscoped_in_states(rx, &WITH_DEADLINES)? {
        let states = awaited(rx, &programme)?;
        let rows = store::unscoped_in_states(rx, programme.id, &states)?;
        let due = rows.into_iter().filter(|row| {
            row.status != ApplicationState::Invited || rules::answer_by(row, &programme) <= now
        });
        ids.extend(due.map(|row| row.id));
    }
    Ok(ids)
}

/// The states whose deadline has passed in the programme.
fn awaited(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<Vec<ApplicationState>, Problem> {
    let now = rx.ctx.now;
    let mut states = Vec::new();
    if programme.confirmation_deadline <= now {
        states.push(ApplicationState::Invited);
    }
    if programme.avsiktsforklaring_deadline <= now {
        states.push(ApplicationState::Confirmed);
        let settings = settings::unscoped_on_day(rx.db, programme.id, rx.ctx.today())?;
        if settings.content.0.selection_stage == SelectionStage::AfterMeeting {
            states.push(ApplicationState::Selected);
        }
    }
    Ok(states)
}
