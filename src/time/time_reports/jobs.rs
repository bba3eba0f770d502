//! What the clock does with reports: on the first of a month everyone who takes part gets an open one.

use super::making;
use crate::platform::http::problem::Problem;
use crate::platform::services::Services;
use crate::programmes::programme::{self, ProgrammeState};
use crate::time::months::{self, MonthState};

/// Makes the reports that are lacking in the months that have begun and still take time, one transaction per month.
pub fn make_due(services: &Services) -> Result<usize, Problem> {
    let ctx = services.system();
    let due = services.database.read_now(&ctx, |rx| {
        let mut due = Vec::new();
        for programme in programme::in_states(rx, &[ProgrammeState::Running])? {
            for month in months::of_programme(rx.db, programme.id)? {
                let takes_time = matches!(month.status, MonthState::Open | MonthState::Grace);
                let has_begun = month.month.first_day() <= rx.ctx.today();
                if takes_time && has_begun && !making::lacking(rx.db, programme.id, month.month)?.is_empty() {
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
