//! In what one selection differs from another: from the plan that the open call named, from another proposal, from another
//! computation. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::store::ProposalRow;
use crate::programmes::programme::{SelectionGoal, SelectionPin, SelectionPlan, SelectionQuota};

/// What one of two selections has and the other has not, or has otherwise; a member that is the same in both is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
#[schema(example = json!({"quotas": [{"dimension": "skrGroup", "category": "A1", "min": null, "max": 1}]}))]
pub struct SelectionSide {
    /// How many are chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub places: Option<i32>,
    /// The lottery seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub seed: Option<String>,
    /// All goals, in their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub goals: Option<Vec<SelectionGoal>>,
    /// The quotas that the other has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub quotas: Option<Vec<SelectionQuota>>,
    /// The pins that the other has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pins: Option<Vec<SelectionPin>>,
    /// The kommuner that the other did not choose from, by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub applicants: Option<Vec<String>>,
    /// How many nodes the search may visit; absent also when that is the usual number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub node_budget: Option<i64>,
}

/// In what one selection differs from another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// The names of the members that differ: `places`, `seed`, `goals`, `quotas`, `pins`, `applicants`, `nodeBudget`.
    pub names: Vec<String>,
    /// What only the one has.
    pub from: SelectionSide,
    /// What only the other has.
    pub to: SelectionSide,
    /// The kommuner that both choose from, with other facts about them, by code.
    pub other_facts: Vec<String>,
}

/// What a selection is made by. Of a plan, only what the call names is known.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The goals in their order.
    goals: Vec<SelectionGoal>,
    /// Limits on single categories.
    quotas: Vec<SelectionQuota>,
    /// Kommuner that are in or out.
    pins: Vec<SelectionPin>,
    /// What a plan does not name.
    own: Option<Own>,
}

#[derive(Clone, Debug)]
struct Own {
    places: i32,
    seed: String,
    node_budget: Option<i64>,
    /// What is known of each kommun of the pool; none when that is not asked.
    applicants: Option<BTreeMap<String, Value>>,
}

/// A recorded input, as it is compared. (The engine's type has no codes of its own for goals and dimensions of the API.)
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recorded {
    places: i32,
    seed: String,
    #[serde(default = "SelectionGoal::default_order")]
    goals: Vec<SelectionGoal>,
    #[serde(default)]
    quotas: Vec<SelectionQuota>,
    #[serde(default)]
    pins: Vec<SelectionPin>,
    #[serde(default)]
    node_budget: Option<i64>,
    applicants: Vec<Value>,
}

impl Rules {
    /// What the open call named.
    pub fn of_plan(plan: &SelectionPlan) -> Self {
        let SelectionPlan { goals, quotas, pins } = plan.clone();
        Self { goals, quotas, pins, own: None }
    }

    /// What a proposal says, without the pool.
    pub fn of_proposal(row: &ProposalRow) -> Self {
        let own = Own {
            places: row.places,
            seed: row.seed.clone(),
            node_budget: row.node_budget,
            applicants: None,
        };
        Self {
            goals: row.goals.0.clone(),
            quotas: row.quotas.0.clone(),
            pins: row.pins.0.clone(),
            own: Some(own),
        }
    }

    /// What a recorded input says; none when it is not one.
    pub fn of_input(input: &str) -> Option<Self> {
        let Recorded { places, seed, goals, quotas, pins, node_budget, applicants } =
            serde_json::from_str(input).ok()?;
        let coded = |facts: Value| Some((facts.get("kommunkod")?.as_str()?.to_owned(), facts));
        let applicants = applicants.into_iter().map(coded).collect::<Option<BTreeMap<_, _>>>()?;
        let own = Own { places, seed, node_budget, applicants: Some(applicants) };
        Some(Self { goals, quotas, pins, own: Some(own) })
    }
}

/// What the one list has and the other has not. The order of quotas and of pins means nothing.
fn only<T: Clone + PartialEq>(one: &[T], other: &[T]) -> Vec<T> {
    one.iter().filter(|item| !other.contains(item)).cloned().collect()
}

