//! A place that was given after the announcement, as it is recorded: with what the goals were by it, and with the best of the
//! others instead.

use serde::{Deserialize, Serialize};

use super::GivenPlace;
use crate::platform::moment::Instant;

/// A place that was given after the announcement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlaceGiven {
    /// The kommun that got it.
    pub kommunkod: String,
    /// The best replacement as it was computed then; none when none was left.
    pub proposed: Option<String>,
    /// Whether another kommun than the best replacement got the place.
    pub is_deviation: bool,
    /// Why another one.
    pub reason: Option<String>,
    /// When.
    pub at: Instant,
    /// The value of each goal with it and all others that had a place then; empty if that is not known.
    #[serde(default)]
    pub goal_values: Vec<i64>,
    /// The best of the others; none if no other could get the place.
    #[serde(default)]
    pub next: Option<NextBest>,
}

/// The best of those that did not get a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NextBest {
    /// The kommun.
    pub kommunkod: String,
    /// The value of each goal with it instead.
    pub goal_values: Vec<i64>,
}

impl PlaceGiven {
    /// As a reader sees it, with why it went to this kommun.
    pub fn shown(self, text: String) -> GivenPlace {
        let Self { kommunkod, proposed, is_deviation, reason, at, goal_values, next: _ } = self;
        GivenPlace { kommunkod, proposed, is_deviation, reason, text, goal_values, at }
    }
}
