//! What the steps of an application depend on besides its row: the settings and the letters. Asked before a step, and for what is
//! offered.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::rules::{self, Facts};
use super::store::ApplicationRow;
use super::{ApplicationState, LetterFacts};
use crate::identity::links;
use crate::platform::audit::Audited as _;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::platform::workflow::RecordedStep;
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
    let known = facts_of(rx, std::slice::from_ref(row), programme, stage)?.pop();
    known.ok_or_else(|| Problem::internal("an application without its facts"))
}

/// The facts of some applications of one programme, in their order. One question of each kind, however many they are.
pub fn facts_of(
    rx: &mut Rx<'_>,
    rows: &[ApplicationRow],
    programme: &ProgrammeRow,
    stage: SelectionStage,
) -> Result<Vec<Facts>, Problem> {
    let hooks = Arc::clone(&rx.ctx.hooks);
    let (mut in_time, mut deadlines) = (HashSet::new(), HashMap::new());
    for letters in hooks.of::<dyn LetterFacts>() {
        in_time.extend(letters.received_in_time(rx, rows, programme)?);
        deadlines.extend(letters.deadlines(rows, programme));
    }
    let is_late = |row: &&ApplicationRow| {
        stage == SelectionStage::AfterMeeting
            && rules::has_been_placed(row.status)
            && !in_time.contains(&row.id)
    };
    let late: Vec<Id> = rows.iter().filter(is_late).map(|row| row.id).collect();
    in_time.extend(excused(rx, &late)?);
    let unverified = rows.iter().filter(|row| row.status == ApplicationState::Unverified);
    let with_link = links::open_among(rx, unverified.map(|row| row.id).collect())?;
    let facts = rows.iter().map(|row| Facts {
        stage,
        letter_deadline: deadlines.get(&row.id).copied().unwrap_or(programme.avsiktsforklaring_deadline),
        letter_in_time: in_time.contains(&row.id),
        has_open_link: with_link.contains(&row.id),
    });
    Ok(facts.collect())
}

/// Those for which the manager made the last step to `qualified`. Among the steps to `qualified`, only the manager's has a
/// comment.
fn excused(rx: &mut Rx<'_>, ids: &[Id]) -> Result<Vec<Id>, Problem> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut steps = RecordedStep::of_all(rx, ApplicationRow::TYPE, ids)?;
    steps.retain(|step| step.to_status == ApplicationState::Qualified.as_str());
    steps.sort_by_key(|step| (step.at, step.id));
    let last: HashMap<Id, bool> =
        steps.into_iter().map(|step| (step.resource_id, step.comment.is_some())).collect();
    Ok(last.into_iter().filter(|(_, has_comment)| *has_comment).map(|(id, _)| id).collect())
}
