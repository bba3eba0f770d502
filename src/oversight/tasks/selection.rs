//! Tasks of the selection, for the manager.

use super::TaskCode;
use super::collect::Here;
use super::rules::Waiting;
use crate::calls::applications;
use crate::calls::selection_proposals::{self, ProposalState};
use crate::platform::problem::Problem;
use crate::platform::text::Localized;
use crate::platform::tx::Rx;
use crate::programmes::programme::ProgrammeState;
use crate::reference::kommuner::KommunNames;

/// The next step of the selection, or a place that has become free after the announcement.
pub fn for_manager(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    match here.programme.status {
        ProgrammeState::Selecting => next_step(rx, here),
        ProgrammeState::Decided | ProgrammeState::Running => free_places(rx, here),
        _ => Ok(Vec::new()),
    }
}

/// What is to be done with the proposals while the places are being given.
fn next_step(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let pool = applications::unscoped_pool(rx, &here.programme)?.len();
    if i64::try_from(pool).unwrap_or(i64::MAX) <= i64::from(here.programme.places) {
        return Ok(Vec::new());
    }
    let proposals = selection_proposals::unscoped_waiting_for_manager(rx, here.programme.id)?;
    if proposals.is_empty() {
        let path = format!("/programmes/{}", here.programme.id);
        return Ok(vec![Waiting::one(TaskCode::SelectionToCompute, path)]);
    }
    let offered = selection_proposals::offered(rx, &proposals)?;
    let mut waiting = Vec::new();
    for (row, steps) in proposals.iter().zip(offered) {
        let (code, to) = match row.status {
            ProposalState::Computed => (TaskCode::SelectionToPropose, ProposalState::Proposed),
            ProposalState::Proposed => (TaskCode::SelectionToAdopt, ProposalState::Adopted),
            ProposalState::Adopted => (TaskCode::SelectionToAnnounce, ProposalState::Announced),
            _ => continue,
        };
        if steps.iter().any(|step| step.to == to.as_str()) {
            let path = format!("/selection-proposals/{}", row.id);
            waiting.push(Waiting::one(code, path).about(Localized::same(row.title.clone())));
        }
    }
    Ok(waiting)
}

/// The kommuner that should get the places that have become free.
fn free_places(rx: &mut Rx<'_>, here: &Here) -> Result<Vec<Waiting>, Problem> {
    let best = applications::free_places(rx, &here.programme)?.unwrap_or_default();
    let names = KommunNames::of(rx.db, best.iter().map(String::as_str))?;
    let ids = applications::unscoped_ids_of(rx, here.programme.id, &best)?;
    let tasks = best.iter().zip(ids).map(|(code, id)| {
        let name = names.get(code).unwrap_or_else(|| code.clone());
        let task = Waiting::one(TaskCode::PlaceToFill, format!("/applications/{id}"));
        Waiting { kommunkod: Some(code.clone()), ..task.about(Localized::same(name)) }
    });
    Ok(tasks.collect())
}
