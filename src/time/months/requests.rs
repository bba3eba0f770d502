//! The facts that locking a month takes.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::MissingReport;
use crate::platform::context::Context;
use crate::platform::workflow::StepData;

/// The facts that locking a month takes.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = MonthChangeData::example)]
pub struct MonthChangeData {
    /// The participants whose reports are not waited for, and why.
    #[serde(default)]
    #[schema(max_items = 1000)]
    #[validate(nested)]
    pub missing: Vec<MissingReport>,
}

impl StepData for MonthChangeData {
    fn given(&self) -> Vec<&'static str> {
        let Self { missing } = self;
        if missing.is_empty() { Vec::new() } else { vec!["missing"] }
    }
}

impl MonthChangeData {
    fn example() -> Value {
        let participant_id = Context::example().new_id();
        json!({"missing": [MissingReport { participant_id, reason: "Sjukskriven sedan den 4 mars.".into() }]})
    }
}
