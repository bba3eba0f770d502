//! The changes of a selection proposal: what each requires and what follows from it.

mod status;

use super::facts::Known;
use super::input;
use super::requests::{NewSelectionProposal, SelectionProposalPatch};
use super::rules;
use super::store::ProposalRow;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, ProgrammeRow, ProgrammeState, SelectionPlan};
use crate::reference::kommuner;

/// Adds a proposal.
pub fn create(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    new: NewSelectionProposal,
) -> Result<ProposalRow, Problem> {
    let (is_what_if, has_own_seed) = (new.is_what_if, new.seed.is_some());
    let row = new.into_row(tx.ctx, programme, &programme.plan());
    Code::InvalidInput.refuse_any(all_faults(tx, &row, programme)?)?;
    rules::check_programme(&row, programme.status)?;
    rules::check_seed_known(is_what_if, has_own_seed, programme)?;
    tx.insert(&row)?;
    Ok(row)
}

/// Changes a draft.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: SelectionProposalPatch) -> Result<ProposalRow, Problem> {
    let changed = tx.change(id, "changed", |tx, before: &ProposalRow| {
        let programme = programme::unscoped_by_id(tx.db, before.programme_id)?;
        let after = patch.apply(before.clone());
        let known = Known::of(&mut tx.as_read(), std::slice::from_ref(before))?;
        let changeable = rules::check_changeable(before, known.facts(before)?.is_computing);
        // After the announcement nobody is left in the pool. That is no error of a proposal which does not change any more.
        let faults = match &changeable {
            Ok(()) if after == *before => Vec::new(),
            Ok(()) => all_faults(tx, &after, &programme)?,
            Err(_) => rules::faults(&after, &programme, &programme.plan()),
        };
        Code::InvalidInput.refuse_any(faults)?;
        changeable.map(|()| after)
    })?;
    Ok(changed.after)
}

/// Deletes a draft that was never computed.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<(), Problem> {
    tx.delete(id, |_, row: &ProposalRow| rules::check_deletable(row))?;
    Ok(())
}

/// Every error of a proposal: against its programme, in itself, and, while the places are being given, against the pool.
fn all_faults(
    tx: &mut Tx<'_>,
    row: &ProposalRow,
    programme: &ProgrammeRow,
) -> Result<Vec<FieldError>, Problem> {
    let mut faults = rules::faults(row, programme, &programme.plan());
    if programme.status == ProgrammeState::Selecting {
        faults.extend(input::of(&mut tx.as_read(), row, programme)?.err().unwrap_or_default());
    } else {
        let (goals, quotas, pins) = (row.goals.0.clone(), row.quotas.0.clone(), row.pins.0.clone());
        let plan = SelectionPlan { goals, quotas, pins };
        let known = kommuner::all(tx.db)?.into_iter().map(|kommun| kommun.kommunkod).collect();
        faults.extend(plan.faults(row.places));
        faults.extend(plan.unknown_kommuner(&known));
    }
    Ok(faults)
}
