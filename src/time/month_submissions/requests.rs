//! What is sent to submit a month.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use crate::platform::http::body::broken_at;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::team::Organisation;

/// A month to submit.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewSubmission::example)]
pub struct NewSubmission {
    /// The programme.
    pub programme_id: Id,
    /// A kommun's month, or the owner's own.
    pub organisation: Organisation,
    /// The kommun; left out for the owner's.
    #[serde(default)]
    #[schema(pattern = "^[0-9]{4}$")]
    pub kommunkod: Option<String>,
    /// The calendar month of work.
    pub month: Month,
    /// What the submitter wants to say to SKR.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    pub comment: Option<String>,
}

impl NewSubmission {
    pub(super) fn example() -> Value {
        json!({
            "programmeId": "0175a2e1-7c00-7000-8000-000000000001",
            "organisation": "kommun",
            "kommunkod": "2582",
            "month": "2021-03",
            "comment": "Två rapporter kommer senare."
        })
    }
}

impl Validate for NewSubmission {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let is_kommun = self.organisation == Organisation::Kommun;
        let error = match (is_kommun, &self.kommunkod) {
            (true, None) => broken_at("kommunkod", "required", "Ange kommunen", "Give the kommun"),
            (false, Some(_)) => broken_at(
                "kommunkod",
                "notAllowed",
                "Projektägarens personal hör inte till en kommun",
                "The owner's staff belong to no kommun",
            ),
            _ => return Ok(()),
        };
        let mut errors = ValidationErrors::new();
        errors.add("__all__", error);
        Err(errors)
    }
}
