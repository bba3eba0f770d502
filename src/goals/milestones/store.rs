//! The row of a milestone, and the queries of milestones.

use std::collections::{BTreeSet, HashSet};

use diesel::prelude::*;
use serde::Serialize;

use super::rules::WORKFLOW;
use super::{Evidence, Milestone, MilestoneState};
use crate::goals::milestone_templates::{MilestoneKind, TemplateRow};
use crate::identity::policy::MilestoneRead;
use crate::platform::context::Context;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::sql::Json;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::programme::Decision;
use crate::reference::Kommunkod;
use crate::schema::milestones;

/// A milestone as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = milestones, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct MilestoneRow {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// The kommun.
    pub kommunkod: String,
    /// Which step of the chain it is.
    pub kind: MilestoneKind,
    /// Its place in the chain, from 1.
    pub position: i32,
    /// State.
    pub status: MilestoneState,
    /// The last day to submit it.
    pub due_on: Day,
    /// When it was last submitted.
    pub submitted_at: Option<Instant>,
    /// Who submitted it.
    pub submitted_by: Option<Id>,
    /// Why it was submitted after its last day.
    pub lateness_justification: Option<String>,
    /// The decision that is its evidence.
    pub decision: Option<Json<Decision>>,
    /// The rest of the evidence.
    pub evidence: Json<Evidence>,
    /// The document versions that are its evidence.
    pub document_version_ids: Json<Vec<Id>>,
    /// Why it was returned, does not apply, or was opened again.
    pub reason: Option<String>,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

impl MilestoneRow {
    /// A new step in a kommun's chain.
    pub fn planned(ctx: &Context, template: &TemplateRow, kommunkod: &str, due_on: Day) -> Self {
        Self {
            id: ctx.new_id(),
            programme_id: template.programme_id,
            kommunkod: kommunkod.to_owned(),
            kind: template.kind,
            position: template.position,
            status: MilestoneState::Planned,
            due_on,
            submitted_at: None,
            submitted_by: None,
            lateness_justification: None,
            decision: None,
            evidence: Json(Evidence::default()),
            document_version_ids: Json(Vec::new()),
            reason: None,
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

crate::stored! {
    MilestoneRow in milestones as "milestone" ("milstolpe", "milestone"),
    chain |row| Chain::Kommun(row.programme_id, row.kommunkod.clone()),
    actions ["changed"],
    workflow WORKFLOW: MilestoneState,
}

crate::scope!(MilestoneRow in milestones: programme_id, kommunkod);

crate::resource!(
    MilestoneRow as Milestone at "/milestones/{milestoneId}",
    read by MilestoneRead, shown by Milestone::show
);

crate::list! {
    /// `GET /milestones`.
    pub struct MilestoneList: milestones as MilestoneRow, shown as Milestone, by id: Id, default "dueOn" {
        programmeId: programme_id => Id [filter];
        kommunkod: kommunkod => Kommunkod [filter, sort];
        kind: kind => MilestoneKind [filter];
        status: status => MilestoneState [filter];
        position: position => i32 [sort];
        dueOn: due_on => Day [range, sort];
        createdAt: created_at => Instant [sort];
        updatedAt: updated_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
    shows {
        people.id = submitted_by;
        history;
    }
}

/// Whether any kommun of a programme has milestones.
pub fn unscoped_exist_in(rx: &mut Rx<'_>, programme_id: Id) -> Result<bool, Problem> {
    Ok(!unscoped_programmes_with(rx, BTreeSet::from([programme_id]))?.is_empty())
}

/// Those of these programmes in which some kommun has milestones.
pub fn unscoped_programmes_with(rx: &mut Rx<'_>, among: BTreeSet<Id>) -> Result<HashSet<Id>, Problem> {
    let theirs = milestones::table.filter(milestones::programme_id.one_of(among));
    Ok(theirs.select(milestones::programme_id).distinct().load(rx.db)?.into_iter().collect())
}

/// A kommun's chain, in order.
pub fn unscoped_of_kommun(
    rx: &mut Rx<'_>,
    programme_id: Id,
    kommunkod: &str,
) -> Result<Vec<MilestoneRow>, Problem> {
    let query = milestones::table
        .filter(milestones::programme_id.eq(programme_id))
        .filter(milestones::kommunkod.eq(kommunkod.to_owned()))
        .order((milestones::position, milestones::id));
    Ok(query.select(MilestoneRow::as_select()).load(rx.db)?)
}

/// A step of a chain: the columns that are needed for the warnings of later steps.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = milestones)]
pub struct ChainStep {
    /// The programme.
    pub programme_id: Id,
    /// The kommun.
    pub kommunkod: String,
    /// Which step of the chain it is.
    pub kind: MilestoneKind,
    /// Its place in the chain, from 1.
    pub position: i32,
    /// State.
    pub status: MilestoneState,
}

/// The chains that these milestones belong to. The result may include other chains of the same kommuner. A caller who may
/// see one step of a chain may see the whole chain.
pub fn unscoped_chains_of(rx: &mut Rx<'_>, rows: &[MilestoneRow]) -> Result<Vec<ChainStep>, Problem> {
    let programmes: BTreeSet<Id> = rows.iter().map(|row| row.programme_id).collect();
    let kommuner: BTreeSet<String> = rows.iter().map(|row| row.kommunkod.clone()).collect();
    let query = milestones::table
        .filter(milestones::programme_id.one_of(programmes))
        .filter(milestones::kommunkod.one_of(kommuner))
        .order((milestones::position, milestones::id));
    Ok(query.select(ChainStep::as_select()).load(rx.db)?)
}
