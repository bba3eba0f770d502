//! What the clock does with reports: on the first of a month everyone who takes part gets an open one.

use super::making;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::programmes::programme::{self, ProgrammeState};
use crate::time::months::{self, MonthState};

/// Makes the reports that are lacking in the months that have begun and are not locked, one transaction per month. A
/// closed month gets them too: somebody must be able to say that it was empty, or ask for an exception.
pub fn make_due(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    let due = services.database.read_now(&ctx, |rx| {
        let mut due = Vec::new();
        for programme in programme::in_states(rx, &[ProgrammeState::Running])? {
            for month in months::of_programme(rx.db, programme.id)? {
                let has_begun = month.month.first_day() <= rx.ctx.today();
                let is_locked = month.status == MonthState::Locked;
                if has_begun && !is_locked && !making::lacking(rx.db, programme.id, month.month)?.is_empty() {
                    due.push((programme.id, month.month));
                }
            }
        }
        Ok(due)
    })?;
    let mut made = 0;
    for (programme_id, month) in due {
        made += services.database.write_now(&ctx, |tx| making::make_for_month(tx, programme_id, month))?;
    }
    Ok(made)
}
