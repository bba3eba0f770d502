//! Changes applications when their programme changes state (guide §3): places are given, the work begins, or the programme is
//! cancelled.

use super::rules::{self, UNDER_WAY};
use super::store;
use super::{ApplicationState as State, EndReason, commands, facts, selections};
use crate::platform::ids::Id;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::tx::{Rx, Tx};
use crate::programmes::ProgrammeListener;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};
use crate::programmes::settings::SelectionStage;

/// Implements the programmes' hook. `hooks` in `mod.rs` registers it.
pub struct OnProgrammes;

impl ProgrammeListener for OnProgrammes {
    fn lock(&self, tx: &mut Tx<'_>, programme: &ProgrammeRow, to: ProgrammeState) -> Result<(), Problem> {
        match to {
            ProgrammeState::Decided => lock_before_decided(tx, programme.id),
            ProgrammeState::Running => {
                store::unscoped_locked_in(tx, programme.id, &[State::Selected]).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    fn obstacles(
        &self,
        rx: &mut Rx<'_>,
        programme: &ProgrammeRow,
        to: ProgrammeState,
    ) -> Result<Vec<FieldError>, Problem> {
        match to {
            ProgrammeState::Decided => before_decided(rx, programme),
            ProgrammeState::Running => before_running(rx, programme),
            _ => Ok(Vec::new()),
        }
    }

    fn changed(&self, tx: &mut Tx<'_>, _: &ProgrammeRow, after: &ProgrammeRow) -> Result<(), Problem> {
        match after.status {
            ProgrammeState::Decided => decided(tx, after),
            ProgrammeState::Running => running(tx, after),
            ProgrammeState::Cancelled => cancelled(tx, after),
            _ => Ok(()),
        }
    }
}

/// The states that matter when a programme becomes `decided`. All these applications are locked first, so that none
/// changes between the count and the step.
const BEFORE_DECIDED: [State; 6] = [
    State::Unverified,
    State::Submitted,
    State::ChangesRequested,
    State::Invited,
    State::Confirmed,
    State::Qualified,
];

/// Locks the applications that matter when the places of a programme are given.
pub fn lock_before_decided(tx: &mut Tx<'_>, programme: Id) -> Result<(), Problem> {
    store::unscoped_locked_in(tx, programme, &BEFORE_DECIDED).map(|_| ())
}

/// The errors that keep a programme from becoming `decided`: one for each application that still has time for an answer or
/// a letter. 403 for a manager who would give a place to a kommun whose case is their own. 409 `notEnoughPlaces` when the pool has more applications than the programme has places.
fn before_decided(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<Vec<FieldError>, Problem> {
    let stage = facts::selection_stage(rx, programme)?;
    let (mut pool, mut awaited) = (Vec::new(), Vec::new());
    let rows = store::unscoped_in_states(rx, programme.id, &BEFORE_DECIDED)?;
    let facts = facts::facts_of(rx, &rows, programme, stage)?;
    for (row, known) in rows.into_iter().zip(facts) {
        if rules::due(&row, programme, &known, rx.ctx.now).is_some() {
            continue;
        }
        if rules::is_in_pool(row.status, stage) {
            pool.push(row);
        } else if rules::is_awaited(row.status) {
            awaited.push(rules::still_has_time(&row));
        }
    }
    selections::check_own(rx, &pool)?;
    // An announced selection has chosen among them; its own checks say whether it still may.
    if selections::announced(rx, programme.id)?.is_none() {
        rules::check_pool(i32::try_from(pool.len()).map_err(Problem::internal)?, programme)?;
    }
    Ok(awaited)
}

/// The errors that keep a programme from becoming `running`. There are some only if the pool is taken after the meeting: one
/// if the programme's deadline for letters has not passed, and one for each selected kommun that has no letter and still has
/// time. So no kommun takes part without a letter, and no kommun loses its place before its deadline.
fn before_running(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<Vec<FieldError>, Problem> {
    let stage = facts::selection_stage(rx, programme)?;
    if stage != SelectionStage::AfterMeeting {
        return Ok(Vec::new());
    }
    let mut faults: Vec<FieldError> = rules::letters_still_open(programme, rx.ctx.now).into_iter().collect();
    let rows = store::unscoped_in_states(rx, programme.id, &[State::Selected])?;
    let facts = facts::facts_of(rx, &rows, programme, stage)?;
    for (row, known) in rows.iter().zip(facts) {
        if !known.letter_in_time && rx.ctx.now < known.letter_deadline {
            faults.push(rules::still_has_time(row));
        }
    }
    Ok(faults)
}

/// The applications in the pool get the places: all of them, or those that the announced selection has chosen. Those that were never invited expire or are rejected.
fn decided(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    let stage = facts::selection_stage(&mut tx.as_read(), programme)?;
    let places = selections::announced(&mut tx.as_read(), programme.id)?;
    for row in store::unscoped_locked_in(tx, programme.id, &BEFORE_DECIDED)? {
        match row.status {
            State::Unverified => {
                commands::automatic(tx, programme, &row, State::Expired, None)?;
            }
            State::Submitted | State::ChangesRequested => {
                commands::automatic(tx, programme, &row, State::Rejected, Some(EndReason::CallEnded))?;
            }
            _ => {
                let row = commands::apply_due_step(tx, programme, row)?;
                if rules::is_in_pool(row.status, stage) {
                    let to =
                        places.as_ref().map_or(State::Selected, |places| places.state_of(&row.kommunkod));
                    commands::automatic(tx, programme, &row, to, None)?;
                }
            }
        }
    }
    Ok(())
}

/// Every selected kommun takes part from now on.
fn running(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    for row in store::unscoped_locked_in(tx, programme.id, &[State::Selected])? {
        let row = commands::apply_due_step(tx, programme, row)?;
        if row.status == State::Selected {
            commands::take_part(tx, programme, &row)?;
        }
    }
    Ok(())
}

/// Every application that is under way ends.
fn cancelled(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    let mut states = vec![State::Unverified, State::Participating];
    states.extend(UNDER_WAY);
    let rows = store::unscoped_locked_in(tx, programme.id, &states)?;
    let leaving: Vec<_> = rows.iter().filter(|row| row.status == State::Participating).collect();
    commands::lock_leaving(tx, &leaving)?;
    for row in rows {
        let (to, reason) = match row.status {
            State::Unverified => (State::Expired, None),
            State::Participating => (State::Terminated, Some(EndReason::ProgrammeCancelled)),
            _ => (State::Rejected, Some(EndReason::ProgrammeCancelled)),
        };
        commands::automatic(tx, programme, &row, to, reason)?;
    }
    Ok(())
}
