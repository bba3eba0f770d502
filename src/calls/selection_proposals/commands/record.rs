//! The record of a decision: how many computations were made with the real seed, and in what their inputs differed. Goals,
//! quotas and pins are chosen when the seed is known, so this shows whether somebody tried until the answer was to their liking.

use serde_json::{Map, Value};

use crate::calls::selection_proposals::computing::{self, ComputationRow};
use crate::calls::selection_proposals::store::ProposalRow;
use crate::calls::selection_proposals::{DecisionRecord, OtherComputation};
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

/// The record of the decision to adopt a proposal.
pub fn of(tx: &mut Tx<'_>, proposal: &ProposalRow) -> Result<DecisionRecord, Problem> {
    let all = computing::unscoped_with_real_seed(tx.db, proposal.programme_id)?;
    let adopted = all.iter().find(|row| Some(row.id) == proposal.computation_id);
    let adopted = adopted.ok_or_else(|| Problem::internal("an adopted proposal without its computation"))?;
    let input = members(&adopted.input)?;
    let others: Result<Vec<OtherComputation>, Problem> =
        all.iter().filter(|row| row.id != adopted.id).map(|row| other(row, &input)).collect();
    Ok(DecisionRecord { computations: all.len(), input_hash: adopted.input_hash.clone(), others: others? })
}

fn other(row: &ComputationRow, adopted: &Map<String, Value>) -> Result<OtherComputation, Problem> {
    Ok(OtherComputation {
        id: row.id,
        proposal_id: row.proposal_id,
        started_at: row.created_at,
        state: row.state,
        input_hash: row.input_hash.clone(),
        differs: differing(&members(&row.input)?, adopted),
    })
}

fn members(input: &str) -> Result<Map<String, Value>, Problem> {
    serde_json::from_str(input).map_err(Problem::internal)
}

/// The names of the members that one has and the other has not, or has otherwise.
fn differing(one: &Map<String, Value>, other: &Map<String, Value>) -> Vec<String> {
    let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}
