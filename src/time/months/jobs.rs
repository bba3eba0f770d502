//! What the clock does with months: makes them as they begin, moves them to grace and closes them. Running a programme
//! makes those that have begun at once; completing it asks that all are locked.

use super::{MonthRow, MonthState, rules, store};
use crate::platform::codes::Codes as _;
use crate::platform::db::Db;
use crate::platform::db::sql::Json;
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::problem::{FieldError, Problem};
use crate::platform::services::Services;
use crate::platform::stored::Stored as _;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, ProgrammeRow, ProgrammeState};
use crate::programmes::{ProgrammeListener, settings};

/// The job. Each programme and each step is a transaction of its own.
pub fn follow_the_clock(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    let mut count = 0;
    for programme in
        services.database.read_now(&ctx, |rx| programme::in_states(rx, &[ProgrammeState::Running]))?
    {
        count += services.database.write_now(&services.system(), |tx| {
            let programme = ProgrammeRow::locked(tx, programme.id)?;
            add_begun(tx, &programme)
        })?;
    }
    for month in services.database.read_now(&ctx, store::under_way)? {
        while services.database.write_now(&services.system(), |tx| step(tx, month.id))? {
            count += 1;
        }
    }
    Ok(count)
}

/// Makes the months that have begun and are not there yet; answers how many.
fn add_begun(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<usize, Problem> {
    if programme.status != ProgrammeState::Running {
        return Ok(0);
    }
    let there: Vec<Month> =
        store::of_programme(tx.db, programme.id)?.into_iter().map(|row| row.month).collect();
    let mut count = 0;
    for month in rules::begun(programme, tx.ctx.today()).into_iter().filter(|month| !there.contains(month)) {
        let row = MonthRow {
            id: tx.ctx.new_id(),
            programme_id: programme.id,
            month,
            status: MonthState::Open,
            grace_ends_at: grace_end(tx.db, programme.id, month)?,
            missing: Json(Vec::new()),
            created_at: tx.ctx.now,
            updated_at: tx.ctx.now,
            version: 1,
        };
        tx.insert(&row)?;
        count += 1;
    }
    Ok(count)
}

/// By the settings of the month's last day, as far as they are known.
fn grace_end(db: &mut Db, programme_id: Id, month: Month) -> Result<Instant, Problem> {
    let settings = settings::on_day(db, programme_id, month.last_day())?;
    Ok(rules::grace_ends_at(month, settings.content.0.grace_working_days))
}

/// One step of one month, if it is due.
fn step(tx: &mut Tx<'_>, id: Id) -> Result<bool, Problem> {
    let row = MonthRow::locked(tx, id)?;
    let Some(to) = rules::due(&row, tx.ctx.now) else { return Ok(false) };
    let mut after = row.clone();
    if to == MonthState::Grace {
        // Settings may have been entered since the month began; from its last day on they stand.
        after.grace_ends_at = grace_end(tx.db, row.programme_id, row.month)?;
    }
    tx.automatic(&row, after, to, None)?;
    Ok(true)
}

/// Follows a programme's states.
pub struct Follower;

impl ProgrammeListener for Follower {
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        programme: &ProgrammeRow,
        to: ProgrammeState,
    ) -> Result<Vec<FieldError>, Problem> {
        if to != ProgrammeState::Completed {
            return Ok(Vec::new());
        }
        let rows = store::of_programme(tx.db, programme.id)?;
        let state_of = |month: Month| rows.iter().find(|row| row.month == month).map(|row| row.status);
        let months = rules::begun(programme, programme.ends_on).into_iter();
        let unlocked = months.filter(|month| state_of(*month) != Some(MonthState::Locked));
        Ok(unlocked
            .map(|month| {
                let label = state_of(month).unwrap_or(MonthState::Open).label();
                let words = Localized::new(
                    format!("{month} är {}, inte låst.", label.sv),
                    format!("{month} is {}, not locked.", label.en),
                );
                FieldError::new(format!("/months/{month}"), "notLocked", words)
            })
            .collect())
    }

    fn changed(&self, tx: &mut Tx<'_>, before: &ProgrammeRow, after: &ProgrammeRow) -> Result<(), Problem> {
        if before.status != after.status && after.status == ProgrammeState::Running {
            add_begun(tx, after)?;
        }
        Ok(())
    }
}
