//! What the clock does with applications: proofs that never came, answers that never came, letters that never came.

use super::store::{self, ApplicationRow};
use super::{ApplicationState, rules, steps};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::platform::stored::Stored as _;
use crate::platform::tx::{Rx, Tx};
use crate::programmes::programme::{self, ProgrammeRow, ProgrammeState};
use crate::programmes::settings::{self, SelectionStage};

/// Makes every step that is due, one transaction each.
pub fn follow_the_clock(services: &Services) -> Result<usize, Problem> {
    let mut count = 0;
    for id in services.database.read_now(&services.system(), candidates)? {
        count += usize::from(services.database.write_now(&services.system(), |tx| make_due(tx, id))?);
    }
    Ok(count)
}

/// Looks again under the lock: somebody may have been quicker than the clock.
fn make_due(tx: &mut Tx<'_>, id: Id) -> Result<bool, Problem> {
    let row = ApplicationRow::locked(tx, id)?;
    let programme = programme::by_id(tx.db, row.programme_id)?;
    let version = row.version;
    Ok(steps::make_due(tx, &programme, row)?.version != version)
}

/// The programmes whose applications the clock moves.
const MOVING: [ProgrammeState; 4] =
    [ProgrammeState::Open, ProgrammeState::Closed, ProgrammeState::Selecting, ProgrammeState::Decided];

/// Those that a deadline may have reached.
fn candidates(rx: &mut Rx<'_>) -> Result<Vec<Id>, Problem> {
    let now = rx.ctx.now;
    let mut ids = store::unverified_before(rx, now.plus_days(-rules::UNVERIFIED_DAYS))?;
    for programme in programme::in_states(rx, &MOVING)? {
        let states = awaited(rx, &programme)?;
        let rows = store::in_states(rx, vec![programme.id], &states)?;
        let due = rows.into_iter().filter(|row| {
            row.status != ApplicationState::Invited || rules::answer_by(row, &programme) <= now
        });
        ids.extend(due.map(|row| row.id));
    }
    Ok(ids)
}

/// The states in which a deadline of the programme has passed.
fn awaited(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<Vec<ApplicationState>, Problem> {
    let now = rx.ctx.now;
    let mut states = Vec::new();
    if programme.confirmation_deadline <= now {
        states.push(ApplicationState::Invited);
    }
    if programme.avsiktsforklaring_deadline <= now {
        states.push(ApplicationState::Confirmed);
        let settings = settings::on_day(rx.db, programme.id, rx.ctx.today())?;
        if settings.content.0.selection_stage == SelectionStage::AfterMeeting {
            states.push(ApplicationState::Selected);
        }
    }
    Ok(states)
}
