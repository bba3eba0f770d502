//! The changes of a month: how it is added, what the clock does to it, and the economist's lock.

use super::requests::MonthChangeData;
use super::store::{self, MonthRow};
use super::{MonthState, rules};
use crate::platform::db::Db;
use crate::platform::db::sql::Json;
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::platform::workflow::Wanted;
use crate::platform::workflow::status_changes::ChangeStatus;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};
use crate::programmes::settings;
use crate::team::participants;
use crate::time::time_reports;

/// Adds the months of a running programme that have begun and have no row yet; returns how many.
pub fn add_begun(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<usize, Problem> {
    if programme.status != ProgrammeState::Running {
        return Ok(0);
    }
    let there: Vec<Month> =
        store::unscoped_of_programme(tx.db, programme.id)?.into_iter().map(|row| row.month).collect();
    let mut count = 0;
    for month in rules::begun(programme, tx.ctx.today()).into_iter().filter(|month| !there.contains(month)) {
        let row = MonthRow {
            id: tx.ctx.new_id(),
            programme_id: programme.id,
            month,
            status: MonthState::Open,
            grace_ends_at: grace_end(tx.db, programme.id, month)?,
            missing: Json(Vec::new()),
            created_at: tx.ctx.written,
            updated_at: tx.ctx.written,
            version: 1,
        };
        tx.insert(&row)?;
        count += 1;
    }
    Ok(count)
}

/// The end of a month's grace by the settings of its last day, as far as they are known.
fn grace_end(db: &mut Db, programme_id: Id, month: Month) -> Result<Instant, Problem> {
    let settings = settings::unscoped_of_month(db, programme_id, month)?;
    Ok(rules::grace_ends_at(month, settings.content.0.grace_working_days))
}

/// Takes the step that the clock makes now, if any; returns whether there was one.
pub fn take_due_step(tx: &mut Tx<'_>, id: Id) -> Result<bool, Problem> {
    let row = tx.locked::<MonthRow>(id)?;
    let Some(to) = rules::due(&row, tx.ctx.now) else { return Ok(false) };
    let mut after = row.clone();
    if to == MonthState::Grace {
        // Settings may have been entered since the month began. From its last day onwards they do not change.
        after.grace_ends_at = grace_end(tx.db, row.programme_id, row.month)?;
    }
    tx.automatic(&row, after, to, None)?;
    Ok(true)
}

impl ChangeStatus for MonthRow {
    type Data = MonthChangeData;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<MonthState, MonthChangeData>,
    ) -> Result<Self, Problem> {
        // The reports are locked before the month, in the order that every command with both uses (see `acceptance`).
        let reports = time_reports::locked_of_month(tx, seen.programme_id, seen.month)?;
        let changed = tx.step(seen.id, wanted, |tx, before: &Self, step| {
            let missing = step.data.map(|data| data.missing.clone()).unwrap_or_default();
            let lacking = step.missing(|_| true);
            time_reports::lock_month(tx, before.programme_id, before.month, &reports, &missing, lacking)?;
            Ok(Self { missing: Json(missing), ..before.clone() })
        })?;
        end_roles(tx, seen.programme_id, seen.month)?;
        Ok(changed.after)
    }
}

/// Ends the roles of those whose last day lies in this month, if it is locked: they keep the role of a participant until then
/// (guide §4).
pub fn end_roles(tx: &mut Tx<'_>, programme_id: Id, month: Month) -> Result<(), Problem> {
    let locked = locked(tx, programme_id)?;
    if locked.contains(&month) {
        participants::end_roles(tx, programme_id, month, &locked)?;
    }
    Ok(())
}

/// Ends the role of coordinator in kommuner that have left the programme and whose last month is locked already.
pub fn end_coordinators(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    let locked = locked(tx, programme.id)?;
    participants::end_coordinators(tx, programme, &locked, None)
}

fn locked(tx: &mut Tx<'_>, programme_id: Id) -> Result<Vec<Month>, Problem> {
    let months = store::unscoped_of_programme(tx.db, programme_id)?.into_iter();
    Ok(months.filter(|row| row.status == MonthState::Locked).map(|row| row.month).collect())
}
