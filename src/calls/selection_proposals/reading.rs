//! What is read of a proposal besides itself: its recorded input, its reserves, its computations.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::store::ProposalRow;
use super::{Computation, ProposalState, computing};
use crate::calls::drawing::map::what_reserves_are;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::{Language, Localized};
use crate::platform::tx::Rx;
use crate::programmes::programme::{GoalKind, SelectionDimension, SelectionGoal, SelectionPin};
use crate::reference::kommuner::KommunNames;

/// The exact input of a computation, as `samverkan select` takes it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = SelectionInput::example)]
pub struct SelectionInput {
    /// How many are chosen.
    pub places: i32,
    /// The lottery seed, 32 hex digits.
    pub seed: String,
    /// The goals in their order.
    pub goals: Vec<RecordedGoal>,
    /// The pool.
    pub applicants: Vec<SelectionApplicant>,
    /// Limits on single categories.
    pub quotas: Vec<RecordedQuota>,
    /// Kommuner that are in or out.
    pub pins: Vec<SelectionPin>,
    /// How many nodes the search may visit, if not the usual number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub node_budget: Option<i64>,
}

/// A goal of a recorded input.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecordedGoal {
    /// What it is about.
    pub kind: GoalKind,
    /// Of which dimension; absent for `dispersion` and `lottery`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub dimension: Option<SelectionDimension>,
}

/// A quota of a recorded input.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecordedQuota {
    /// The dimension.
    pub dimension: SelectionDimension,
    /// The category.
    pub category: String,
    /// At least so many of the chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub min: Option<i32>,
    /// At most so many of the chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub max: Option<i32>,
}

/// A kommun of the pool, with the facts that count.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SelectionApplicant {
    /// Its code.
    pub kommunkod: String,
    /// NUTS 2 area: `SE33`.
    pub nuts2: String,
    /// Län: `25`.
    pub lan: String,
    /// Size band: `from25kTo50k`.
    pub size_band: String,
    /// SKR kommungrupp: `B5`.
    pub skr_group: String,
    /// Self-assessed maturity, 1–5.
    pub maturity: i32,
    /// Centroid, degrees north.
    pub latitude: f64,
    /// Centroid, degrees east.
    pub longitude: f64,
}

impl SelectionInput {
    fn example() -> Value {
        json!(Self {
            places: 1,
            seed: "5f1d7e0a9c3b4d2e8f6071829304a5b6".to_owned(),
            goals: SelectionGoal::default_order()
                .into_iter()
                .map(|SelectionGoal { kind, dimension }| RecordedGoal { kind, dimension })
                .collect(),
            applicants: vec![SelectionApplicant {
                kommunkod: "2582".to_owned(),
                nuts2: "SE33".to_owned(),
                lan: "25".to_owned(),
                size_band: "from25kTo50k".to_owned(),
                skr_group: "B5".to_owned(),
                maturity: 3,
                latitude: 66.0618,
                longitude: 21.3421,
            }],
            quotas: Vec::new(),
            pins: Vec::new(),
            node_budget: None,
        })
    }
}

/// The reserve list: for information. Who replaces a kommun that leaves is computed anew at each withdrawal, and need not be the
/// first of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"text": "Reserver, i den ordning de skulle få plats om det fanns fler platser. Vem som ersätter en kommun som lämnar räknas fram på nytt.", "reserves": [{"rank": 1, "kommunkod": "2582", "kommunName": "Boden", "goalValues": [8, 13, 7, 9, 40_112, 7_812_004]}]}))]
pub struct SelectionReserves {
    /// What the order means, in words.
    pub text: String,
    /// The reserves, in the order in which they would get a place if there were more places.
    pub reserves: Vec<SelectionReserve>,
}

/// A reserve.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SelectionReserve {
    /// Its place on the list, from 1.
    pub rank: i32,
    /// The kommun.
    pub kommunkod: String,
    /// Its name.
    pub kommun_name: Option<String>,
    /// The value of each goal with the chosen, the earlier reserves and this one.
    pub goal_values: Vec<i64>,
}

/// The computations of a proposal.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"computations": [{
    "id": "0175a2e1-7c00-7000-8000-000000000001", "purpose": "answer", "state": "done", "done": 7, "total": 7,
    "hasRealSeed": true, "inputHash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "startedAt": "2020-11-16T08:00:00Z", "startedBy": null, "endedAt": "2020-11-16T08:00:01Z", "reason": null
}]}))]
pub struct Computations {
    /// The computations, oldest first.
    pub computations: Vec<Computation>,
}

/// The recorded input of a computed proposal; 404 before.
pub fn recorded_input(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<String, Problem> {
    let id = proposal.computation_id.filter(|_| !proposal.selected().is_empty());
    Ok(computing::unscoped_by_id(rx.db, id.ok_or_else(Problem::not_found)?)?.input)
}

/// The reserves of a computed proposal; 404 before.
pub fn reserves(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<SelectionReserves, Problem> {
    let (_, problem) = computing::problem_of(&recorded_input(rx, proposal)?)?;
    let answer = proposal.answer.as_ref().ok_or_else(Problem::not_found)?;
    let names = KommunNames::of(rx.db, proposal.reserves.0.iter().map(String::as_str))?;
    let found = selection::reserves(&problem, &answer.0, proposal.reserves.0.len());
    let ranked = (1..).zip(found).map(|(rank, reserve)| SelectionReserve {
        rank,
        kommun_name: names.get(&reserve.kommunkod),
        kommunkod: reserve.kommunkod,
        goal_values: reserve.goal_values,
    });
    Ok(SelectionReserves { text: reserves_in_words(rx.ctx.language()), reserves: ranked.collect() })
}

/// What the order of the reserves means.
pub fn reserves_in_words(language: Language) -> String {
    let [order, note] = what_reserves_are();
    format!("{}. {}.", order.get(language), note.get(language))
}

/// 409 unless the proposal is announced: before that nobody has a place that could become free.
pub fn check_announced(proposal: &ProposalRow) -> Result<(), Problem> {
    if proposal.status == ProposalState::Announced {
        return Ok(());
    }
    let words = Localized::fixed("Urvalet är inte meddelat.", "The selection is not announced.");
    Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new("/status", "wrongState", words)]))
}
