//! Gives a programme its chain of templates when it is scheduled.

use super::rules;
use super::store::{self, TemplateRow};
use crate::platform::problem::{FieldError, Problem};
use crate::platform::tx::Tx;
use crate::programmes::ProgrammeListener;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};

/// Registered in `mod.rs`.
pub struct OnProgrammes;

impl ProgrammeListener for OnProgrammes {
    /// Dates that lie outside the programme: its own dates may have changed after the templates were entered.
    fn obstacles(
        &self,
        tx: &mut Tx<'_>,
        programme: &ProgrammeRow,
        to: ProgrammeState,
    ) -> Result<Vec<FieldError>, Problem> {
        if to != ProgrammeState::Scheduled {
            return Ok(Vec::new());
        }
        let templates = store::unscoped_of_programme(&mut tx.as_read(), programme.id)?;
        Ok(templates.iter().filter_map(|template| rules::scheduling_fault(template, programme)).collect())
    }

    fn changed(&self, tx: &mut Tx<'_>, _before: &ProgrammeRow, after: &ProgrammeRow) -> Result<(), Problem> {
        let is_scheduled = after.status == ProgrammeState::Scheduled;
        if is_scheduled && store::unscoped_of_programme(&mut tx.as_read(), after.id)?.is_empty() {
            add_default_chain(tx, after)?;
        }
        Ok(())
    }
}

fn add_default_chain(tx: &mut Tx<'_>, programme: &ProgrammeRow) -> Result<(), Problem> {
    for (kind, position, due_on) in rules::default_chain(programme.starts_on, programme.ends_on) {
        let row = TemplateRow {
            id: tx.ctx.new_id(),
            programme_id: programme.id,
            kind,
            position,
            due_on,
            instructions: rules::default_instructions(kind).to_owned(),
            created_at: tx.ctx.written,
            updated_at: tx.ctx.written,
            version: 1,
        };
        tx.insert(&row)?;
    }
    Ok(())
}
