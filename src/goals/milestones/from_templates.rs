//! How a kommun gets its milestones: one from each of the programme's templates, when it begins to take part. When it
//! leaves before the end, what it has not submitted no longer applies.

use std::sync::Arc;

use super::rules::{self};
use super::store::{self, MilestoneRow};
use super::{Evidence, MilestoneState, UNSUBMITTED};
use crate::calls::applications::{ApplicationListener, ApplicationRow, ApplicationState};
use crate::goals::milestone_templates;
use crate::platform::db::sql::Json;
use crate::platform::hooks::Hooks;
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::tx::Tx;
use crate::programmes::programme;

struct OnApplications;

impl ApplicationListener for OnApplications {
    fn changed(
        &self,
        tx: &mut Tx<'_>,
        before: &ApplicationRow,
        after: &ApplicationRow,
    ) -> Result<(), Problem> {
        if before.status == after.status {
            return Ok(());
        }
        match after.status {
            ApplicationState::Participating => make(tx, after),
            ApplicationState::Terminated => leave(tx, after),
            _ => Ok(()),
        }
    }
}

fn make(tx: &mut Tx<'_>, application: &ApplicationRow) -> Result<(), Problem> {
    let (programme_id, kommunkod) = (application.programme_id, application.kommunkod.as_str());
    if !store::of_kommun(&mut tx.as_read(), programme_id, kommunkod)?.is_empty() {
        return Ok(());
    }
    let programme = programme::by_id(tx.db, programme_id)?;
    for template in milestone_templates::of_programme(&mut tx.as_read(), programme_id)? {
        let today = tx.ctx.today();
        let row = MilestoneRow {
            id: tx.ctx.new_id(),
            programme_id,
            kommunkod: kommunkod.to_owned(),
            kind: template.kind,
            position: template.position,
            status: MilestoneState::Planned,
            due_on: rules::first_due(template.due_on, programme.starts_on, programme.ends_on, today),
            submitted_at: None,
            submitted_by: None,
            lateness_justification: None,
            decision: None,
            evidence: Json(Evidence::default()),
            document_version_ids: Json(Vec::new()),
            reason: None,
            created_at: tx.ctx.now,
            updated_at: tx.ctx.now,
            version: 1,
        };
        tx.insert(&row)?;
    }
    Ok(())
}

fn leave(tx: &mut Tx<'_>, application: &ApplicationRow) -> Result<(), Problem> {
    let chain = store::of_kommun(&mut tx.as_read(), application.programme_id, &application.kommunkod)?;
    let mut ids: Vec<_> = chain.into_iter().map(|row| row.id).collect();
    ids.sort_unstable();
    for id in ids {
        let row = MilestoneRow::locked(tx, id)?;
        if !UNSUBMITTED.contains(&row.status) {
            continue;
        }
        let mut after = row.clone();
        after.reason.clone_from(&application.reason);
        tx.automatic(&row, after, MilestoneState::NotApplicable, application.reason.as_deref())?;
    }
    Ok(())
}

/// What milestones do when an application changes.
pub fn hooks(hooks: &mut Hooks) {
    hooks.add::<dyn ApplicationListener>(Arc::new(OnApplications));
}
