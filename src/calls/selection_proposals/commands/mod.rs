//! The changes of a selection proposal: what each requires and what follows from it.

mod status;

use std::collections::BTreeSet;

use super::facts::Known;
use super::input;
use super::requests::{NewSelectionProposal, SelectionProposalPatch};
use super::rules;
use super::store::ProposalRow;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, ProgrammeRow, ProgrammeState, SentPlan};
use crate::reference::kommuner;

/// Adds a proposal.
pub fn create(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    new: NewSelectionProposal,
) -> Result<ProposalRow, Problem> {
    let (is_what_if, has_own_seed) = (new.is_what_if, new.seed.is_some());
    let plan = programme.plan();
    let sent = new.sent(&plan);
    let row = new.into_row(tx.ctx, programme, sent.clone().read_or(plan));
    Code::InvalidInput.refuse_any(all_faults(tx, &row, &sent, programme)?)?;
    rules::check_programme(&row, programme.status)?;
    rules::check_seed_known(is_what_if, has_own_seed, programme)?;
    tx.insert(&row)?;
    Ok(row)
}

/// Changes a draft.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: SelectionProposalPatch) -> Result<ProposalRow, Problem> {
    let changed = tx.change(id, "changed", |tx, before: &ProposalRow| {
        let programme = programme::unscoped_by_id(tx.db, before.programme_id)?;
        let sent = patch.sent(before);
        let after = patch.apply(before.clone());
        let known = Known::of(&mut tx.as_read(), std::slice::from_ref(before))?;
        let changeable = rules::check_changeable(before, known.facts(before)?.is_computing);
        // After the announcement nobody is left in the pool. That is no error of a proposal which does not change any more.
        let faults = match &changeable {
            Ok(()) if after == *before => Vec::new(),
            Ok(()) => all_faults(tx, &after, &sent, &programme)?,
            Err(_) => faults_without_pool(tx, &after, &sent, &programme)?,
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
    sent: &SentPlan,
    programme: &ProgrammeRow,
) -> Result<Vec<FieldError>, Problem> {
    if programme.status != ProgrammeState::Selecting {
        return faults_without_pool(tx, row, sent, programme);
    }
    let mut faults = rules::faults(row, programme, &programme.plan(), &sent.unread());
    let pool = input::applicants(&mut tx.as_read(), programme)?;
    faults.extend(input::read(row, sent, &pool)?.err().unwrap_or_default());
    let places = u32::try_from(row.places).ok().filter(|places| *places > 0);
    let pool: BTreeSet<String> = input::pool_of(&pool)?.into_keys().collect();
    faults.extend(places.and_then(|places| sent.too_many_pins(places, &pool)));
    Ok(faults)
}

/// The errors of a proposal against its programme and in itself.
fn faults_without_pool(
    tx: &mut Tx<'_>,
    row: &ProposalRow,
    sent: &SentPlan,
    programme: &ProgrammeRow,
) -> Result<Vec<FieldError>, Problem> {
    let mut faults = rules::faults(row, programme, &programme.plan(), &sent.unread());
    let known = kommuner::all(tx.db)?.into_iter().map(|kommun| kommun.kommunkod).collect();
    faults.extend(sent.faults(row.places, &known));
    Ok(faults)
}
