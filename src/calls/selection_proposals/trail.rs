//! What the audit trail says of a selection: whether the proposal, its programme and every computation that its decision's record
//! counts are still what was written of them.

use std::collections::BTreeSet;

use super::computing::{self, ComputationRow};
use super::store::ProposalRow;
use crate::platform::audit::Audited as _;
use crate::platform::audit::verification::RowFault;
use crate::platform::audit::verification::single::{faults_of, rewritten};
use crate::platform::audit::verification::verified::Verified as _;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::programme::ProgrammeRow;

/// What is not as the trail says.
pub fn faults(
    rx: &mut Rx<'_>,
    proposal: &ProposalRow,
    programme: &ProgrammeRow,
) -> Result<Vec<RowFault>, Problem> {
    let of_proposal = computing::unscoped_of_proposal(rx, proposal.id)?.into_iter().map(|row| row.id);
    let with_seed = computing::unscoped_with_real_seed(rx.db, proposal.programme_id)?;
    // Also those that are not stored any more: the record and the proposal name them.
    let recorded = proposal.record.iter().flat_map(|record| record.0.others.iter().map(|other| other.id));
    let named = proposal.computation_id.into_iter().chain(proposal.explanation_id);
    let computations: BTreeSet<Id> =
        of_proposal.chain(with_seed.into_iter().map(|row| row.id)).chain(recorded).chain(named).collect();
    // The proposals of those too, since the record names them.
    let proposals =
        proposal.record.iter().flat_map(|record| record.0.others.iter().map(|other| other.proposal_id));
    let asked = [
        (&ProposalRow::VERIFIED, proposals.chain([proposal.id]).collect()),
        (&ComputationRow::VERIFIED, computations),
        (&ProgrammeRow::VERIFIED, BTreeSet::from([proposal.programme_id])),
    ];
    let mut faults = faults_of(rx, &asked)?;
    faults.extend(rewritten(rx, &ProposalRow::VERIFIED, proposal.id, &proposal.written()?)?);
    faults.extend(rewritten(rx, &ProgrammeRow::VERIFIED, programme.id, &programme.written()?)?);
    if !programme.is_keyed() {
        faults.push(RowFault {
            resource_type: ProgrammeRow::TYPE.to_owned(),
            resource_id: programme.id.to_string(),
            fault: "changed".to_owned(),
            member: Some("name".to_owned()),
        });
    }
    Ok(faults)
}

/// The faults in a few words: what differs, and of it which member.
pub fn told(faults: &[RowFault]) -> String {
    let told = faults.iter().take(10).map(|fault| {
        let what = fault.member.as_deref().unwrap_or(&fault.fault);
        format!("{} {}: {what}", fault.resource_type, fault.resource_id)
    });
    told.collect::<Vec<_>>().join("; ")
}
