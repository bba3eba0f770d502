//! The row of a selection proposal, and the queries of proposals.

use diesel::prelude::*;
use serde::Serialize;

use super::given::PlaceGiven;
use super::rules::WORKFLOW;
use super::{DecisionRecord, ProposalState, SelectionProposal};
use crate::identity::policy::{Role, SelectionRead};
use crate::platform::audit::verification::single::Written;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::sql::Json;
use crate::platform::db::{Db, MultiBackend};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::programme::{
    Decision, ProgrammeRow, SelectionGoal, SelectionPin, SelectionPlan, SelectionQuota,
};
use crate::schema::selection_proposals;

/// A proposal as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = selection_proposals, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ProposalRow {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// What it is called.
    pub title: String,
    /// State.
    pub status: ProposalState,
    /// Whether it can never be adopted.
    pub is_what_if: bool,
    /// How many kommuner are chosen.
    pub places: i32,
    /// The lottery seed.
    pub seed: String,
    /// The goals in their order.
    pub goals: Json<Vec<SelectionGoal>>,
    /// Limits on single categories.
    pub quotas: Json<Vec<SelectionQuota>>,
    /// Kommuner that are in or out.
    pub pins: Json<Vec<SelectionPin>>,
    /// How many nodes the search may visit.
    pub node_budget: Option<i64>,
    /// Why goals, quotas or pins are not those that the call named.
    pub deviation_reason: Option<String>,
    /// The newest computation of the choice.
    pub computation_id: Option<Id>,
    /// The computation of the explanations.
    pub explanation_id: Option<Id>,
    /// SHA-256 of the recorded input.
    pub input_hash: Option<String>,
    /// The answer of the engine.
    pub answer: Option<Json<selection::Answer>>,
    /// The reserves, the first one first.
    pub reserves: Json<Vec<String>>,
    /// The decision to adopt it.
    pub decision: Option<Json<Decision>>,
    /// Why it was adopted although it is not proved to be the best.
    pub unproven_reason: Option<String>,
    /// What the decision's record says of all computations.
    pub record: Option<Json<DecisionRecord>>,
    /// The places given after the announcement.
    pub replacements: Json<Vec<PlaceGiven>>,
    /// Who added it.
    pub created_by: Option<Id>,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    ProposalRow in selection_proposals as "selectionProposal" ("urvalsförslag", "selection proposal"),
    chain |row| Chain::Programme(row.programme_id),
    actions ["changed", "deleted", "computationStarted", "computationEnded", "explained", "placeGiven"],
    workflow WORKFLOW: ProposalState,
    author |row| row.created_by,
}

/// The roles that see proposals before they are announced.
const STAFF: [Role; 3] = [Role::ProgrammeManager, Role::Economist, Role::Auditor];

/// Whether somebody with this role sees proposals in every state.
pub fn sees_all(role: &str) -> bool {
    STAFF.iter().any(|staff| staff.as_str() == role)
}

crate::scope!(
    ProposalRow in selection_proposals: programme_id;
    // The kommuner see nothing of a proposal before it is announced (guide §3), and of a what-if run never anything.
    adjusted by |grant, condition| {
        if sees_all(grant.role) {
            return condition;
        }
        Box::new(condition.and(selection_proposals::status.eq(ProposalState::Announced)))
    }
);

crate::resource!(
    ProposalRow as SelectionProposal at "/selection-proposals/{selectionProposalId}",
    read by SelectionRead, shown by SelectionProposal::show
);

crate::list! {
    /// `GET /programmes/{programmeId}/selection-proposals`.
    pub struct ProposalList: selection_proposals as ProposalRow, shown as SelectionProposal, by id: Id, default "-createdAt" {
        status: status => ProposalState [filter];
        isWhatIf: is_what_if => bool [filter];
        createdAt: created_at => Instant [range, sort];
        updatedAt: updated_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
    drafts deleted told to (sees_all)
}

/// The proposals of one programme that are within a scope.
pub fn visible_in(
    scope: &crate::platform::auth::scope::Scope,
    programme: &ProgrammeRow,
) -> selection_proposals::BoxedQuery<'static, MultiBackend> {
    visible(scope).filter(selection_proposals::programme_id.eq(programme.id))
}

/// The proposals of programmes in one of these states.
pub fn unscoped_in_state(
    db: &mut Db,
    programmes: impl IntoIterator<Item = Id>,
    status: ProposalState,
) -> Result<Vec<ProposalRow>, Problem> {
    let these = selection_proposals::table
        .filter(selection_proposals::programme_id.one_of(programmes))
        .filter(selection_proposals::status.eq(status))
        .order((selection_proposals::created_at, selection_proposals::id));
    Ok(these.select(ProposalRow::as_select()).load(db)?)
}

/// The announced proposal of a programme, if there is one.
pub fn unscoped_announced(db: &mut Db, programme: Id) -> Result<Option<ProposalRow>, Problem> {
    Ok(unscoped_in_state(db, [programme], ProposalState::Announced)?.pop())
}

/// A proposal that is known to exist.
pub fn unscoped_by_id(db: &mut Db, id: Id) -> Result<ProposalRow, Problem> {
    Ok(selection_proposals::table.find(id).select(ProposalRow::as_select()).first(db)?)
}

/// The proposals of a programme that wait for a manager's next step.
pub fn unscoped_waiting_for_manager(rx: &mut Rx<'_>, programme: Id) -> Result<Vec<ProposalRow>, Problem> {
    let waiting = [ProposalState::Computed, ProposalState::Proposed, ProposalState::Adopted];
    let rows = selection_proposals::table
        .filter(selection_proposals::programme_id.eq(programme))
        .filter(selection_proposals::is_what_if.eq(false))
        .filter(selection_proposals::status.one_of(waiting))
        .order((selection_proposals::created_at, selection_proposals::id));
    Ok(rows.select(ProposalRow::as_select()).load(rx.db)?)
}

impl ProposalRow {
    /// Its goals, quotas and pins.
    pub fn plan(&self) -> SelectionPlan {
        let (goals, quotas, pins) = (self.goals.0.clone(), self.quotas.0.clone(), self.pins.0.clone());
        SelectionPlan { goals, quotas, pins }
    }

    /// Its columns of JSON text, as the program writes them.
    pub fn written(&self) -> Result<[Written; 8], Problem> {
        Ok([
            Written::of("goals", "goals", &self.goals)?,
            Written::of("quotas", "quotas", &self.quotas)?,
            Written::of("pins", "pins", &self.pins)?,
            Written::of("reserves", "reserves", &self.reserves)?,
            Written::of("replacements", "replacements", &self.replacements)?,
            Written::of("answer", "answer", &self.answer)?,
            Written::of("decision", "decision", &self.decision)?,
            Written::of("record", "record", &self.record)?,
        ])
    }

    /// The chosen kommuner; none before it is computed.
    pub fn selected(&self) -> &[String] {
        self.answer.as_ref().map_or(&[], |answer| answer.0.selected())
    }

    /// Whether it is proved that no choice is better.
    pub fn is_proven(&self) -> bool {
        matches!(self.answer.as_ref().map(|answer| &answer.0), Some(selection::Answer::Optimal { .. }))
    }
}
