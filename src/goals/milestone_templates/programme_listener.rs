//! Gives a programme its chain of templates when it is scheduled.

use super::MilestoneKind;
use super::rules;
use super::store::{self, TemplateRow};
use crate::platform::moment::Day;
use crate::platform::problem::{FieldError, Problem};
use crate::platform::tx::{Rx, Tx};
use crate::programmes::ProgrammeListener;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};

/// Registered in `mod.rs`.
pub struct OnProgrammes;

impl ProgrammeListener for OnProgrammes {
    /// Dates that lie outside the programme: its own dates may have changed after the templates were entered.
    fn obstacles(
        &self,
        rx: &mut Rx<'_>,
        programme: &ProgrammeRow,
        to: ProgrammeState,
    ) -> Result<Vec<FieldError>, Problem> {
        if to != ProgrammeState::Scheduled {
            return Ok(Vec::new());
        }
        let templates = store::unscoped_of_programme(rx, programme.id)?;
        Ok(templates.iter().filter_map(|template| rules::scheduling_fault(template, programme)).collect())
    }

    /// The older programme's chain, with its dates moved.
    fn copied(&self, tx: &mut Tx<'_>, from: &ProgrammeRow, to: &ProgrammeRow) -> Result<(), Problem> {
        for template in store::unscoped_of_programme(&mut tx.as_read(), from.id)? {
            let TemplateRow { kind, position, due_on, instructions, .. } = template;
            let due_on = rules::moved(due_on, from.starts_on, (to.starts_on, to.ends_on));
            add(tx, to, (kind, position, due_on), instructions)?;
        }
        Ok(())
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
    for step in rules::default_chain(programme.starts_on, programme.ends_on) {
        add(tx, programme, step, rules::default_instructions(step.0).to_owned())?;
    }
    Ok(())
}

fn add(
    tx: &mut Tx<'_>,
    programme: &ProgrammeRow,
    (kind, position, due_on): (MilestoneKind, i32, Day),
    instructions: String,
) -> Result<(), Problem> {
    tx.insert(&TemplateRow {
        id: tx.ctx.new_id(),
        programme_id: programme.id,
        kind,
        position,
        due_on,
        instructions,
        created_at: tx.ctx.written,
        updated_at: tx.ctx.written,
        version: 1,
    })
}
