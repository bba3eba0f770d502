//! The changes of a month exception: what each requires and what follows from it.

use super::requests::{ExceptionPatch, NewException};
use super::rules;
use super::store::ExceptionRow;
use crate::identity::policy::MonthExceptionManage;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::ProgrammeRow;
use crate::team;
use crate::team::participants::{self, ParticipantRow};

/// Grants an exception.
pub fn create(tx: &mut Tx<'_>, new: NewException) -> Result<ExceptionRow, Problem> {
    let programme = programme_of(tx, new.programme_id)?;
    let mut faults = rules::faults(&new, &programme, tx.ctx.now);
    faults.extend(team::unknown_kommun(tx.db, new.kommunkod.as_deref())?);
    let mut participant = None;
    if let Some(id) = new.participant_id {
        participant = participants::unscoped_by_ids(tx.db, vec![id])?.pop();
        participant = participant.filter(|row| row.programme_id == programme.id);
        faults.extend(participant.is_none().then(unknown_participant));
    }
    if let Some(participant) = &participant {
        check_not_own(tx.ctx, participant)?;
    }
    Code::InvalidInput.refuse_any(faults)?;
    let row = new.into_row(tx.ctx, participant);
    tx.insert(&row)?;
    Ok(row)
}

/// Ends an exception earlier or later.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: ExceptionPatch) -> Result<ExceptionRow, Problem> {
    let changed = tx.change(id, "changed", |tx, before: &ExceptionRow| {
        if let Some(participant) = before.participant_id {
            check_not_own(tx.ctx, &participants::unscoped_by_id(tx.db, participant)?)?;
        }
        Ok(patch.apply(before.clone(), tx.ctx.now))
    })?;
    Ok(changed.after)
}

/// Records in the audit trail that the exception has let a change through.
pub fn note_use(tx: &mut Tx<'_>, row: &ExceptionRow) -> Result<(), Problem> {
    tx.audit_changed("used", row, row)
}

/// The programme that the body names: 404 when the caller does not see it, 403 when the caller does not manage it.
fn programme_of(tx: &mut Tx<'_>, id: Id) -> Result<ProgrammeRow, Problem> {
    let found = tx.visible::<ProgrammeRow>(id)?;
    tx.ctx.check_reach::<MonthExceptionManage>(&found)?;
    Ok(found)
}

fn unknown_participant() -> FieldError {
    let words =
        Localized::fixed("Ingen sådan medarbetare i programmet.", "No such participant in the programme.");
    FieldError::new("/participantId", "unknown", words)
}

/// 403 for the caller's own month: another programme manager grants that exception (guide §1, "own work").
fn check_not_own(ctx: &Context, participant: &ParticipantRow) -> Result<(), Problem> {
    if !ctx.caller.is_person(participant.person_id) {
        return Ok(());
    }
    Err(Problem::new(Code::OwnWork).detail(
        "Ingen beviljar sig själv ett undantag; det gör en annan projektledare.",
        "Nobody grants an exception to themselves; another programme manager does.",
    ))
}
