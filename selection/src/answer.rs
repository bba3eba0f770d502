//! What a computation answers.

use serde::{Deserialize, Serialize};

use crate::input::Dimension;

/// The answer to an input. As JSON one of the three shapes of `selection.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Answer {
    /// No set is better, and of those as good this one is first.
    Optimal {
        /// One value per goal, in the goals' order.
        goal_values: Vec<i64>,
        /// The chosen, sorted by kommunkod.
        selected: Vec<String>,
        /// Always true.
        proven_optimal: bool,
    },
    /// The best set that was found before the node budget ended.
    Feasible {
        /// One value per goal, in the goals' order. Those before the open goal are proven.
        goal_values: Vec<i64>,
        /// The chosen, sorted by kommunkod.
        selected: Vec<String>,
        /// Always false.
        proven_optimal: bool,
        /// The index of the first goal that a better set may exist for; the number of goals when every value is proven and only the
        /// order of kommunkoder among equally good sets is open.
        open_goal: usize,
    },
    /// No set fulfils the quotas and pins.
    Infeasible {
        /// What makes it impossible.
        because: Because,
        /// For quotas: the least that must be given up.
        #[serde(skip_serializing_if = "Option::is_none")]
        relaxation: Option<Relaxation>,
    },
}

impl Answer {
    /// The chosen, sorted by kommunkod; none when it is infeasible.
    pub fn selected(&self) -> &[String] {
        match self {
            Answer::Optimal { selected, .. } | Answer::Feasible { selected, .. } => selected,
            Answer::Infeasible { .. } => &[],
        }
    }

    /// One value per goal; none when it is infeasible.
    pub fn goal_values(&self) -> &[i64] {
        match self {
            Answer::Optimal { goal_values, .. } | Answer::Feasible { goal_values, .. } => goal_values,
            Answer::Infeasible { .. } => &[],
        }
    }
}

/// What makes an input impossible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Because {
    /// The quotas, together with the pins.
    Quotas,
    /// The pins alone: more are in than there are places, or too few are left.
    Pins,
    /// Too few are left to take the places (of a replacement).
    Places,
    /// It is not known: no set was found although the search visited more nodes than it may for that (1 000 000).
    Budget,
}

/// The smallest total by which quotas must be broken, and one way of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relaxation {
    /// Σ of `by`.
    pub total: u64,
    /// Which limits, by how much, by dimension and category.
    pub quotas: Vec<Relaxed>,
}

/// A limit that must give way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relaxed {
    /// The quota's dimension.
    pub dimension: Dimension,
    /// The quota's category.
    pub category: String,
    /// Which of its limits.
    pub bound: Bound,
    /// By how many kommuner.
    pub by: u64,
}

/// A limit of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Bound {
    /// The least number.
    Min,
    /// The greatest number.
    Max,
}

/// A kommun of the reserve list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reserve {
    /// Which kommun.
    pub kommunkod: String,
    /// The goals' values of the chosen, the earlier reserves and this one together, with as many places.
    pub goal_values: Vec<i64>,
}

/// Who takes the places of those that have left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Replacement {
    /// Who comes in, sorted by kommunkod; none when it is infeasible.
    pub added: Vec<String>,
    /// The whole answer with the others pinned in and those that have left out.
    pub answer: Answer,
}
