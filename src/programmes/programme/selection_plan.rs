//! How the places of a call will be given if more kommuner qualify than there are places: goals in their order, quotas and
//! pins (guide §3 "Selection"; the exact meaning of each is in design/selection.md). The call names them before it opens,
//! because whoever chooses them when the lottery seed is known could steer the answer.

use std::collections::BTreeSet;

use selection::{DEFAULT_GOALS, Dimension, Fault, Goal, Pin, Quota};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use crate::platform::http::body::Change;
use crate::platform::problem::FieldError;
use crate::platform::text::Localized;
use crate::platform::values::{Line, Text};
use crate::reference::Kommunkod;

crate::codes! {
    /// What a goal of the selection is about.
    pub enum GoalKind as "goalKinds" {
        /// As many different categories of a dimension as possible.
        Coverage = "coverage", "så många olika som möjligt", "as many different ones as possible";
        /// As equally many of each category of a dimension as possible.
        Balance = "balance", "så jämn fördelning som möjligt", "as even a distribution as possible";
        /// The two chosen that are closest to each other are as far apart as possible.
        Dispersion = "dispersion", "så långt mellan kommunerna som möjligt", "as far between the kommuner as possible";
        /// The largest sum of lottery numbers.
        Lottery = "lottery", "lottning", "a draw of lots";
    }
}

crate::codes! {
    /// By what the kommuner of a pool are divided into categories.
    pub enum SelectionDimension as "selectionDimensions" {
        /// NUTS 2 area: `SE33`.
        Nuts2 = "nuts2", "riksområde", "national area";
        /// Län: `25`.
        Lan = "lan", "län", "county (län)";
        /// Size band: `from10kTo25k`.
        SizeBand = "sizeBand", "storlek", "size";
        /// SKR kommungrupp: `B5`.
        SkrGroup = "skrGroup", "SKR:s kommungrupp", "SKR's group of kommuner";
        /// Self-assessed maturity: `3`.
        Maturity = "maturity", "hur långt kommunen har kommit", "how far the kommun has come";
    }
}

/// One goal. The goals are compared in their order: a later one decides only between choices that are equally good for all
/// earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"kind": "coverage", "dimension": "lan"}))]
pub struct SelectionGoal {
    /// What it is about.
    pub kind: GoalKind,
    /// Of which dimension: for `coverage` and `balance`; null for the others.
    #[serde(default)]
    pub dimension: Option<SelectionDimension>,
}

/// A limit on how many of the chosen are of one category, at least one of `min` and `max`. It holds whatever the goals say; a
/// category that nobody in the pool has counts 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"dimension": "skrGroup", "category": "A1", "min": null, "max": 1}))]
pub struct SelectionQuota {
    /// The dimension.
    pub dimension: SelectionDimension,
    /// The category, as text: `SE33`, `25`, `under10k`, `B5`, `3`.
    #[validate(nested)]
    pub category: Line<40>,
    /// At least so many of the chosen.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 290)]
    pub min: Option<i32>,
    /// At most so many of the chosen.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 290)]
    pub max: Option<i32>,
}

/// A kommun that is in or out whatever the goals say. Once the call has opened, anyone can read which kommun it is and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"kommunkod": "2582", "in": true, "reason": "Var värd för pilotomgången."}))]
pub struct SelectionPin {
    /// The kommun, by its code in the register. Shown to anyone.
    #[validate(nested)]
    pub kommunkod: Kommunkod,
    /// Whether it gets a place (true) or none (false).
    #[serde(rename = "in")]
    pub is_in: bool,
    /// Why. Shown to anyone, so it holds nothing about single people.
    #[validate(nested)]
    pub reason: Text<1000>,
}

/// How the places will be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = SelectionPlan::example)]
pub struct SelectionPlan {
    /// The goals in their order. Left out of a request, they are the default ones: riksområden, län, sizes and maturities spread,
    /// distance, lots.
    #[serde(default = "SelectionGoal::default_order")]
    #[schema(min_items = 1, max_items = 20)]
    #[validate(nested)]
    pub goals: Vec<SelectionGoal>,
    /// Limits on single categories.
    #[serde(default)]
    #[schema(max_items = 100)]
    #[validate(nested)]
    pub quotas: Vec<SelectionQuota>,
    /// Kommuner that are in or out whatever the goals say. Shown to anyone once the call has opened.
    #[serde(default)]
    #[schema(max_items = 290)]
    #[validate(nested)]
    pub pins: Vec<SelectionPin>,
}

