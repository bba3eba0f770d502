//! The requests that add and change a milestone template, and how they become rows.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::{MilestoneKind, TemplateRow};
use crate::platform::context::Context;
use crate::platform::http::body::Change;
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::platform::values::Text;

/// A step to add to a programme's chain.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewTemplate::example)]
pub struct NewTemplate {
    /// The programme that requires it.
    pub programme_id: Id,
    /// Which step it is; a programme has each kind at most once.
    pub kind: MilestoneKind,
    /// Its place in the chain, from 1.
    #[schema(minimum = 1, maximum = 100)]
    pub position: i32,
    /// The last day to submit it, within the programme.
    pub due_on: Day,
    /// What is expected of the kommun; the coordinators read it.
    #[validate(nested)]
    pub instructions: Text<5000>,
}

impl NewTemplate {
    /// An example for OpenAPI.
    pub(super) fn example() -> Value {
        json!({
            "programmeId": "0175a2e1-7c00-7000-8000-000000000001",
            "kind": "policyDocument",
            "position": 4,
            "dueOn": "2021-12-31",
            "instructions": "Ett policydokument för samverkan med sociala företag, antaget genom beslut."
        })
    }

    /// The row of a new template.
    pub fn into_row(self, ctx: &Context) -> TemplateRow {
        let Self { programme_id, kind, position, due_on, instructions } = self;
        TemplateRow {
            id: ctx.new_id(),
            programme_id,
            kind,
            position,
            due_on,
            instructions: instructions.into(),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

/// A change of a template. The kind stays: another kind is another step.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"dueOn": "2021-11-30"}))]
pub struct TemplatePatch {
    /// Its place in the chain, from 1.
    #[serde(default)]
    #[schema(value_type = i32, minimum = 1, maximum = 100)]
    pub position: Change<i32>,
    /// The last day to submit it, within the programme.
    #[serde(default)]
    #[schema(value_type = Day)]
    pub due_on: Change<Day>,
    /// What is expected of the kommun; the coordinators read it.
    #[serde(default)]
    #[schema(value_type = Text<5000>)]
    #[validate(nested)]
    pub instructions: Change<Text<5000>>,
}

impl TemplatePatch {
    /// The changed row.
    pub fn apply(self, mut row: TemplateRow) -> TemplateRow {
        let Self { position, due_on, instructions } = self;
        position.apply(&mut row.position);
        due_on.apply(&mut row.due_on);
        instructions.map(String::from).apply(&mut row.instructions);
        row
    }
}
