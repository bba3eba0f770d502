//! The job that gives every participant an open time report on the first of a month.

use super::commands;
use crate::platform::problem::Problem;
use crate::platform::services::Services;
use crate::programmes::programme::{self, ProgrammeState};
use crate::time::months::{self, MonthState};

/// Adds the reports that are missing in the months that have begun and are not locked, one transaction per month. A closed
/// month gets them too: a person must be able to declare the month empty, or to use an exception.
pub fn add_due(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    let due = services.database.read_blocking(&ctx, |rx| {
        let mut due = Vec::new();
        for programme in programme::unscoped_in_states(rx, &[ProgrammeState::Running])? {
            for month in months::unscoped_of_programme(rx.db, programme.id)? {
                let has_begun = month.month.first_day() <= rx.ctx.today();
                let is_locked = month.status == MonthState::Locked;
                if has_begun
                    && !is_locked
                    && !commands::unscoped_lacking(rx.db, programme.id, month.month)?.is_empty()
                {
                    due.push((programme.id, month.month));
                }
            }
        }
        Ok(due)
    })?;
    let mut count = 0;
    for (programme_id, month) in due {
        count +=
            services.database.write_blocking(&ctx, |tx| commands::add_for_month(tx, programme_id, month))?;
    }
    Ok(count)
}
