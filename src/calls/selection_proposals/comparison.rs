//! A proposal against another one, usually a what-if run: who comes in, who goes out, and which goal changes.

use std::collections::BTreeSet;

use actix_web::get;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::differences::{self, Rules, SelectionSide};
use super::replacements::ReplacementKommun;
use super::store::ProposalRow;
use crate::identity::policy::SelectionRead;
use crate::platform::auth::action::Action as _;
use crate::platform::auth::found::Found;
use crate::platform::auth::permit::Permit;
use crate::platform::auth::scoped::Scoped as _;
use crate::platform::context::Context;
use crate::platform::http::answer::Answer;
use crate::platform::http::in_order::InOrder;
use crate::platform::http::only::{OneParameter, Only};
use crate::platform::http::operations::Operations;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::Rx;
use crate::programmes::programme::{GoalKind, SelectionDimension};
use crate::reference::kommuner::KommunNames;

/// A proposal against another one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = SelectionComparison::example)]
pub struct SelectionComparison {
    /// The proposal.
    pub proposal_id: Id,
    /// The other one.
    pub with_id: Id,
    /// What of the input is another: `places`, `seed`, `goals`, `quotas`, `pins`, `nodeBudget`.
    pub differs: Vec<String>,
    /// What only this one has of it.
    pub from: SelectionSide,
    /// What only the other one has of it.
    pub to: SelectionSide,
    /// The kommuner that only the other one has.
    pub comes_in: Vec<ReplacementKommun>,
    /// The kommuner that only this one has.
    pub goes_out: Vec<ReplacementKommun>,
    /// How many both have.
    pub stays: usize,
    /// The goals of both.
    pub goals: Vec<ComparedGoal>,
}

/// A goal in both.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedGoal {
    /// What it is about.
    pub kind: GoalKind,
    /// Of which dimension.
    pub dimension: Option<SelectionDimension>,
    /// Its value here; null when this proposal does not have the goal.
    pub value: Option<i64>,
    /// Its value in the other one; null when that does not have the goal.
    pub other_value: Option<i64>,
    /// Whether the value is another. Sums of lottery numbers of different seeds say nothing about each other.
    pub changes: bool,
}

impl SelectionComparison {
    fn example() -> Value {
        let ctx = Context::example();
        let kommun = |code: &str, name: &str| ReplacementKommun {
            kommunkod: code.to_owned(),
            kommun_name: Some(name.to_owned()),
        };
        let quotas = json!([{"dimension": "skrGroup", "category": "A1", "max": 1}]);
        json!(Self {
            proposal_id: ctx.new_id(),
            with_id: ctx.new_id(),
            differs: vec!["quotas".to_owned()],
            from: SelectionSide { quotas: Some(Vec::new()), ..SelectionSide::default() },
            to: SelectionSide { quotas: serde_json::from_value(quotas).ok(), ..SelectionSide::default() },
            comes_in: vec![kommun("2582", "Boden")],
            goes_out: vec![kommun("2518", "Övertorneå")],
            stays: 11,
            goals: vec![ComparedGoal {
                kind: GoalKind::Dispersion,
                dimension: None,
                value: Some(61_204),
                other_value: Some(48_950),
                changes: true,
            }],
        })
    }

    fn of(rx: &mut Rx<'_>, one: &ProposalRow, other: &ProposalRow) -> Result<Self, Problem> {
        let set = |row: &ProposalRow| row.selected().iter().cloned().collect::<BTreeSet<String>>();
        let (here, there) = (set(one), set(other));
        let names = KommunNames::of(rx.db, here.union(&there).map(String::as_str))?;
        let named = |only: &mut dyn Iterator<Item = &String>| {
            only.map(|code| ReplacementKommun { kommunkod: code.clone(), kommun_name: names.get(code) })
                .collect()
        };
        let found = differences::between(&Rules::of_proposal(one), &Rules::of_proposal(other));
        Ok(Self {
            proposal_id: one.id,
            with_id: other.id,
            differs: found.names,
            from: found.from,
            to: found.to,
            comes_in: named(&mut there.difference(&here)),
            goes_out: named(&mut here.difference(&there)),
            stays: here.intersection(&there).count(),
            goals: goals(one, other),
        })
    }
}

/// The goals of one, then those that only the other has.
fn goals(one: &ProposalRow, other: &ProposalRow) -> Vec<ComparedGoal> {
    let valued = |row: &ProposalRow| {
        let values = row.answer.as_ref().map(|answer| answer.0.goal_values().to_vec()).unwrap_or_default();
        row.goals.0.clone().into_iter().zip(values).collect::<Vec<_>>()
    };
    let (here, there) = (valued(one), valued(other));
    let mut all: Vec<_> = here.iter().map(|(goal, _)| goal.clone()).collect();
    all.extend(
        there.iter().map(|(goal, _)| goal.clone()).filter(|goal| here.iter().all(|(own, _)| own != goal)),
    );
    let value =
        |list: &[(_, i64)], wanted: &_| list.iter().find(|(goal, _)| goal == wanted).map(|(_, value)| *value);
    let compared = all.into_iter().map(|goal| {
        let (value, other_value) = (value(&here, &goal), value(&there, &goal));
        ComparedGoal {
            kind: goal.kind,
            dimension: goal.dimension,
            changes: value != other_value,
            value,
            other_value,
        }
    });
    compared.collect()
}

/// With which proposal it is compared.
pub struct Other;

impl OneParameter for Other {
    type Value = Id;
    const NAME: &'static str = "with";
    const ABOUT: &'static str = "Det andra förslaget. / The other proposal.";
    const IS_REQUIRED: bool = true;
}

type With = Only<Other>;

/// Compare with another proposal
///
/// Ett förslag mot ett annat, oftast en provberäkning: vem som kommer in, vem som går ut och vilka mål som ändras.
///
/// A proposal against another one, usually a what-if run: who comes in, who goes out, and which goals change.
#[utoipa::path(
    tag = "selection",
    operation_id = "compareSelectionProposals",
    params(With),
    security(("bearer" = ["selectionProposal.read"])),
    extensions(("x-problem-codes" = json!(["stateConflict"]))),
    responses((status = 200, description = "The comparison", body = SelectionComparison)),
)]
#[get("/selection-proposals/{selectionProposalId}/comparison")]
async fn comparison(
    InOrder((permit, proposal, with)): InOrder<(Permit<SelectionRead>, Found<ProposalRow>, With)>,
) -> Result<Answer, Problem> {
    let answer = permit.read(move |rx| {
        let scope = rx.ctx.scope_of(SelectionRead::ROW);
        let other = with.0.map(|id| ProposalRow::find(rx.db, &scope, id)).transpose()?.flatten();
        let other = other.ok_or_else(Problem::not_found)?;
        check_computed([&proposal, &other])?;
        Answer::json(&SelectionComparison::of(rx, &proposal, &other)?)
    });
    Ok(answer.await?.tagged())
}

/// 409 unless both are computed and belong to one programme.
fn check_computed(both: [&ProposalRow; 2]) -> Result<(), Problem> {
    let [one, other] = both;
    if one.programme_id != other.programme_id {
        return Err(Problem::not_found());
    }
    if both.iter().all(|row| !row.selected().is_empty()) {
        return Ok(());
    }
    let words = Localized::fixed("Båda ska vara beräknade.", "Both must be computed.");
    Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new("/status", "notComputed", words)]))
}

/// The operation.
pub fn routes(cfg: &mut Operations) {
    cfg.service(comparison);
}
