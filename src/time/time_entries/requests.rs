//! What is sent to enter, change and copy time.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::{EntryKind, EntryRow, TimeEntry};
use crate::platform::context::Context;
use crate::platform::http::body::{Change, Field};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Month};

/// Time to enter.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewEntry::example)]
pub struct NewEntry {
    /// The participant whose time it is.
    pub participant_id: Id,
    /// The day of the work; not in the future.
    pub work_date: Day,
    /// Worked minutes.
    #[schema(minimum = 1, maximum = 1440)]
    pub minutes: i32,
    /// Kind of time.
    pub kind: EntryKind,
    /// Activity of the programme's settings.
    #[schema(min_length = 1, max_length = 40)]
    pub activity_code: String,
    /// What was done; may wait until the report is signed.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
}

impl NewEntry {
    /// What the example of an entry was entered with.
    pub(super) fn example() -> Value {
        let entered = TimeEntry::example();
        let fields = ["participantId", "workDate", "minutes", "kind", "activityCode", "description"];
        fields.into_iter().filter_map(|name| Some((name.to_owned(), entered.get(name)?.clone()))).collect()
    }
}

/// What may be changed of an entry.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"minutes": 180, "description": "Utkast till policy, med synpunkter från nämnden."}))]
pub struct EntryPatch {
    /// The day of the work.
    #[serde(default)]
    #[schema(value_type = Day)]
    pub work_date: Change<Day>,
    /// Worked minutes.
    #[serde(default)]
    #[schema(value_type = i32, minimum = 1, maximum = 1440)]
    pub minutes: Change<i32>,
    /// Kind of time.
    #[serde(default)]
    #[schema(value_type = EntryKind)]
    pub kind: Change<EntryKind>,
    /// Activity of the programme's settings.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, max_length = 40)]
    pub activity_code: Change<String>,
    /// What was done.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub description: Field<String>,
}

impl EntryPatch {
    /// The changed row.
    pub fn apply(self, mut row: EntryRow) -> EntryRow {
        let Self { work_date, minutes, kind, activity_code, description } = self;
        work_date.apply(&mut row.work_date);
        minutes.apply(&mut row.minutes);
        kind.apply(&mut row.kind);
        activity_code.apply(&mut row.activity_code);
        description.apply(&mut row.description);
        row.description = spoken(row.description);
        row.month = row.work_date.month();
        row
    }
}

/// A description without surrounding space; none when nothing is left.
pub fn spoken(description: Option<String>) -> Option<String> {
    description.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A change of an entry's state takes no further facts.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct EntryChangeData {}

/// A month to copy from and one to copy to.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewCopies::example)]
pub struct NewCopies {
    /// The participant whose time it is.
    pub participant_id: Id,
    /// The month whose recorded entries are copied.
    pub from_month: Month,
    /// The month that they are proposed in.
    pub to_month: Month,
}

impl NewCopies {
    fn example() -> Value {
        json!({"participantId": Context::example().new_id(), "fromMonth": "2021-02", "toMonth": "2021-03"})
    }
}

/// What became of the entries of the month that was copied.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = CopyResult::example)]
pub struct CopyResult {
    /// The new entries, all proposed.
    pub time_entry_ids: Vec<Id>,
    /// What was not copied, and why.
    pub skipped: Vec<SkippedCopy>,
}

/// An entry that was not copied.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SkippedCopy {
    /// The entry of the month that was copied.
    pub time_entry_id: Id,
    /// `noSuchDay` (a fifth Friday), `alreadyCopied`, `fromMeeting`, or what an entry on that day would be refused for.
    pub reason: String,
}

impl CopyResult {
    fn example() -> Value {
        let ctx = Context::example();
        json!(Self {
            time_entry_ids: vec![ctx.new_id()],
            skipped: vec![SkippedCopy { time_entry_id: ctx.new_id(), reason: "noSuchDay".to_owned() }],
        })
    }
}
