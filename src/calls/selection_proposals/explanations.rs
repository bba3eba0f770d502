//! The explanations of a proposal: numbers, and beside each a sentence for people.

use selection::{Explanations, Worse};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::computing;
use super::since::SinceAnnouncement;
use super::store::ProposalRow;
use super::telling::Told;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::programme::{GoalKind, SelectionDimension};

crate::codes! {
    /// What would get worse first.
    pub enum WorseKind as "selectionWorse" {
        /// A goal: `goal` says which.
        Goal = "goal", "ett mål", "a goal";
        /// A quota could not be kept.
        Quota = "quota", "ett krav", "a quota";
        /// A decision that a kommun is in or out.
        Pin = "pin", "ett beslut om en kommun", "a decision about a kommun";
        /// Too few would be left.
        Places = "places", "för få skulle bli kvar", "too few would be left";
        /// Nothing: another choice is as good, and the order of the kommunkoder decides.
        TieBreak = "tieBreak", "inget; ordningen avgör", "nothing; the order decides";
        /// It is not known: the search ended before.
        Open = "open", "det är inte känt", "it is not known";
    }
}

/// Why the choice is as it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = SelectionExplanations::example)]
pub struct SelectionExplanations {
    /// Whether all explanations are there. Until then the lists but `goals` are empty.
    pub is_complete: bool,
    /// What each goal has reached, in their order.
    pub goals: Vec<ExplainedGoal>,
    /// For each kommun left out: what would get worse if it were in.
    pub left_out: Vec<ExplainedKommun>,
    /// For each chosen kommun: what would be lost without it.
    pub chosen: Vec<ExplainedKommun>,
    /// What each quota costs, in their order.
    pub quotas: Vec<ExplainedQuota>,
    /// What each pin costs, in their order.
    pub pins: Vec<ExplainedPin>,
    /// What has changed since the announcement; null before it, and while all chosen kommuner have their places. Everything else
    /// here is about the selection as it was decided.
    pub since_announcement: Option<SinceAnnouncement>,
}

/// What a goal has reached.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedGoal {
    /// What it is about.
    pub kind: GoalKind,
    /// Of which dimension.
    pub dimension: Option<SelectionDimension>,
    /// Its value.
    pub value: i64,
    /// The same in words.
    pub text: String,
}

/// Why one kommun is in or out.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedKommun {
    /// The kommun.
    pub kommunkod: String,
    /// Its name.
    pub kommun_name: Option<String>,
    /// What would get worse first otherwise.
    pub worse: WorseKind,
    /// The index of that goal, if it is one.
    pub goal: Option<i32>,
    /// The goal's value now.
    pub from: Option<i64>,
    /// The best value that the goal could have otherwise, when the goals before it keep theirs.
    pub to: Option<i64>,
    /// The same in words.
    pub text: String,
}

/// What a quota costs.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedQuota {
    /// The dimension.
    pub dimension: String,
    /// The category.
    pub category: String,
    /// The value of each goal without it; empty when there is no choice without it either.
    pub goal_values: Vec<i64>,
    /// The same in words.
    pub text: String,
}

/// What a pin costs.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedPin {
    /// The kommun.
    pub kommunkod: String,
    /// Its name.
    pub kommun_name: Option<String>,
    /// The value of each goal without it; empty when there is no choice without it either.
    pub goal_values: Vec<i64>,
    /// The same in words.
    pub text: String,
}

impl SelectionExplanations {
    /// The explanations of a computed proposal; 404 before.
    pub fn of(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<Self, Problem> {
        let told = Told::of(rx, proposal)?;
        Self::with(rx, proposal, &told)
    }

    /// The same, of a proposal whose input and answer are loaded.
    pub fn with(rx: &mut Rx<'_>, proposal: &ProposalRow, told: &Told) -> Result<Self, Problem> {
        let recorded = proposal.explanation_id.map(|id| computing::unscoped_by_id(rx.db, id)).transpose()?;
        let recorded = recorded.and_then(|row| row.result);
        let found: Option<Explanations> =
            recorded.map(|json| serde_json::from_str(&json)).transpose().map_err(Problem::internal)?;
        let language = rx.ctx.language();
        let is_complete = found.is_some();
        let found = found.unwrap_or_default();
        let teller = told.teller();
        let name = |code: &str| told.names.get(code).cloned();
        let kommun = |code: &str, worse: Worse, from, to, text: String| ExplainedKommun {
            kommunkod: code.to_owned(),
            kommun_name: name(code),
            worse: kind(worse),
            goal: goal(worse),
            from,
            to,
            text,
        };
        let left_out = found.left_out.iter().map(|fact| {
            let text = teller.left_out(fact, &found);
            kommun(&fact.kommunkod, fact.worse, fact.from, fact.to, text.get(language).to_owned())
        });
        let chosen = found.chosen.iter().map(|fact| {
            let text = teller.chosen(fact);
            kommun(&fact.kommunkod, fact.worse, fact.from, fact.to, text.get(language).to_owned())
        });
        let quotas = found.quotas.iter().enumerate().map(|(index, effect)| ExplainedQuota {
            dimension: effect.dimension.code().to_owned(),
            category: effect.category.clone(),
            goal_values: effect.without.goal_values().to_vec(),
            text: teller.quota(index, effect).get(language).to_owned(),
        });
        let pins = found.pins.iter().enumerate().map(|(index, effect)| ExplainedPin {
            kommunkod: effect.kommunkod.clone(),
            kommun_name: name(&effect.kommunkod),
            goal_values: effect.without.goal_values().to_vec(),
            text: teller.pin(index, effect).get(language).to_owned(),
        });
        let goals = proposal.goals.0.iter().zip(told.answer.goal_values()).enumerate();
        let goals = goals.filter_map(|(index, (asked, value))| {
            Some(ExplainedGoal {
                kind: asked.kind,
                dimension: asked.dimension,
                value: *value,
                text: teller.goal(index)?.get(language).to_owned(),
            })
        });
        Ok(Self {
            is_complete,
            goals: goals.collect(),
            left_out: left_out.collect(),
            chosen: chosen.collect(),
            quotas: quotas.collect(),
            pins: pins.collect(),
            since_announcement: told.since.shown(|code| told.known_name(code), language),
        })
    }

    pub(super) fn example() -> Value {
        json!(Self {
            is_complete: true,
            goals: vec![ExplainedGoal {
                kind: GoalKind::Coverage,
                dimension: Some(SelectionDimension::Lan),
                value: 12,
                text: "De utvalda kommunerna ligger i 12 olika län.".to_owned(),
            }],
            left_out: vec![ExplainedKommun {
                kommunkod: "2582".to_owned(),
                kommun_name: Some("Boden".to_owned()),
                worse: WorseKind::Goal,
                goal: Some(1),
                from: Some(12),
                to: Some(11),
                text: "Om Boden hade varit med hade de utvalda legat i högst 11 län i stället för 12."
                    .to_owned(),
            }],
            chosen: Vec::new(),
            quotas: Vec::new(),
            pins: Vec::new(),
            since_announcement: None,
        })
    }
}

fn kind(worse: Worse) -> WorseKind {
    match worse {
        Worse::Goal(_) => WorseKind::Goal,
        Worse::Quota => WorseKind::Quota,
        Worse::Pin => WorseKind::Pin,
        Worse::Places => WorseKind::Places,
        Worse::TieBreak => WorseKind::TieBreak,
        Worse::Open => WorseKind::Open,
    }
}

fn goal(worse: Worse) -> Option<i32> {
    match worse {
        Worse::Goal(index) => i32::try_from(index).ok(),
        _ => None,
    }
}
