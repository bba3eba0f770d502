//! The changes of state that a person asks for.

use super::automatic::{facts, follow_up, selection_stage, tell};
use crate::calls::applications::requests::ApplicationChangeData;
use crate::calls::applications::store::{self, ApplicationRow};
use crate::calls::applications::{ApplicationState, rules};
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::platform::workflow::Wanted;
use crate::platform::workflow::status_changes::ChangeStatus;
use crate::programmes::programme::{self, ProgrammeRow};

impl ChangeStatus for ApplicationRow {
    type Data = ApplicationChangeData;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<ApplicationState, ApplicationChangeData>,
    ) -> Result<Self, Problem> {
        let programme = lock_places(tx, seen.id, wanted.to)?;
        let changed = tx.step(seen.id, wanted, |tx, before: &Self, step| {
            rules::refuse_own_work(before, tx.ctx.caller.person_id(), step.role)?;
            let mut after = rules::without_end_reason(before);
            if let Some(respond_by) = step.data.and_then(|data| data.respond_by) {
                let faults = rules::invitation_faults(step.to, respond_by.0, &programme, tx.ctx.now);
                Code::InvalidInput.refuse_any(faults)?;
                after.respond_by = Some(respond_by.0);
            }
            rules::allow(&after, &programme, selection_stage(tx, &programme)?, step.to, tx.ctx.now)?;
            if step.to == ApplicationState::Selected {
                check_place(tx, before, &programme)?;
            }
            if step.to == ApplicationState::Terminated {
                after.reason = step.comment.map(str::to_owned);
            }
            Ok(after)
        })?;
        tell(tx, &programme, &changed.before, &changed.after, wanted.comment.as_deref())?;
        follow_up(tx, &programme, changed.after)
    }
}

/// The programme, locked when the step takes one of its places or ends the work of a team: two managers must not give
/// away the last place twice, and nobody may join a team that ends.
fn lock_places(tx: &mut Tx<'_>, id: Id, to: ApplicationState) -> Result<ProgrammeRow, Problem> {
    let programme_id = store::unscoped_by_id(tx.db, id)?.programme_id;
    match to {
        ApplicationState::Selected | ApplicationState::Qualified | ApplicationState::Terminated => {
            tx.locked::<ProgrammeRow>(programme_id)
        }
        _ => programme::unscoped_by_id(tx.db, programme_id),
    }
}

/// 409 when every place is taken, or when the kommun needs a letter for its place and has none.
fn check_place(
    tx: &mut Tx<'_>,
    application: &ApplicationRow,
    programme: &ProgrammeRow,
) -> Result<(), Problem> {
    let taken = store::unscoped_count_in(tx.db, programme.id, &rules::HOLDS_A_PLACE)?;
    rules::check_free_place(taken, programme)?;
    rules::check_letter(&facts(tx, application, programme)?, programme, tx.ctx.now)
}
