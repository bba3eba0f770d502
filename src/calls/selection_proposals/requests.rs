//! The requests that add, change and move a proposal, and how they become rows.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::ProposalState;
use super::store::ProposalRow;
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::body::{Change, Field, Lenient};
use crate::platform::values::{Line, Text};
use crate::platform::workflow::StepData;
use crate::programmes::programme::{
    Decision, ProgrammeRow, SelectionGoal, SelectionPin, SelectionPlan, SelectionPlanPatch, SelectionQuota,
    SentPlan,
};

/// A proposal to add. What is left out is what the open call named.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewSelectionProposal::example)]
pub struct NewSelectionProposal {
    /// What it is called; left out: "Urval".
    #[serde(default)]
    #[validate(nested)]
    pub title: Option<Line<200>>,
    /// Whether it only tries what would happen: it may have other places and another seed, and can never be adopted.
    #[serde(default)]
    pub is_what_if: bool,
    /// How many kommuner are chosen; another number than the programme's only in a what-if run.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 290)]
    pub places: Option<i32>,
    /// The lottery seed, 32 lower-case hex digits; another than the programme's only in a what-if run.
    #[serde(default)]
    #[schema(pattern = "^[0-9a-f]{32}$")]
    pub seed: Option<String>,
    /// The goals in their order.
    #[serde(default)]
    #[schema(value_type = Option<Vec<SelectionGoal>>, min_items = 1, max_items = 20)]
    #[validate(nested)]
    pub goals: Option<Vec<Lenient<SelectionGoal>>>,
    /// Limits on single categories.
    #[serde(default)]
    #[schema(value_type = Option<Vec<SelectionQuota>>, max_items = 100)]
    #[validate(nested)]
    pub quotas: Option<Vec<Lenient<SelectionQuota>>>,
    /// Kommuner that are in or out whatever the goals say. Once the proposal is announced, anyone can read them with their reasons: no personal data.
    #[serde(default)]
    #[schema(value_type = Option<Vec<SelectionPin>>, max_items = 290)]
    #[validate(nested)]
    pub pins: Option<Vec<Lenient<SelectionPin>>>,
    /// How many nodes the search may visit before it answers with the best that it has found.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub node_budget: Option<i64>,
    /// Why goals, quotas or pins are not those that the open call named. Shown to all.
    #[serde(default)]
    #[validate(nested)]
    pub deviation_reason: Option<Text<2000>>,
}

impl NewSelectionProposal {
    pub(super) fn example() -> Value {
        json!({
            "title": "Urval med högst en storstad",
            "quotas": [{"dimension": "skrGroup", "category": "A1", "max": 1}],
            "deviationReason": "Tre storstäder sökte; utlysningen räknade med en.",
        })
    }

    /// Its goals, quotas and pins; those that are left out are those of the call.
    pub fn sent(&self, plan: &SelectionPlan) -> SentPlan {
        let mut sent = SentPlan::from(plan.clone());
        sent.goals = self.goals.clone().unwrap_or(sent.goals);
        sent.quotas = self.quotas.clone().unwrap_or(sent.quotas);
        sent.pins = self.pins.clone().unwrap_or(sent.pins);
        sent
    }

