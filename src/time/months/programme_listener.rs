//! What a programme's states mean for its months: running adds those that have begun, completing requires that all are
//! locked.

use super::{MonthState, commands, rules, store};
use crate::platform::moment::Month;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};
use crate::programmes::ProgrammeListener;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};

/// Keeps the months in step with their programme.
pub struct Months;

impl ProgrammeListener for Months {
    fn obstacles(
        &self,
        rx: &mut Rx<'_>,
        programme: &ProgrammeRow,
        to: ProgrammeState,
    ) -> Result<Vec<FieldError>, Problem> {
        if to != ProgrammeState::Completed {
            return Ok(Vec::new());
        }
        let rows = store::unscoped_of_programme(rx.db, programme.id)?;
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
            commands::add_begun(tx, after)?;
        }
        Ok(())
    }
}
