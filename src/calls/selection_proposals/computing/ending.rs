//! How a computation ends: with its result, or without one. The proposal follows in the same transaction.

use super::store::{self, ComputationRow};
use super::{ComputationPurpose, ComputationState};
use crate::calls::selection_proposals::store::ProposalRow;
use crate::calls::selection_proposals::{ProposalState, input};
use crate::platform::db::sql::Json;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

/// What a computation found.
pub enum Outcome {
    /// The choice, and the reserves.
    Answer {
        /// The choice, or that there is none.
        answer: selection::Answer,
        /// The reserves, the first one first.
        reserves: Vec<String>,
    },
    /// The explanations, as JSON.
    Explanations(String),
    /// Nothing, for this reason.
    Ended(ComputationState),
}

/// Ends a locked computation.
pub fn end(
    tx: &mut Tx<'_>,
    row: &ComputationRow,
    state: ComputationState,
    result: Option<String>,
) -> Result<ComputationRow, Problem> {
    let after = ComputationRow {
        state,
        result_sha256: result.as_deref().map(sha256_hex),
        result,
        ended_at: Some(tx.ctx.written),
        ..row.clone()
    };
    tx.update("ended", row, after)
}

/// Ends a computation whose process is silent. Explanations are given to another process instead: their proposal can have gone on,
/// and needs them.
pub fn interrupted(tx: &mut Tx<'_>, id: Id) -> Result<(), Problem> {
    if store::unscoped_by_id(tx.db, id)?.purpose == ComputationPurpose::Explanations {
        return store::release(tx, id);
    }
    hand_over(tx, id, &Outcome::Ended(ComputationState::Interrupted))
}

/// Ends a computation with what it found, unless it was cancelled meanwhile.
pub fn hand_over(tx: &mut Tx<'_>, id: Id, outcome: &Outcome) -> Result<(), Problem> {
    let proposal_id = store::unscoped_by_id(tx.db, id)?.proposal_id;
    let proposal = tx.locked::<ProposalRow>(proposal_id)?;
    let row = tx.locked::<ComputationRow>(id)?;
    if row.state != ComputationState::Running {
        return Ok(());
    }
    match outcome {
        Outcome::Answer { answer, reserves } => answered(tx, &proposal, &row, answer, reserves),
        Outcome::Explanations(json) => {
            end(tx, &row, ComputationState::Done, Some(json.clone()))?;
            tx.update("explained", &proposal, proposal.clone()).map(|_| ())
        }
        Outcome::Ended(state) => {
            end(tx, &row, *state, None)?;
            tx.update("computationEnded", &proposal, proposal.clone()).map(|_| ())
        }
    }
}

/// The proposal gets its choice, unless there is none or the pool has changed; its explanations are computed next.
fn answered(
    tx: &mut Tx<'_>,
    proposal: &ProposalRow,
    row: &ComputationRow,
    answer: &selection::Answer,
    reserves: &[String],
) -> Result<(), Problem> {
    let is_of_pool = input::is_of_pool(&mut tx.as_read(), &row.input, proposal.programme_id)?;
    let state = state_of(answer, is_of_pool);
    let json = serde_json::to_string(answer).map_err(Problem::internal)?;
    end(tx, row, state, Some(json))?;
    if state != ComputationState::Done {
        let why = (state == ComputationState::Infeasible).then(|| Json(answer.clone()));
        let after = ProposalRow { answer: why, ..proposal.clone() };
        return tx.update("computationEnded", proposal, after).map(|_| ());
    }
    let explanation = ComputationRow::new(
        tx.ctx,
        proposal,
        ComputationPurpose::Explanations,
        row.input.clone(),
        row.reserve_count,
        row.has_real_seed,
    );
    store::begin(tx, &explanation)?;
    let after = ProposalRow {
        answer: Some(Json(answer.clone())),
        reserves: Json(reserves.to_vec()),
        input_hash: Some(row.input_hash.clone()),
        explanation_id: Some(explanation.id),
        ..proposal.clone()
    };
    tx.automatic(proposal, after, ProposalState::Computed, None).map(|_| ())
}

/// How a computation with this answer ends.
fn state_of(answer: &selection::Answer, is_of_pool: bool) -> ComputationState {
    match answer {
        _ if !is_of_pool => ComputationState::PoolChanged,
        // Nobody knows whether there is a choice: to call it impossible would be wrong.
        selection::Answer::Infeasible { because: selection::Because::Budget, .. } => {
            ComputationState::BudgetSpent
        }
        selection::Answer::Infeasible { .. } => ComputationState::Infeasible,
        selection::Answer::Optimal { .. } | selection::Answer::Feasible { .. } => ComputationState::Done,
    }
}

#[cfg(test)]
mod tests {
    use selection::{Answer, Because};

    use super::*;

    #[test]
    fn a_search_that_found_nothing_in_time_is_not_an_impossible_one() {
        let without = |because| Answer::Infeasible { because, relaxation: None };
        assert_eq!(state_of(&without(Because::Budget), true), ComputationState::BudgetSpent);
        assert_eq!(state_of(&without(Because::Pins), true), ComputationState::Infeasible);
        assert_eq!(state_of(&without(Because::Budget), false), ComputationState::PoolChanged);
    }
}
