//! Makes and ends milestones when an application changes its state. A kommun that begins to take part gets a milestone from
//! each of the programme's templates. When it leaves early, the steps that it has not submitted become `notApplicable`.

use super::store::{self, MilestoneRow};
use super::{MilestoneState, UNSUBMITTED, rules};
use crate::calls::applications::{ApplicationListener, ApplicationRow, ApplicationState};
use crate::goals::milestone_templates;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::programmes::programme;

/// Registered in `mod.rs`.
pub struct OnApplications;

impl ApplicationListener for OnApplications {
    fn changed(
        &self,
        tx: &mut Tx<'_>,
        before: &ApplicationRow,
        after: &ApplicationRow,
    ) -> Result<(), Problem> {
        match after.status {
            status if status == before.status => Ok(()),
            ApplicationState::Participating => make_milestones(tx, after),
            ApplicationState::Terminated => end_milestones(tx, after),
            _ => Ok(()),
        }
    }

    fn lock_leaving(&self, tx: &mut Tx<'_>, leaving: &[&ApplicationRow]) -> Result<(), Problem> {
        let mut ids = Vec::new();
        for row in leaving {
            let chain = store::unscoped_of_kommun(&mut tx.as_read(), row.programme_id, &row.kommunkod)?;
            ids.extend(chain.iter().map(|milestone| milestone.id));
        }
        tx.lock_all::<MilestoneRow>(ids)
    }
}

fn make_milestones(tx: &mut Tx<'_>, application: &ApplicationRow) -> Result<(), Problem> {
    let (programme_id, kommunkod) = (application.programme_id, application.kommunkod.as_str());
    if !store::unscoped_of_kommun(&mut tx.as_read(), programme_id, kommunkod)?.is_empty() {
        return Ok(());
    }
    let programme = programme::unscoped_by_id(tx.db, programme_id)?;
    for template in milestone_templates::unscoped_of_programme(&mut tx.as_read(), programme_id)? {
        let due_on =
            rules::first_due(template.due_on, programme.starts_on, programme.ends_on, tx.ctx.today());
        tx.insert(&MilestoneRow::planned(tx.ctx, &template, kommunkod, due_on))?;
    }
    Ok(())
}

fn end_milestones(tx: &mut Tx<'_>, application: &ApplicationRow) -> Result<(), Problem> {
    let (programme_id, kommunkod) = (application.programme_id, application.kommunkod.as_str());
    let mut chain = store::unscoped_of_kommun(&mut tx.as_read(), programme_id, kommunkod)?;
    // Rows of one table are locked in the order of their ids.
    chain.sort_unstable_by_key(|row| row.id);
    for row in chain {
        let before = tx.locked::<MilestoneRow>(row.id)?;
        if UNSUBMITTED.contains(&before.status) {
            let after = MilestoneRow { reason: application.reason.clone(), ..before.clone() };
            tx.automatic(&before, after, MilestoneState::NotApplicable, application.reason.as_deref())?;
        }
    }
    Ok(())
}
