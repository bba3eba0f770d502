//! A selection proposal as its readers see it: with what the caller may do next, and links.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::differences::{self, Rules};
use super::facts::Known;
use super::in_words::InWords;
use super::requests::NewSelectionProposal;
use super::rules::{self, Facts, UNPROVEN};
use super::store::ProposalRow;
use super::{Computation, ComputationState, Infeasible, ProposalState, SelectionProposal};
use crate::identity::policy::{Role, SelectionChangeStatus, SelectionUpdate};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::Standing;
use crate::platform::tx::Rx;
use crate::platform::workflow::{AllowedTransition, Offer};
use crate::programmes::programme::{ProgrammeRow, ProgrammeState, SelectionPlan};

/// What belongs to the proposals of one answer.
#[derive(Default)]
pub struct Related {
    known: Known,
    standing: Standing,
    /// Whether somebody of the pool is the caller's own case, by programme: nobody gives a place to their own kommun.
    own_pools: Vec<Id>,
    /// What they say in sentences.
    in_words: HashMap<Id, InWords>,
}

impl Related {
    /// Loads it for these proposals.
    pub fn of(rx: &mut Rx<'_>, rows: &[ProposalRow]) -> Result<Self, Problem> {
        let known = Known::of(rx, rows)?;
        let mut own_pools = Vec::new();
        for row in rows.iter().filter(|row| row.status == ProposalState::Proposed) {
            let programme = known.programme(row.programme_id)?;
            let is_new = !own_pools.contains(&row.programme_id);
            if is_new && crate::calls::applications::check_own_in_pool(rx, programme).is_err() {
                own_pools.push(row.programme_id);
            }
        }
        let mut in_words = HashMap::new();
        for row in rows {
            in_words.insert(row.id, InWords::of(rx, row)?);
        }
        Ok(Self { standing: Standing::for_steps(rx, rows)?, known, own_pools, in_words })
    }

    /// The steps that the workflow (for these roles), the caller's part in the proposal, its programme and its pool allow.
    fn allowed(&self, row: &ProposalRow, facts: &Facts, roles: &[&str]) -> Vec<AllowedTransition> {
        let mut allowed = self.standing.allowed(row, roles);
        allowed.retain(|step| step.to.parse().is_ok_and(|to| rules::is_possible(row, facts, to)));
        if self.own_pools.contains(&row.programme_id) {
            allowed.retain(|step| step.to != ProposalState::Adopted.as_str());
        }
        if row.is_proven() {
            allowed.iter_mut().for_each(|step| step.requires.retain(|member| *member != UNPROVEN));
        }
        allowed
    }

    fn computation(&self, ctx: &Context, id: Option<Id>) -> Option<Computation> {
        let found = self.known.computations.get(&id?)?.clone();
        let progress = self.known.progress.get(&found.id);
        Some(found.shown(progress, ctx.language()))
    }
}

/// The steps that the caller can take with each of these proposals now, in their order.
pub fn offered(rx: &mut Rx<'_>, rows: &[ProposalRow]) -> Result<Vec<Vec<AllowedTransition>>, Problem> {
    let related = Related::of(rx, rows)?;
    let steps = rows.iter().map(|row| {
        let roles = rx.ctx.roles_for::<SelectionChangeStatus>(row);
        Ok(related.allowed(row, related.known.facts(row)?, &roles))
    });
    steps.collect()
}

impl SelectionProposal {
    /// A proposal as the caller sees it.
    pub fn show(rx: &mut Rx<'_>, row: ProposalRow) -> Result<Self, Problem> {
        let related = Related::of(rx, std::slice::from_ref(&row))?;
        Self::new(rx.ctx, row, &related)
    }

    /// The proposal as the caller sees it.
    pub fn new(ctx: &Context, row: ProposalRow, related: &Related) -> Result<Self, Problem> {
        let facts = related.known.facts(&row)?;
        let plan = related.known.programme(row.programme_id)?.plan();
        let roles = ctx.roles_for::<SelectionChangeStatus>(&row);
        let allowed = related.allowed(&row, facts, &roles);
        let (mut computation, explanation) =
            (related.computation(ctx, row.computation_id), related.computation(ctx, row.explanation_id));
        let in_words = related.in_words.get(&row.id).cloned().unwrap_or_default();
        if let (Some(ended), Some(why)) = (computation.as_mut(), &in_words.infeasible)
            && ended.state == ComputationState::Infeasible
        {
            ended.reason = Some(why.clone());
        }
        Ok(Self::shown(ctx, row, facts, &plan, allowed, (computation, explanation, in_words)))
    }