/// In what `to` differs from `from`.
pub fn between(from: &Rules, to: &Rules) -> Differences {
    let mut found = Differences::default();
    let own = from.own.as_ref().zip(to.own.as_ref());
    if let Some((from, to)) = own {
        found.set("places", from.places != to.places, |side, is_to| {
            side.places = Some(if is_to { to.places } else { from.places });
        });
        found.set("seed", from.seed != to.seed, |side, is_to| {
            side.seed = Some(if is_to { &to.seed } else { &from.seed }.clone());
        });
    }
    found.set("goals", from.goals != to.goals, |side, is_to| {
        side.goals = Some(if is_to { &to.goals } else { &from.goals }.clone());
    });
    let quotas = (only(&from.quotas, &to.quotas), only(&to.quotas, &from.quotas));
    found.set("quotas", !quotas.0.is_empty() || !quotas.1.is_empty(), |side, is_to| {
        side.quotas = Some(if is_to { &quotas.1 } else { &quotas.0 }.clone());
    });
    let pins = (only(&from.pins, &to.pins), only(&to.pins, &from.pins));
    found.set("pins", !pins.0.is_empty() || !pins.1.is_empty(), |side, is_to| {
        side.pins = Some(if is_to { &pins.1 } else { &pins.0 }.clone());
    });
    if let Some((from, to)) = own {
        if let (Some(here), Some(there)) = (&from.applicants, &to.applicants) {
            found.add_applicants(here, there);
        }
        found.set("nodeBudget", from.node_budget != to.node_budget, |side, is_to| {
            side.node_budget = if is_to { to.node_budget } else { from.node_budget };
        });
    }
    found
}

impl Differences {
    fn set(&mut self, name: &str, is_other: bool, fill: impl Fn(&mut SelectionSide, bool)) {
        if is_other {
            self.names.push(name.to_owned());
            fill(&mut self.from, false);
            fill(&mut self.to, true);
        }
    }

    fn add_applicants(&mut self, from: &BTreeMap<String, Value>, to: &BTreeMap<String, Value>) {
        let missing = |these: &BTreeMap<String, Value>, those: &BTreeMap<String, Value>| -> Vec<String> {
            these.keys().filter(|code| !those.contains_key(*code)).cloned().collect()
        };
        let (left, joined) = (missing(from, to), missing(to, from));
        let is_other = |(code, facts): &(&String, &Value)| to.get(*code).is_some_and(|other| other != *facts);
        self.other_facts = from.iter().filter(is_other).map(|(code, _)| code.clone()).collect();
        self.set("applicants", from != to, |side, is_to| {
            side.applicants = Some(if is_to { &joined } else { &left }.clone());
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn input(change: impl Fn(&mut Value)) -> Rules {
        let applicant = |code: &str, maturity: i32| json!({"kommunkod": code, "maturity": maturity});
        let mut input = json!({
            "places": 2,
            "seed": "0",
            "goals": [{"kind": "coverage", "dimension": "lan"}, {"kind": "lottery"}],
            "quotas": [
                {"dimension": "lan", "category": "25", "min": 1},
                {"dimension": "lan", "category": "01", "max": 1}
            ],
            "pins": [{"kommunkod": "2582", "in": true, "reason": "Värd."}],
            "applicants": [applicant("0114", 1), applicant("2518", 2), applicant("2582", 3)],
        });
        change(&mut input);
        Rules::of_input(&input.to_string()).unwrap()
    }

    #[test]
    fn the_order_of_goals_counts_and_that_of_quotas_does_not() {
        let same = input(|input| input["quotas"].as_array_mut().unwrap().reverse());
        assert_eq!(between(&input(|_| ()), &same), Differences::default());
        let other = input(|input| input["goals"].as_array_mut().unwrap().reverse());
        let found = between(&input(|_| ()), &other);
        assert_eq!(found.names, ["goals"]);
        assert_eq!(found.from.goals.unwrap()[0], found.to.goals.unwrap()[1]);
    }

    #[test]
    fn each_side_tells_what_only_it_has() {
        let other = input(|input| {
            input["places"] = json!(3);
            input["quotas"][0]["min"] = json!(2);
            input["pins"] = json!([]);
            input["nodeBudget"] = json!(10);
            input["applicants"][0]["maturity"] = json!(5);
            input["applicants"][1]["kommunkod"] = json!("1480");
        });
        let found = between(&input(|_| ()), &other);
        assert_eq!(found.names, ["places", "quotas", "pins", "applicants", "nodeBudget"]);
        assert_eq!((found.from.places, found.to.places), (Some(2), Some(3)));
        assert_eq!((found.from.node_budget, found.to.node_budget), (None, Some(10)));
        let mins = |side: &SelectionSide| {
            side.quotas.as_ref().unwrap().iter().map(|quota| quota.min).collect::<Vec<_>>()
        };
        assert_eq!((mins(&found.from), mins(&found.to)), (vec![Some(1)], vec![Some(2)]));
        assert_eq!((found.from.pins.unwrap().len(), found.to.pins.unwrap().len()), (1, 0));
        assert_eq!(found.from.applicants.unwrap(), ["2518"]);
        assert_eq!(found.to.applicants.unwrap(), ["1480"]);
        assert_eq!(found.other_facts, ["0114"]);
        assert_eq!((found.from.goals, found.from.seed), (None, None));
    }

    #[test]
    fn a_plan_says_nothing_of_places_seed_and_pool() {
        let plan = SelectionPlan::default();
        let found = between(&Rules::of_plan(&plan), &input(|_| ()));
        assert_eq!(found.names, ["goals", "quotas", "pins"]);
    }
}
