//! What applications do when their programme changes state (guide §3): places are given, work begins, all is called off.

use super::rules::{self, UNDER_WAY};
use super::store::{self, ApplicationRow};
use super::{ApplicationListener, ApplicationState as State, EndReason, steps};
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::ProgrammeListener;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};
use crate::programmes::settings::SelectionStage;
use crate::team::{Membership, participants};

/// Wired to the programmes in `calls::hooks`.
pub struct FollowProgrammes;

impl ProgrammeListener for FollowProgrammes {
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        programme: &ProgrammeRow,
        to: ProgrammeState,
    ) -> Result<Vec<FieldError>, Problem> {
        match to {
            ProgrammeState::Decided => before_decided(tx, programme),
            ProgrammeState::Running => before_running(tx, programme),
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

/// Tells the team area who has a place (wired in `calls::hooks`).
pub struct Members;

impl Membership for Members {
    fn takes_part(&self, tx: &mut Tx<'_>, programme_id: Id, kommunkod: &str) -> Result<bool, Problem> {
        let live = store::live(tx.db, programme_id, kommunkod)?;
        Ok(live
            .is_some_and(|application| matches!(application.status, State::Selected | State::Participating)))
    }
}

/// The team of a kommun that leaves ends with it (wired in `calls::hooks`).
pub struct EndTeams;

impl ApplicationListener for EndTeams {
    fn changed(
        &self,
        tx: &mut Tx<'_>,
        before: &ApplicationRow,
        after: &ApplicationRow,
    ) -> Result<(), Problem> {
        if before.status == after.status || after.status != State::Terminated {
            return Ok(());
        }
        participants::end_team(tx, after.programme_id, &after.kommunkod)
    }
}

/// What `decided` looks at. All of them are locked first, so that none moves between the count and the step.
const BEFORE_DECIDED: [State; 6] = [
    State::Unverified,
    State::Submitted,
    State::ChangesRequested,
    State::Invited,
    State::Confirmed,
    State::Qualified,
];

/// The pool must fit, and nobody may still have time for an answer or a letter.
fn before_decided(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<Vec<FieldError>, Problem> {
    let stage = steps::stage(tx, programme)?;
    let (mut pool, mut awaited) = (0_i32, Vec::new());
    for row in store::locked_in(tx, programme.id, &BEFORE_DECIDED)? {
        let facts = steps::facts(tx, &row, programme)?;
        if rules::due(&row, programme, &facts, tx.ctx.now).is_some() {
            continue;
        }
        if rules::is_in_pool(row.status, stage) {
            pool += 1;
        } else if rules::is_awaited(row.status) {
            awaited.push(awaits(&row));
        }
    }
    if pool > programme.places {
        return Err(Problem::new(Code::NotEnoughPlaces)
            .detail(
                format!("{pool} kvalificerade, {} platser: ett urval behövs.", programme.places),
                format!("{pool} qualified, {} places: a selection is needed.", programme.places),
            )
            .member("qualified", pool)
            .member("places", programme.places));
    }
    Ok(awaited)
}

fn awaits(row: &ApplicationRow) -> FieldError {
    let (code, kommun) = (row.status.as_str(), &row.kommunkod);
    let words = Localized::new(
        format!("Kommun {kommun} är {code} och har ännu tid på sig."),
        format!("Kommun {kommun} is {code} and still has time."),
    );
    FieldError::new(format!("/applications/{}", row.id), "stillHasTime", words)
}

/// With the pool taken after the meeting, the letters' deadline must have passed, and that of each kommun whose letter is
/// not there: none takes part without one, and none loses its place before its time.
fn before_running(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<Vec<FieldError>, Problem> {
    let mut faults = Vec::new();
    if steps::stage(tx, programme)? != SelectionStage::AfterMeeting {
        return Ok(faults);
    }
    if tx.ctx.now < programme.avsiktsforklaring_deadline {
        let words = Localized::fixed(
            "Sista dag för avsiktsförklaringar har inte passerat.",
            "The deadline for the letters has not passed.",
        );
        faults.push(FieldError::new("/avsiktsforklaringDeadline", "notYet", words));
    }
    for row in store::locked_in(tx, programme.id, &[State::Selected])? {
        let facts = steps::facts(tx, &row, programme)?;
        if !facts.letter_in_time && tx.ctx.now < facts.letter_deadline {
            faults.push(awaits(&row));
        }
    }
    Ok(faults)
}

/// The pool gets the places; what had not come so far ends.
fn decided(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    let stage = steps::stage(tx, programme)?;
    for row in store::locked_in(tx, programme.id, &BEFORE_DECIDED)? {
        match row.status {
            State::Unverified => {
                steps::automatic(tx, programme, &row, State::Expired, None)?;
            }
            State::Submitted | State::ChangesRequested => {
                steps::automatic(tx, programme, &row, State::Rejected, Some(EndReason::CallEnded))?;
            }
            _ => {
                let row = steps::make_due(tx, programme, row)?;
                if rules::is_in_pool(row.status, stage) {
                    steps::automatic(tx, programme, &row, State::Selected, None)?;
                }
            }
        }
    }
    Ok(())
}

/// Every selected kommun takes part from now on.
fn running(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    for row in store::locked_in(tx, programme.id, &[State::Selected])? {
        let row = steps::make_due(tx, programme, row)?;
        if row.status == State::Selected {
            steps::take_part(tx, programme, &row)?;
        }
    }
    Ok(())
}

/// All that is under way ends.
fn cancelled(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    let mut states = vec![State::Unverified, State::Participating];
    states.extend(UNDER_WAY);
    for row in store::locked_in(tx, programme.id, &states)? {
        let (to, reason) = match row.status {
            State::Unverified => (State::Expired, None),
            State::Participating => (State::Terminated, Some(EndReason::ProgrammeCancelled)),
            _ => (State::Rejected, Some(EndReason::ProgrammeCancelled)),
        };
        steps::automatic(tx, programme, &row, to, reason)?;
    }
    Ok(())
}