    /// The row of a new proposal with these goals, quotas and pins.
    pub fn into_row(self, ctx: &Context, programme: &ProgrammeRow, plan: SelectionPlan) -> ProposalRow {
        let SelectionPlan { goals, quotas, pins } = plan;
        let Self {
            title,
            is_what_if,
            places,
            seed,
            goals: _,
            quotas: _,
            pins: _,
            node_budget,
            deviation_reason,
        } = self;
        ProposalRow {
            id: ctx.new_id(),
            programme_id: programme.id,
            title: title.map_or_else(|| "Urval".to_owned(), String::from),
            status: ProposalState::Draft,
            is_what_if,
            places: places.unwrap_or(programme.places),
            seed: seed.or_else(|| programme.seed.clone()).unwrap_or_default(),
            goals: Json(goals),
            quotas: Json(quotas),
            pins: Json(pins),
            node_budget,
            deviation_reason: deviation_reason.map(String::from),
            computation_id: None,
            explanation_id: None,
            input_hash: None,
            answer: None,
            reserves: Json(Vec::new()),
            decision: None,
            unproven_reason: None,
            record: None,
            replacements: Json(Vec::new()),
            created_by: ctx.caller.person_id(),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

/// A change of a draft.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"quotas": [{"dimension": "lan", "category": "25", "min": 1}], "deviationReason": "Norrbotten är med i finansieringen."}))]
pub struct SelectionProposalPatch {
    /// What it is called.
    #[serde(default)]
    #[schema(value_type = Line<200>)]
    #[validate(nested)]
    pub title: Change<Line<200>>,
    /// How many kommuner are chosen, in a what-if run.
    #[serde(default)]
    #[schema(value_type = i32, minimum = 1, maximum = 290)]
    pub places: Change<i32>,
    /// The lottery seed, in a what-if run.
    #[serde(default)]
    #[schema(value_type = String, pattern = "^[0-9a-f]{32}$")]
    pub seed: Change<String>,
    /// The goals in their order.
    #[serde(default)]
    #[schema(value_type = Vec<SelectionGoal>, min_items = 1, max_items = 20)]
    #[validate(nested)]
    pub goals: Change<Vec<Lenient<SelectionGoal>>>,
    /// Limits on single categories.
    #[serde(default)]
    #[schema(value_type = Vec<SelectionQuota>, max_items = 100)]
    #[validate(nested)]
    pub quotas: Change<Vec<Lenient<SelectionQuota>>>,
    /// Kommuner that are in or out whatever the goals say.
    #[serde(default)]
    #[schema(value_type = Vec<SelectionPin>, max_items = 290)]
    #[validate(nested)]
    pub pins: Change<Vec<Lenient<SelectionPin>>>,
    /// How many nodes the search may visit.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 1_000_000_000)]
    pub node_budget: Field<i64>,
    /// Why goals, quotas or pins are not those that the open call named.
    #[serde(default)]
    #[schema(value_type = Option<Text<2000>>)]
    #[validate(nested)]
    pub deviation_reason: Field<Text<2000>>,
}

impl SelectionProposalPatch {
    /// The goals, quotas and pins of the changed row.
    pub fn sent(&self, row: &ProposalRow) -> SentPlan {
        let (goals, quotas, pins) = (self.goals.clone(), self.quotas.clone(), self.pins.clone());
        SentPlan::from(row.plan()).with(SelectionPlanPatch { goals, quotas, pins })
    }

    /// The changed row.
    pub fn apply(self, mut row: ProposalRow) -> ProposalRow {
        let SelectionPlan { goals, quotas, pins } = self.sent(&row).read_or(row.plan());
        let Self { title, places, seed, goals: _, quotas: _, pins: _, node_budget, deviation_reason } = self;
        title.map(String::from).apply(&mut row.title);
        places.apply(&mut row.places);
        seed.apply(&mut row.seed);
        row.goals = Json(goals);
        row.quotas = Json(quotas);
        row.pins = Json(pins);
        node_budget.apply(&mut row.node_budget);
        deviation_reason.map(String::from).apply(&mut row.deviation_reason);
        row
    }
}

/// The facts that a change of a proposal's status takes.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"decision": {"body": "SKR:s styrgrupp", "decidedOn": "2020-11-18", "registryNumber": "SKR 20/01234"}}))]
pub struct SelectionChangeData {
    /// The decision to adopt it, required for `adopted`.
    #[serde(default)]
    #[validate(nested)]
    pub decision: Option<Decision>,
    /// Why it is adopted although it is not proved that no choice is better; required then.
    #[serde(default)]
    #[validate(nested)]
    pub unproven_reason: Option<Text<2000>>,
}

impl StepData for SelectionChangeData {
    fn given(&self) -> Vec<&'static str> {
        let Self { decision, unproven_reason } = self;
        let members = [(decision.is_some(), "decision"), (unproven_reason.is_some(), super::rules::UNPROVEN)];
        members.into_iter().filter(|(is_given, _)| *is_given).map(|(_, name)| name).collect()
    }
}
