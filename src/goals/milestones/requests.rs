//! The requests that change a milestone, and how they change its row.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::StaffInvolvement;
use super::store::MilestoneRow;
use crate::platform::db::sql::Json;
use crate::platform::http::body::{Change, Field};
use crate::platform::moment::Day;
use crate::platform::values::{Line, Text};
use crate::platform::workflow::StepData;
use crate::programmes::programme::Decision;

/// Changes a milestone that is not submitted. The coordinator changes the evidence, the programme manager the due date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "decision": {"body": "Kommunstyrelsen", "decidedOn": "2021-11-29", "paragraph": "§ 214", "registryNumber": "KS 2021/0457"},
    "departments": ["Socialförvaltningen", "Näringslivsenheten"],
}))]
pub struct MilestonePatch {
    /// The last day to submit it, within the programme.
    #[serde(default)]
    #[schema(value_type = Day)]
    pub due_on: Change<Day>,
    /// The decision that is its evidence.
    #[serde(default)]
    #[schema(value_type = Option<Decision>)]
    #[validate(nested)]
    pub decision: Field<Decision>,
    /// What has been done, in the kommun's own words.
    #[serde(default)]
    #[schema(value_type = Option<Text<10_000>>)]
    #[validate(nested)]
    pub description: Field<Text<10_000>>,
    /// Departments (förvaltningar) that take part.
    #[serde(default)]
    #[schema(value_type = Vec<Line<200>>, max_items = 50)]
    #[validate(nested)]
    pub departments: Change<Vec<Line<200>>>,
    /// Partners outside the kommun.
    #[serde(default)]
    #[schema(value_type = Vec<Line<200>>, max_items = 50)]
    #[validate(nested)]
    pub partners: Change<Vec<Line<200>>>,
    /// How the staff were involved.
    #[serde(default)]
    #[schema(value_type = Option<StaffInvolvement>)]
    #[validate(nested)]
    pub staff_involvement: Field<StaffInvolvement>,
    /// Why it is submitted after its last day.
    #[serde(default)]
    #[schema(value_type = Option<Text<2000>>)]
    #[validate(nested)]
    pub lateness_justification: Field<Text<2000>>,
}

impl MilestonePatch {
    /// Whether it changes anything but the due date.
    pub fn has_evidence(&self) -> bool {
        *self != Self { due_on: self.due_on, ..Self::default() }
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
        let strings = |texts: Vec<Line<200>>| texts.into_iter().map(String::from).collect();
        due_on.apply(&mut row.due_on);
        decision.map(Json).apply(&mut row.decision);
        let evidence = &mut row.evidence.0;
        description.map(String::from).apply(&mut evidence.description);
        departments.map(strings).apply(&mut evidence.departments);
        partners.map(strings).apply(&mut evidence.partners);
        staff_involvement.apply(&mut evidence.staff_involvement);
        lateness_justification.map(String::from).apply(&mut row.lateness_justification);
        row
    }
}

/// The data that a change to `submitted` may contain. The other changes of state take no data.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"latenessJustification": "Kommunstyrelsen sköt upp ärendet till december."}))]
pub struct MilestoneChangeData {
    /// The decision that is its evidence, unless it is entered already.
    #[serde(default)]
    #[validate(nested)]
    pub decision: Option<Decision>,
    /// Why it is submitted after its last day, unless that is entered already.
    #[serde(default)]
    #[validate(nested)]
    pub lateness_justification: Option<Text<2000>>,
}

impl MilestoneChangeData {
    /// Writes what was sent into the row.
    pub fn apply(self, row: &mut MilestoneRow) {
        let Self { decision, lateness_justification } = self;
        row.decision = decision.map(Json).or(row.decision.take());
        row.lateness_justification =
            lateness_justification.map(String::from).or(row.lateness_justification.take());
    }
}

impl StepData for MilestoneChangeData {
    fn given(&self) -> Vec<&'static str> {
        let Self { decision, lateness_justification } = self;
        let all =
            [("decision", decision.is_some()), ("latenessJustification", lateness_justification.is_some())];
        all.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect()
    }
}
