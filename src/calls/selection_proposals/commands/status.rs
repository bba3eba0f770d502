//! The steps of a proposal. To `computed` only begins: the proposal stays a draft until the computation has ended.

use crate::calls::applications;
use crate::calls::selection_proposals::computing::{self, ComputationRow};
use crate::calls::selection_proposals::facts::Known;
use crate::calls::selection_proposals::requests::SelectionChangeData;
use crate::calls::selection_proposals::rules::{self, WORKFLOW};
use crate::calls::selection_proposals::store::ProposalRow;
use crate::calls::selection_proposals::{ComputationPurpose, ProposalState, input, record};
use crate::platform::db::sql::Json;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::services::Services;
use crate::platform::tx::Tx;
use crate::platform::workflow::status_changes::ChangeStatus;
use crate::platform::workflow::{Step, Wanted, incomplete};
use crate::programmes::programme::{self, ProgrammeRow};

type WantedStep = Wanted<ProposalState, SelectionChangeData>;

impl ChangeStatus for ProposalRow {
    type Data = SelectionChangeData;

    fn change_status(tx: &mut Tx<'_>, seen: &Self, wanted: &WantedStep) -> Result<Self, Problem> {
        // The programme first: its applications and letters change under its lock too.
        tx.lock::<ProgrammeRow>(seen.programme_id)?;
        if wanted.to == ProposalState::Announced {
            applications::lock_before_decided(tx, seen.programme_id)?;
        }
        if wanted.to == ProposalState::Computed {
            return compute(tx, seen.id, wanted);
        }
        let changed = tx.step(seen.id, wanted, |tx, before: &Self, step| {
            let prepared = prepared(tx, before, step);
            let known = Known::of(&mut tx.as_read(), std::slice::from_ref(before))?;
            let possible = rules::check_step(before, known.facts(before)?, step.to);
            match prepared {
                Err(problem) if matches!(problem.code.status(), 403 | 422) => Err(problem),
                other => possible.and(other),
            }
        })?;
        follow(tx, &changed.before, &changed.after)?;
        Ok(changed.after)
    }

    fn committed(services: &Services, to: ProposalState) {
        if to == ProposalState::Computed {
            computing::wake(services);
        }
    }

    /// 202: the computation has begun.
    fn answered(to: ProposalState) -> u16 {
        if to == ProposalState::Computed { 202 } else { 200 }
    }
}

/// Begins the computation of a draft.
fn compute(tx: &mut Tx<'_>, id: Id, wanted: &WantedStep) -> Result<ProposalRow, Problem> {
    let (before, input) = tx.judged(id, wanted.version, |tx, before: &ProposalRow| {
        let roles = tx.ctx.scope.roles_for(before);
        WORKFLOW.requested(before.status, wanted.to, &roles, wanted.comment.as_deref())?;
        // The step takes no input, so the state comes first; what is wrong is what was entered before, and the pool.
        let known = Known::of(&mut tx.as_read(), std::slice::from_ref(before))?;
        rules::check_step(before, known.facts(before)?, wanted.to)?;
        let programme = programme::unscoped_by_id(tx.db, before.programme_id)?;
        let mut faults = rules::faults(before, &programme, &programme.plan(), &[]);
        let input = input::of(&mut tx.as_read(), before, &before.plan().into(), &programme)?;
        let input = input.map_err(|found| faults.extend(found));
        Code::StateConflict.refuse_any(faults)?;
        let has_real_seed = programme.seed.as_ref() == Some(&before.seed);
        let input = input.map_err(|()| Problem::internal("an input with errors"))?;
        Ok((input::canonical(&input)?, has_real_seed))
    })?;
    let (input, has_real_seed) = input;
    let reserve_count = input::reserve_count(&mut tx.as_read(), &before)?;
    let row =
        ComputationRow::new(tx.ctx, &before, ComputationPurpose::Answer, input, reserve_count, has_real_seed);
    computing::begin(tx, &row)?;
    let after = ProposalRow { computation_id: Some(row.id), answer: None, ..before.clone() };
    tx.update("computationStarted", &before, after)
}

/// The row as the step changes it; 403 or 422 with everything that the step itself lacks.
fn prepared(
    tx: &mut Tx<'_>,
    before: &ProposalRow,
    step: &Step<'_, ProposalState, SelectionChangeData>,
) -> Result<ProposalRow, Problem> {
    let mut after = before.clone();
    match step.to {
        ProposalState::Draft => {
            // Its computations stay: they count in the decision's record.
            after.answer = None;
            after.explanation_id = None;
            after.input_hash = None;
            after.reserves = Json(Vec::new());
        }
        ProposalState::Adopted => {
            let programme = programme::unscoped_by_id(tx.db, before.programme_id)?;
            applications::check_own_in_pool(&mut tx.as_read(), &programme)?;
            let mut faults = step.missing(|member| member == rules::UNPROVEN && !before.is_proven());
            let decision = step.data.and_then(|data| data.decision.clone());
            if let Some(decision) = &decision {
                faults.extend(rules::decision_faults(decision, before.created_at, tx.ctx.today()));
            }
            Code::InvalidInput.refuse_any(faults)?;
            after.decision = Some(Json(decision.ok_or_else(incomplete)?));
            let unproven = step.data.and_then(|data| data.unproven_reason.clone());
            after.unproven_reason = unproven.filter(|_| !before.is_proven()).map(String::from);
            // A row that was put into this state by other means has no computation; the checks after this refuse it.
            let record = before.computation_id.map(|_| record::of(&mut tx.as_read(), before)).transpose()?;
            after.record = record.map(Json);
        }
        _ => {}
    }
    Ok(after)
}

/// What follows from a step: what was being computed is cancelled, and the announcement moves the programme and with it every
/// application of the pool.
fn follow(tx: &mut Tx<'_>, before: &ProposalRow, after: &ProposalRow) -> Result<(), Problem> {
    match after.status {
        ProposalState::Draft | ProposalState::Withdrawn => computing::cancel(tx, before),
        ProposalState::Announced => programme::decide(tx, after.programme_id),
        _ => Ok(()),
    }
}
