//! What the audit trail says of a selection: whether the proposal, its programme and every computation that its decision's record
//! counts are still what was written of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::computing::{self, ComputationRow};
use super::store::{self, ProposalRow};
use crate::platform::audit::Audited as _;
use crate::platform::audit::verification::RowFault;
use crate::platform::audit::verification::single::faults_of;
use crate::platform::audit::verification::verified::Verified as _;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::programme::ProgrammeRow;

/// What is not as the trail says.
pub fn faults(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<Vec<RowFault>, Problem> {
    let of_proposal = computing::unscoped_of_proposal(rx, proposal.id)?.into_iter().map(|row| row.id);
    let with_seed = computing::unscoped_with_real_seed(rx.db, proposal.programme_id)?;
    // Also those that are not stored any more: the record and the proposal name them.
    let recorded = proposal.record.iter().flat_map(|record| record.0.others.iter().map(|other| other.id));
    let named = proposal.computation_id.into_iter().chain(proposal.explanation_id);
    let computations: BTreeSet<Id> =
        of_proposal.chain(with_seed.into_iter().map(|row| row.id)).chain(recorded).chain(named).collect();
    let asked = [
        (&ProposalRow::VERIFIED, BTreeSet::from([proposal.id])),
        (&ComputationRow::VERIFIED, computations),
        (&ProgrammeRow::VERIFIED, BTreeSet::from([proposal.programme_id])),
    ];
    let mut faults = faults_of(rx, &asked)?;
    // What was entered into a text without changing what it says.
    for (column, text) in store::unscoped_texts(rx.db, proposal.id)? {
        if !is_as_written(&text) {
            faults.push(RowFault {
                resource_type: ProposalRow::TYPE.to_owned(),
                resource_id: proposal.id.to_string(),
                fault: "changed".to_owned(),
                member: Some(column.to_owned()),
            });
        }
    }
    Ok(faults)
}

/// Whether JSON has the form in which the program writes it, without a character that says nothing. The order of its members is
/// that of the program's types, which its length does not depend on.
fn is_as_written(text: &str) -> bool {
    let again = serde_json::from_str::<Value>(text).and_then(|value| serde_json::to_string(&value));
    again.is_ok_and(|again| again.len() == text.len())
}

/// The faults in a few words: what differs, and of it which member.
pub fn told(faults: &[RowFault]) -> String {
    let told = faults.iter().take(10).map(|fault| {
        let what = fault.member.as_deref().unwrap_or(&fault.fault);
        format!("{} {}: {what}", fault.resource_type, fault.resource_id)
    });
    told.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_says_nothing_is_seen() {
        for written in ["[]", r#"{"b":"å \"x\"","a":[1,null,true]}"#, "null"] {
            assert!(is_as_written(written), "{written}");
        }
        for entered in ["[] ", "[ ]", r#"{"a":"\u0041"}"#, r#"["a\/b"]"#, "", "[", "1 1"] {
            assert!(!is_as_written(entered), "{entered}");
        }
    }
}
