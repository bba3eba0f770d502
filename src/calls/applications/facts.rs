//! What the steps of an application depend on besides its row: the settings and the letters. Asked before a step, and for what is
//! offered.

use std::sync::Arc;

use super::rules::{self, Facts};
use super::store::ApplicationRow;
use super::{ApplicationState, LetterFacts};
use crate::identity::links;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::programme::ProgrammeRow;
use crate::programmes::settings::{self, SelectionStage};

/// When the pool is taken according to today's settings.
pub fn selection_stage(rx: &mut Rx<'_>, programme: &ProgrammeRow) -> Result<SelectionStage, Problem> {
    let settings = settings::unscoped_on_day(rx.db, programme.id, rx.ctx.today())?;
    Ok(settings.content.0.selection_stage)
}

/// Loads the facts that a step of the clock depends on.
pub fn facts(rx: &mut Rx<'_>, row: &ApplicationRow, programme: &ProgrammeRow) -> Result<Facts, Problem> {
    let stage = selection_stage(rx, programme)?;
    let hooks = Arc::clone(&rx.ctx.hooks);
    let (mut letter_in_time, mut letter_deadline) = (false, programme.avsiktsforklaring_deadline);
    for letters in hooks.of::<dyn LetterFacts>() {
        letter_in_time |= letters.received_in_time(rx, row)?;
        letter_deadline = letters.deadline(rx, row)?.unwrap_or(letter_deadline);
    }
    let needs_it_later = stage == SelectionStage::AfterMeeting && rules::has_been_placed(row.status);
    if needs_it_later && !letter_in_time {
        letter_in_time = is_excused(rx, row.id)?;
    }
    let is_unverified = row.status == ApplicationState::Unverified;
    Ok(Facts {
        stage,
        letter_deadline,
        letter_in_time,
        has_open_link: is_unverified && links::has_open(rx, row.id)?,
    })
}

/// Whether the manager made the last step to `qualified`. Among the steps to `qualified`, only the manager's has a comment.
fn is_excused(rx: &mut Rx<'_>, id: Id) -> Result<bool, Problem> {
    let steps = rx.status_history(id)?;
    let last = steps.iter().rev().find(|step| step.to_status == ApplicationState::Qualified.as_str());
    Ok(last.is_some_and(|step| step.comment.is_some()))
}
