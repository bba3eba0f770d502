//! The queries of milestone templates.

use diesel::prelude::*;
use serde::Serialize;

use super::{MilestoneKind, MilestoneTemplate};
use crate::identity::policy::MilestoneTemplateRead;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::schema::milestone_templates;

/// A milestone template as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = milestone_templates, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TemplateRow {
    /// Identity.
    pub id: Id,
    /// The programme that requires it.
    pub programme_id: Id,
    /// Which step it is.
    pub kind: MilestoneKind,
    /// Its place in the chain, from 1.
    pub position: i32,
    /// The last day to submit it.
    pub due_on: Day,
    /// What is expected of the kommun.
    pub instructions: String,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    TemplateRow in milestone_templates as "milestoneTemplate" ("milstolpsmall", "milestone template"),
    chain |row| Chain::Programme(row.programme_id),
    actions ["changed", "deleted"],
}

crate::scope!(TemplateRow in milestone_templates: programme_id);

crate::resource!(TemplateRow as MilestoneTemplate at "/milestone-templates/{milestoneTemplateId}", read by MilestoneTemplateRead, shown by MilestoneTemplate::show);

crate::list! {
    /// `GET /milestone-templates`.
    pub struct TemplateList: milestone_templates as TemplateRow, shown as MilestoneTemplate, by id: Id, default "position" {
        programmeId: programme_id => Id [filter];
        kind: kind => MilestoneKind [filter];
        position: position => i32 [sort];
        dueOn: due_on => Day [range, sort];
        createdAt: created_at => Instant [sort];
        updatedAt: updated_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
    drafts deleted
}

/// A programme's chain in its order.
pub fn unscoped_of_programme(rx: &mut Rx<'_>, programme_id: Id) -> Result<Vec<TemplateRow>, Problem> {
    let query = milestone_templates::table
        .filter(milestone_templates::programme_id.eq(programme_id))
        .order((milestone_templates::position, milestone_templates::id));
    Ok(query.select(TemplateRow::as_select()).load(rx.db)?)
}
