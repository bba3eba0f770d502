//! The changes of a month exception: what each requires and what follows from it.

use super::requests::{ExceptionPatch, NewException};
use super::rules;
use super::store::ExceptionRow;
use crate::identity::policy::MonthExceptionManage;
use crate::platform::audit::Audited as _;
use crate::platform::auth::scope::{AuthzKeys, HasKeys as _};
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::relations::Thing;
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
    let kommunkod =
        new.kommunkod.as_deref().or(participant.as_ref().and_then(|row| row.kommunkod.as_deref()));
    check_not_own(tx, AuthzKeys { kommunkod, ..programme.keys() }, participant.as_ref())?;
    Code::InvalidInput.refuse_any(faults)?;
    let row = new.into_row(tx.ctx, participant);
    tx.insert(&row)?;
    Ok(row)
}

/// Ends an exception earlier or later.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: ExceptionPatch) -> Result<ExceptionRow, Problem> {
    let changed = tx.change(id, "changed", |tx, before: &ExceptionRow| {
        let participant =
            before.participant_id.map(|id| participants::unscoped_by_id(tx.db, id)).transpose()?;
        check_not_own(tx, before.keys(), participant.as_ref())?;
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

/// 403 for the month of the caller's own kommun, or of the caller: another programme manager grants that exception.
fn check_not_own(
    tx: &mut Tx<'_>,
    keys: AuthzKeys<'_>,
    participant: Option<&ParticipantRow>,
) -> Result<(), Problem> {
    tx.check_not_own_case::<MonthExceptionManage>(&Thing::new(tx.ctx, ExceptionRow::TYPE, keys))?;
    let Some(participant) = participant else { return Ok(()) };
    tx.check_not_own_case::<MonthExceptionManage>(&Thing::of(participant))
}