impl SelectionGoal {
    /// The six goals of a plan that names none (design/selection.md, the table).
    pub fn default_order() -> Vec<Self> {
        use GoalKind::{Balance, Coverage, Dispersion, Lottery};
        use SelectionDimension::{Lan, Maturity, Nuts2, SizeBand};
        let goals = [
            (Coverage, Some(Nuts2)),
            (Coverage, Some(Lan)),
            (Balance, Some(SizeBand)),
            (Balance, Some(Maturity)),
            (Dispersion, None),
            (Lottery, None),
        ];
        goals.into_iter().map(|(kind, dimension)| Self { kind, dimension }).collect()
    }

    /// As the engine takes it; none when kind and dimension do not go together.
    pub fn engine(&self) -> Option<Goal> {
        Goal::from_parts(self.kind.as_str(), self.dimension.map(SelectionDimension::engine))
    }

    /// The error of a goal whose dimension is missing, or is one too many.
    fn dimension_fault(&self, at: &str) -> Option<FieldError> {
        if self.engine().is_some() {
            return None;
        }
        let pointer = format!("{at}/dimension");
        Some(match self.dimension {
            None => {
                let words = Localized::fixed(
                    "Fältet saknas; coverage och balance gäller en dimension",
                    "The field is missing; coverage and balance are of a dimension",
                );
                FieldError::new(pointer, "required", words)
            }
            Some(_) => {
                let words = Localized::fixed(
                    "dispersion och lottery har ingen dimension",
                    "dispersion and lottery have no dimension",
                );
                FieldError::new(pointer, "notAllowed", words)
            }
        })
    }
}

impl SelectionDimension {
    /// As the engine takes it.
    pub const fn engine(self) -> Dimension {
        match self {
            Self::Nuts2 => Dimension::Nuts2,
            Self::Lan => Dimension::Lan,
            Self::SizeBand => Dimension::SizeBand,
            Self::SkrGroup => Dimension::SkrGroup,
            Self::Maturity => Dimension::Maturity,
        }
    }
}

impl SelectionQuota {
    /// As the engine takes it. A limit below 0, which the schema refuses, is left out.
    pub fn engine(&self) -> Quota {
        let limit = |limit: Option<i32>| limit.and_then(|limit| u32::try_from(limit).ok());
        Quota {
            dimension: self.dimension.engine(),
            category: self.category.to_string(),
            min: limit(self.min),
            max: limit(self.max),
        }
    }
}

impl SelectionPin {
    /// As the engine takes it.
    pub fn engine(&self) -> Pin {
        Pin {
            kommunkod: self.kommunkod.to_string(),
            is_in: self.is_in,
            reason: Some(self.reason.to_string()),
        }
    }
}

impl Default for SelectionPlan {
    fn default() -> Self {
        Self { goals: SelectionGoal::default_order(), quotas: Vec::new(), pins: Vec::new() }
    }
}

impl SelectionPlan {
    /// What is wrong with it, for so many places, as far as that can be told before anybody has applied. The pointers begin at
    /// the plan.
    pub fn faults(&self, places: i32) -> Vec<FieldError> {
        let mut faults = self.goal_faults();
        let quotas: Vec<Quota> = self.quotas.iter().map(SelectionQuota::engine).collect();
        let pins: Vec<Pin> = self.pins.iter().map(SelectionPin::engine).collect();
        // That there are places at all is told of the field itself.
        let places = u32::try_from(places).unwrap_or_default().max(1);
        faults.extend(
            selection::rule_faults(places, &DEFAULT_GOALS, &quotas, &pins).into_iter().map(selection_fault),
        );
        let pinned = self.pins.iter().filter(|pin| pin.is_in).count();
        if u32::try_from(pinned).is_ok_and(|pinned| places < pinned) {
            let words = Localized::new(
                format!("{pinned} kommuner ska få plats men platserna är {places}"),
                format!("{pinned} kommuner are to get a place but there are {places} places"),
            );
            faults.push(FieldError::new("/pins", "moreThanPlaces", words));
        }
        faults
    }

    fn goal_faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        for (index, goal) in self.goals.iter().enumerate() {
            let at = format!("/goals/{index}");
            faults.extend(goal.dimension_fault(&at));
            if let Some(earlier) = self.goals.iter().take(index).position(|other| other == goal) {
                let words = Localized::new(
                    format!("Finns redan i /goals/{earlier}"),
                    format!("Is already in /goals/{earlier}"),
                );
                faults.push(FieldError::new(at, "notUnique", words));
            }
        }
        faults
    }

    /// The pins of kommuner that are not among these, with pointers that begin at the plan.
    pub fn unknown_kommuner(&self, known: &BTreeSet<String>) -> Vec<FieldError> {
        let unknown = self.pins.iter().enumerate().filter(|(_, pin)| !known.contains(&*pin.kommunkod));
        let fault = |(index, _)| {
            let words = Localized::fixed("Det finns ingen sådan kommun.", "There is no such kommun.");
            FieldError::new(format!("/pins/{index}/kommunkod"), "unknownKommun", words)
        };
        unknown.map(fault).collect()
    }

    /// Without its pins, which concern the kommuner of one call.
    pub fn without_pins(self) -> Self {
        Self { pins: Vec::new(), ..self }
    }

    /// An example for OpenAPI.
    pub fn example() -> Value {
        json!({
            "goals": SelectionGoal::default_order(),
            "quotas": [{"dimension": "skrGroup", "category": "A1", "min": null, "max": 1}],
            "pins": [{"kommunkod": "2582", "in": true, "reason": "Var värd för pilotomgången."}],
        })
    }
}