    fn shown(
        ctx: &Context,
        row: ProposalRow,
        facts: &Facts,
        plan: &SelectionPlan,
        allowed_transitions: Vec<AllowedTransition>,
        (computation, explanation, in_words): (Option<Computation>, Option<Computation>, InWords),
    ) -> Self {
        let links = links(ctx, &row, facts, &allowed_transitions);
        let answer = row.answer.as_ref().map(|answer| &answer.0);
        let has_choice = !row.selected().is_empty();
        let open_goal = match answer {
            Some(selection::Answer::Feasible { open_goal, .. }) => i32::try_from(*open_goal).ok(),
            _ => None,
        };
        Self {
            differs: differences::between(&Rules::of_plan(plan), &Rules::of_proposal(&row)).names,
            goal_values: answer.map(|answer| answer.goal_values().to_vec()).unwrap_or_default(),
            selected: row.selected().to_vec(),
            proven_optimal: has_choice.then(|| row.is_proven()),
            open_goal,
            infeasible: answer.and_then(|answer| infeasible(answer, in_words.infeasible.unwrap_or_default())),
            id: row.id,
            programme_id: row.programme_id,
            title: row.title,
            status: row.status,
            allowed_transitions,
            is_what_if: row.is_what_if,
            places: row.places,
            seed: row.seed,
            goals: row.goals.0,
            quotas: row.quotas.0,
            pins: row.pins.0,
            node_budget: row.node_budget,
            deviation_reason: row.deviation_reason,
            computation,
            explanation,
            input_hash: row.input_hash,
            reserves: row.reserves.0,
            decision: row.decision.map(|decision| decision.0),
            unproven_reason: row.unproven_reason,
            decision_record: row.record.map(|record| record.0),
            given_places: row
                .replacements
                .0
                .into_iter()
                .zip(in_words.given)
                .map(|(given, why)| given.shown(why))
                .collect(),
            since_announcement: in_words.since,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    /// An example for OpenAPI.
    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let Some(programme) = ProgrammeRow::example(&ctx) else { return Value::Null };
        let (plan, row) = (SelectionPlan::default(), ProposalRow::example(&ctx, &programme));
        let facts = Facts {
            programme: ProgrammeState::Selecting,
            is_computing: false,
            is_explained: false,
            computed_for: Default::default(),
            pool: Default::default(),
            is_another_adopted: false,
            input_faults: Vec::new(),
        };
        let manager = [Role::ProgrammeManager.as_str()];
        let allowed = Related::default().allowed(&row, &facts, &manager);
        json!(Self::shown(&ctx, row, &facts, &plan, allowed, (None, None, InWords::default())))
    }
}

impl ProposalRow {
    /// A draft in a programme, for OpenAPI and tests.
    pub fn example(ctx: &Context, programme: &ProgrammeRow) -> Self {
        let seed = Some("5f1d7e0a9c3b4d2e8f6071829304a5b6".to_owned());
        let new = NewSelectionProposal { seed, ..NewSelectionProposal::default() };
        new.into_row(ctx, programme, SelectionPlan::default())
    }
}

/// Why there is no choice: what the engine's answer has, and a sentence.
fn infeasible(answer: &selection::Answer, text: String) -> Option<Infeasible> {
    if !matches!(answer, selection::Answer::Infeasible { .. }) {
        return None;
    }
    let told = serde_json::to_value(answer).ok()?;
    let quotas = told.pointer("/relaxation/quotas").cloned().unwrap_or_else(|| json!([]));
    Some(Infeasible {
        because: told.get("because").and_then(Value::as_str).unwrap_or_default().to_owned(),
        text,
        total: told.pointer("/relaxation/total").and_then(Value::as_i64),
        quotas: serde_json::from_value(quotas).unwrap_or_default(),
    })
}

fn links(ctx: &Context, row: &ProposalRow, facts: &Facts, steps: &[AllowedTransition]) -> Vec<Link> {
    let path = format!("/selection-proposals/{}", row.id);
    let mut links = vec![
        Link::to_self(ctx, &path),
        Link::new(ctx, "GET", "statusChanges", format_args!("{path}/status-changes")),
        Link::new(ctx, "GET", "programme", format_args!("/programmes/{}", row.programme_id)),
        Link::new(ctx, "GET", "computations", format_args!("{path}/computations")),
    ];
    let update = ctx.may::<SelectionUpdate>(row) && rules::check_changeable(row, facts.is_computing).is_ok();
    let delete = ctx.may::<SelectionUpdate>(row) && rules::check_deletable(row).is_ok();
    links.extend(Offer { steps, update, delete, ..Offer::default() }.links(ctx, &path));
    if !row.selected().is_empty() {
        let below = ["input", "explanations", "reserves", "verification", "map", "distribution"];
        links.extend(below.map(|rel| Link::new(ctx, "GET", rel, format_args!("{path}/{rel}"))));
    }
    if row.status == ProposalState::Announced {
        links.push(Link::new(ctx, "GET", "replacements", format_args!("{path}/replacements")));
    }
    links
}
