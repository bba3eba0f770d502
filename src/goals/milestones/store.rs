//! Every query of milestones.

use diesel::prelude::*;
use serde::Serialize;

use super::rules::WORKFLOW;
use super::{Evidence, Milestone, MilestoneState};
use crate::goals::milestone_templates::MilestoneKind;
use crate::identity::policy::MilestoneRead;
use crate::platform::audit::Chain;
use crate::platform::db::sql::Json;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::programme::Decision;
use crate::reference::Kommunkod;
use crate::schema::milestones;

/// A milestone as stored.
#[derive(Clone, Debug, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = milestones, treat_none_as_null = true)]
pub struct MilestoneRow {
    /// Identity.
    pub id: Id,
    /// The programme that asks for it.
    pub programme_id: Id,
    /// Whose it is.
    pub kommunkod: String,
    /// Which step.
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
    /// The decision that shows it.
    pub decision: Option<Json<Decision>>,
    /// What else shows it.
    pub evidence: Json<Evidence>,
    /// The versions of documents that show it.
    pub document_version_ids: Json<Vec<Id>>,
    /// Why it was returned, does not apply, or is open again.
    pub reason: Option<String>,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    MilestoneRow in milestones as "milestone" ("milstolpe", "milestone"),
    chain |row| Chain::Kommun(row.programme_id, row.kommunkod.clone()),
    actions ["changed"],
    workflow WORKFLOW: MilestoneState,
}

crate::scope!(MilestoneRow in milestones: programme_id, kommunkod);

crate::resource!(MilestoneRow as Milestone at "/milestones/{milestoneId}", read by MilestoneRead);

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
}

/// Whether any kommun has got its milestones in a programme, whoever asks.
pub fn exist_in(rx: &mut Rx<'_>, programme_id: Id) -> Result<bool, Problem> {
    let any = milestones::table.filter(milestones::programme_id.eq(programme_id));
    Ok(diesel::select(diesel::dsl::exists(any)).get_result(rx.db)?)
}

/// A kommun's chain in its order, whoever asks.
pub fn of_kommun(rx: &mut Rx<'_>, programme_id: Id, kommunkod: &str) -> Result<Vec<MilestoneRow>, Problem> {
    let query = milestones::table
        .filter(milestones::programme_id.eq(programme_id))
        .filter(milestones::kommunkod.eq(kommunkod.to_owned()))
        .order((milestones::position, milestones::id));
    Ok(query.select(MilestoneRow::as_select()).load(rx.db)?)
}

/// One step of a chain, as far as the steps after it need to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainStep {
    /// The programme.
    pub programme_id: Id,
    /// The kommun.
    pub kommunkod: String,
    /// Which step.
    pub kind: MilestoneKind,
    /// Its place in the chain.
    pub position: i32,
    /// Its state.
    pub status: MilestoneState,
}

/// The whole chains that these milestones belong to, whoever asks: who may see one step of a chain may see all.
pub fn chains_of(rx: &mut Rx<'_>, rows: &[MilestoneRow]) -> Result<Vec<ChainStep>, Problem> {
    let mut programmes: Vec<Id> = rows.iter().map(|row| row.programme_id).collect();
    let mut kommuner: Vec<String> = rows.iter().map(|row| row.kommunkod.clone()).collect();
    programmes.sort_unstable();
    programmes.dedup();
    kommuner.sort_unstable();
    kommuner.dedup();
    let steps = milestones::table
        .filter(milestones::programme_id.eq_any(programmes))
        .filter(milestones::kommunkod.eq_any(kommuner))
        .order((milestones::position, milestones::id))
        .select((
            milestones::programme_id,
            milestones::kommunkod,
            milestones::kind,
            milestones::position,
            milestones::status,
        ))
        .load::<(Id, String, MilestoneKind, i32, MilestoneState)>(rx.db)?;
    let step = |(programme_id, kommunkod, kind, position, status)| ChainStep {
        programme_id,
        kommunkod,
        kind,
        position,
        status,
    };
    Ok(steps.into_iter().map(step).collect())
}
