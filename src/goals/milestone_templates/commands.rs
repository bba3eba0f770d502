//! The changes of milestone templates: a template is added to its programme's chain, changed, or deleted.

use super::requests::{NewTemplate, TemplatePatch};
use super::rules;
use super::store::TemplateRow;
use crate::goals::milestones;
use crate::identity::policy::MilestoneTemplateManage;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::programmes::programme::{self, ProgrammeRow};

/// Adds a template, while no kommun of the programme has milestones.
pub fn create(tx: &mut Tx<'_>, new: NewTemplate) -> Result<TemplateRow, Problem> {
    let programme = locked_programme(tx, new.programme_id)?;
    let row = new.into_row(tx.ctx);
    rules::check_date(&row, &programme)?;
    rules::check_changeable(&programme)?;
    check_unused(tx, programme.id)?;
    tx.insert(&row)?;
    Ok(row)
}

/// Changes position, date or instructions.
pub fn change(tx: &mut Tx<'_>, id: Id, patch: TemplatePatch) -> Result<TemplateRow, Problem> {
    let changed = tx.change(id, "changed", |tx, before: &TemplateRow| {
        let programme = programme::unscoped_by_id(tx.db, before.programme_id)?;
        let after = patch.apply(before.clone());
        if after.due_on != before.due_on {
            rules::check_date(&after, &programme)?;
        }
        rules::check_changeable(&programme)?;
        Ok(after)
    })?;
    Ok(changed.after)
}

/// Deletes a template, while no kommun of the programme has milestones.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<(), Problem> {
    tx.delete(id, |tx, row: &TemplateRow| {
        rules::check_changeable(&programme::unscoped_by_id(tx.db, row.programme_id)?)?;
        check_unused(tx, row.programme_id)
    })?;
    Ok(())
}

/// The programme that a new template names, locked: 404 when the caller does not see it, 403 when the caller does not
/// manage it.
fn locked_programme(tx: &mut Tx<'_>, id: Id) -> Result<ProgrammeRow, Problem> {
    let programme: ProgrammeRow = tx.visible(id)?;
    tx.ctx.check_reach::<MilestoneTemplateManage>(&programme)?;
    tx.locked(id)
}

/// 409 when kommuner have milestones already: the chain keeps its length.
fn check_unused(tx: &mut Tx<'_>, programme_id: Id) -> Result<(), Problem> {
    if !milestones::unscoped_exist_in(&mut tx.as_read(), programme_id)? {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict).detail(
        "Kommuner har redan fått sina milstolpar; kedjan får inte fler eller färre.",
        "Kommuner have their milestones already; templates can no longer be added or deleted.",
    ))
}
