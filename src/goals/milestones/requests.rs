//! What is sent to change a milestone, and the step from there to the row.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use super::store::MilestoneRow;
use super::{MilestoneState, StaffInvolvement};
use crate::platform::db::sql::Json;
use crate::platform::http::body::{Change, Field};
use crate::platform::moment::Day;
use crate::platform::problem::FieldError;
use crate::platform::text::Localized;
use crate::programmes::programme::Decision;

/// What may be changed of a milestone while it is not submitted: the evidence by the coordinator, the due date by the
/// programme manager.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = MilestonePatch::example)]
pub struct MilestonePatch {
    /// The last day to submit it, within the programme's time.
    #[serde(default)]
    #[schema(value_type = Day)]
    pub due_on: Change<Day>,
    /// The decision that shows it.
    #[serde(default)]
    #[schema(value_type = Option<Decision>)]
    pub decision: Field<Decision>,
    /// What has been done, in the kommun's own words.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 10_000)]
    pub description: Field<String>,
    /// Departments (förvaltningar) that take part.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 50)]
    pub departments: Change<Vec<String>>,
    /// Those outside of the kommun who take part.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 50)]
    pub partners: Change<Vec<String>>,
    /// How the staff were involved.
    #[serde(default)]
    #[schema(value_type = Option<StaffInvolvement>)]
    pub staff_involvement: Field<StaffInvolvement>,
    /// Why it is submitted after its last day.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    pub lateness_justification: Field<String>,
}

impl MilestonePatch {
    pub(super) fn example() -> serde_json::Value {
        json!({
            "decision": {"body": "Kommunstyrelsen", "decidedOn": "2021-11-29", "paragraph": "§ 214", "registryNumber": "KS 2021/0457"},
            "departments": ["Socialförvaltningen", "Näringslivsenheten"]
        })
    }

    /// Whether it changes what the coordinator enters.
    pub fn has_evidence(&self) -> bool {
        let Self {
            due_on: _,
            decision,
            description,
            departments,
            partners,
            staff_involvement,
            lateness_justification,
        } = self;
        !(decision.is_absent()
            && description.is_absent()
            && departments.is_keep()
            && partners.is_keep()
            && staff_involvement.is_absent()
            && lateness_justification.is_absent())
    }

    /// The changed row.
    pub fn apply(self, mut row: MilestoneRow) -> MilestoneRow {
        let Self {
            due_on,
            decision,
            description,
            departments,
            partners,
            staff_involvement,
            lateness_justification,
        } = self;
        due_on.apply(&mut row.due_on);
        match decision {
            Field::Absent => {}
            Field::Null => row.decision = None,
            Field::Value(decision) => row.decision = Some(Json(decision)),
        }
        let evidence = &mut row.evidence.0;
        description.apply(&mut evidence.description);
        departments.apply(&mut evidence.departments);
        partners.apply(&mut evidence.partners);
        staff_involvement.apply(&mut evidence.staff_involvement);
        lateness_justification.apply(&mut row.lateness_justification);
        row
    }
}

/// Facts that submitting a milestone takes; other steps take none.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"latenessJustification": "Kommunstyrelsen sköt upp ärendet till december."}))]
pub struct MilestoneChangeData {
    /// The decision that shows it, unless it is entered already.
    #[serde(default)]
    pub decision: Option<Decision>,
    /// Why it is submitted after its last day, unless that is entered already.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    pub lateness_justification: Option<String>,
}

impl MilestoneChangeData {
    /// What was sent to a step that does not take it.
    pub fn unexpected(&self, to: MilestoneState) -> Vec<FieldError> {
        if to == MilestoneState::Submitted {
            return Vec::new();
        }
        let sent = [
            ("/data/decision", self.decision.is_some()),
            ("/data/latenessJustification", self.lateness_justification.is_some()),
        ];
        let words = || {
            Localized::fixed(
                "Anges bara när milstolpen lämnas in.",
                "Given only when the milestone is submitted.",
            )
        };
        sent.into_iter()
            .filter(|(_, is_sent)| *is_sent)
            .map(|(at, _)| FieldError::new(at, "notForThisStep", words()))
            .collect()
    }

    /// The row with what was sent.
    pub fn apply(self, row: &mut MilestoneRow) {
        let Self { decision, lateness_justification } = self;
        if let Some(decision) = decision {
            row.decision = Some(Json(decision));
        }
        if lateness_justification.is_some() {
            row.lateness_justification = lateness_justification;
        }
    }
}
