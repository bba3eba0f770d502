//! The record of a decision: how many computations were made with the real seed, and in what their inputs differed. Goals,
//! quotas and pins are chosen when the seed is known, so this shows whether somebody tried until the answer was to their liking.

use std::collections::HashMap;

use super::computing::{self, ComputationRow};
use super::differences::{self, Rules};
use super::store::ProposalRow;
use super::{ComputationState, DecisionRecord, OtherComputation};
use crate::platform::audit::writers::order_of;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

/// The events that say what a record could know: the computation was begun, it had ended, the proposal was adopted.
const BEGUN: &str = "selectionComputation.created";
const ENDED: &str = "selectionComputation.ended";
const ADOPTED: &str = "selectionProposal.adopted";

/// The record of the decision to adopt a proposal.
pub fn of(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<DecisionRecord, Problem> {
    let all = computing::unscoped_with_real_seed(rx.db, proposal.programme_id)?;
    told(proposal, &all).ok_or_else(|| Problem::internal("an adopted proposal without its computation"))
}

/// The record once more, from the computations that are kept, as they were when the proposal was adopted: of those that were
/// begun later it says nothing, and of those that ended later that they were running. The order of the audit trail tells which.
/// None when nothing tells, or the inputs cannot be read.
pub fn again(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<Option<DecisionRecord>, Problem> {
    let all = computing::unscoped_with_real_seed(rx.db, proposal.programme_id)?;
    let ids: Vec<Id> = all.iter().map(|row| row.id).chain([proposal.id]).collect();
    let order = order_of(rx, &ids, &[BEGUN, ENDED, ADOPTED])?;
    let at: HashMap<(Id, &str), i64> =
        order.iter().map(|(id, action, place)| ((*id, action.as_str()), *place)).collect();
    let Some(adopted) = at.get(&(proposal.id, ADOPTED)) else { return Ok(None) };
    let was_before =
        |id: Id, action: &'static str| at.get(&(id, action)).is_some_and(|place| place < adopted);
    let begun = all.into_iter().filter(|row| was_before(row.id, BEGUN));
    let then = begun.map(|row| match was_before(row.id, ENDED) {
        true => row,
        false => ComputationRow { state: ComputationState::Running, ..row },
    });
    Ok(told(proposal, &then.collect::<Vec<_>>()))
}

/// What these computations say; none without the proposal's own, or when an input is none.
fn told(proposal: &ProposalRow, all: &[ComputationRow]) -> Option<DecisionRecord> {
    let adopted = all.iter().find(|row| Some(row.id) == proposal.computation_id)?;
    let rules = Rules::of_input(&adopted.input)?;
    let others = all.iter().filter(|row| row.id != adopted.id).map(|row| other(row, &rules));
    Some(DecisionRecord {
        computations: all.len(),
        input_hash: adopted.input_hash.clone(),
        others: others.collect::<Option<Vec<_>>>()?,
    })
}

fn other(row: &ComputationRow, adopted: &Rules) -> Option<OtherComputation> {
    let found = differences::between(&Rules::of_input(&row.input)?, adopted);
    Some(OtherComputation {
        id: row.id,
        proposal_id: row.proposal_id,
        started_at: row.created_at,
        state: row.state,
        input_hash: row.input_hash.clone(),
        differs: found.names,
        from: found.from,
        to: found.to,
        other_facts: found.other_facts,
    })
}
