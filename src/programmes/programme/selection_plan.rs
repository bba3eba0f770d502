//! How the places of a call will be given if more kommuner qualify than there are places: goals in their order, quotas and
//! pins (guide §3 "Selection"; the exact meaning of each is in design/selection.md). The call names them before it opens,
//! because whoever chooses them when the lottery seed is known could steer the answer.

use selection::{Dimension, Fault, Goal, Pin, Quota};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

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

#[cfg(test)]
mod tests {
    use selection::DEFAULT_GOALS;

    use super::*;

    fn plan(plan: Value) -> SelectionPlan {
        serde_json::from_value(plan).unwrap()
    }

    #[test]
    fn a_plan_that_says_nothing_has_the_default_goals_of_the_engine() {
        let goals: Vec<Goal> = plan(json!({})).goals.iter().filter_map(SelectionGoal::engine).collect();
        assert_eq!(goals, DEFAULT_GOALS);
        assert_eq!(plan(json!({})), SelectionPlan::default());
    }

    #[test]
    fn every_dimension_and_kind_is_one_of_the_engine() {
        for dimension in SelectionDimension::ALL {
            assert_eq!(dimension.engine().code(), dimension.as_str());
        }
        let kinds: Vec<&str> = GoalKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(kinds, Goal::KINDS);
    }
}