/// A fault of the engine as the API tells it.
pub fn selection_fault(fault: Fault) -> FieldError {
    FieldError::new(fault.pointer, fault.code, Localized::new(fault.sv, fault.en))
}

/// A change of the plan: a list that is left out stays as it is, one that is sent replaces the old one.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"quotas": [{"dimension": "skrGroup", "category": "A1", "max": 1}]}))]
pub struct SelectionPlanPatch {
    /// The goals in their order.
    #[serde(default)]
    #[schema(value_type = Vec<SelectionGoal>, min_items = 1, max_items = 20)]
    #[validate(nested)]
    pub goals: Change<Vec<SelectionGoal>>,
    /// Limits on single categories.
    #[serde(default)]
    #[schema(value_type = Vec<SelectionQuota>, max_items = 100)]
    #[validate(nested)]
    pub quotas: Change<Vec<SelectionQuota>>,
    /// Kommuner that are in or out whatever the goals say. Shown to anyone once the call has opened.
    #[serde(default)]
    #[schema(value_type = Vec<SelectionPin>, max_items = 290)]
    #[validate(nested)]
    pub pins: Change<Vec<SelectionPin>>,
}

impl SelectionPlanPatch {
    /// The changed plan.
    pub fn applied(self, mut plan: SelectionPlan) -> SelectionPlan {
        let Self { goals, quotas, pins } = self;
        goals.apply(&mut plan.goals);
        quotas.apply(&mut plan.quotas);
        pins.apply(&mut plan.pins);
        plan
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(plan: Value) -> SelectionPlan {
        serde_json::from_value(plan).unwrap()
    }

    fn found(faults: Vec<FieldError>) -> Vec<(String, &'static str)> {
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn a_plan_that_says_nothing_has_the_default_goals_of_the_engine() {
        let goals: Vec<Goal> = plan(json!({})).goals.iter().filter_map(SelectionGoal::engine).collect();
        assert_eq!(goals, DEFAULT_GOALS);
        assert_eq!(plan(json!({})), SelectionPlan::default());
        assert!(plan(SelectionPlan::example()).faults(1).is_empty());
    }

    #[test]
    fn every_dimension_and_kind_is_one_of_the_engine() {
        for dimension in SelectionDimension::ALL {
            assert_eq!(dimension.engine().code(), dimension.as_str());
        }
        let kinds: Vec<&str> = GoalKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(kinds, Goal::KINDS);
    }

    #[test]
    fn all_faults_are_named_at_once() {
        let wrong = plan(json!({
            "goals": [{"kind": "coverage"}, {"kind": "lottery", "dimension": "lan"}, {"kind": "dispersion"}, {"kind": "dispersion"}],
            "quotas": [
                {"dimension": "lan", "category": "25"},
                {"dimension": "sizeBand", "category": "huge", "min": 1},
                {"dimension": "maturity", "category": "3", "min": 2, "max": 1},
                {"dimension": "maturity", "category": "3", "min": 1},
            ],
            "pins": [
                {"kommunkod": "2582", "in": true, "reason": "a"},
                {"kommunkod": "2582", "in": false, "reason": "b"},
                {"kommunkod": "0114", "in": true, "reason": "c"},
                {"kommunkod": "9999", "in": true, "reason": "d"},
            ],
        }));
        let mut told = found(wrong.faults(2));
        told.extend(found(wrong.unknown_kommuner(&["2582".to_owned(), "0114".to_owned()].into())));
        told.sort();
        let expected = [
            ("/goals/0/dimension", "required"),
            ("/goals/1/dimension", "notAllowed"),
            ("/goals/3", "notUnique"),
            ("/pins", "moreThanPlaces"),
            ("/pins/1/kommunkod", "notUnique"),
            ("/pins/3/kommunkod", "unknownKommun"),
            ("/quotas", "minAbovePlaces"),
            ("/quotas/0", "required"),
            ("/quotas/1/category", "unknownValue"),
            ("/quotas/2/min", "minAboveMax"),
            ("/quotas/3", "notUnique"),
        ];
        assert_eq!(told, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    }
}
