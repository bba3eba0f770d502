//! The requests that enter, change and copy time, and how they become rows.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::{EntryKind, EntryRow, EntrySource, EntryState, TimeEntry};
use crate::platform::context::Context;
use crate::platform::http::body::{Change, Field};
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Month};
use crate::platform::values::{Line, Minutes, Note};
use crate::team::participants::ParticipantRow;

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
    #[validate(nested)]
    pub minutes: Minutes,
    /// Kind of time.
    pub kind: EntryKind,
    /// An activity of the programme's settings.
    #[validate(nested)]
    pub activity_code: Line<40>,
    /// What was done; required before the report is signed.
    #[serde(default)]
    #[validate(nested)]
    pub description: Option<Note<2000>>,
}

impl NewEntry {
    /// The fields that a client sends, taken from the example of an entry.
    pub(super) fn example() -> Value {
        let entered = TimeEntry::example();
        let fields = ["participantId", "workDate", "minutes", "kind", "activityCode", "description"];
        fields.into_iter().filter_map(|name| Some((name.to_owned(), entered.get(name)?.clone()))).collect()
    }

    /// The row of a new entry: recorded if the person enters it, otherwise proposed. `time_report_id` is a placeholder, which
    /// the caller of this function replaces.
    pub fn into_row(self, ctx: &Context, participant: &ParticipantRow) -> EntryRow {
        let Self { participant_id, work_date, minutes, kind, activity_code, description } = self;
        let is_person = ctx.caller.is_person(participant.person_id);
        let id = ctx.new_id();
        EntryRow {
            id,
            programme_id: participant.programme_id,
            organisation: participant.organisation,
            kommunkod: participant.kommunkod.clone(),
            participant_id,
            person_id: participant.person_id,
            time_report_id: id,
            work_date,
            month: work_date.month(),
            minutes: minutes.into(),
            kind,
            activity_code: activity_code.into(),
            description: trimmed(description.map(String::from)),
            meeting_id: None,
            source: if is_person { EntrySource::Manual } else { EntrySource::Coordinator },
            source_system: None,
            external_id: None,
            copied_from_id: None,
            status: if is_person { EntryState::Recorded } else { EntryState::Proposed },
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

/// A change of an entry.
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
    #[schema(value_type = Minutes)]
    #[validate(nested)]
    pub minutes: Change<Minutes>,
    /// Kind of time.
    #[serde(default)]
    #[schema(value_type = EntryKind)]
    pub kind: Change<EntryKind>,
    /// An activity of the programme's settings.
    #[serde(default)]
    #[schema(value_type = Line<40>)]
    #[validate(nested)]
    pub activity_code: Change<Line<40>>,
    /// What was done.
    #[serde(default)]
    #[schema(value_type = Option<Note<2000>>)]
    #[validate(nested)]
    pub description: Field<Note<2000>>,
}

impl EntryPatch {
    /// The changed row.
    pub fn apply(self, mut row: EntryRow) -> EntryRow {
        let Self { work_date, minutes, kind, activity_code, description } = self;
        work_date.apply(&mut row.work_date);
        minutes.map(i32::from).apply(&mut row.minutes);
        kind.apply(&mut row.kind);
        activity_code.map(String::from).apply(&mut row.activity_code);
        description.map(String::from).apply(&mut row.description);
        row.description = trimmed(row.description);
        row.month = row.work_date.month();
        row
    }
}

/// A description without surrounding space; none when nothing is left.
fn trimmed(description: Option<String>) -> Option<String> {
    description.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A month to copy from and one to copy to.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewCopies::example)]
pub struct NewCopies {
    /// The participant whose time it is.
    pub participant_id: Id,
    /// The month whose recorded entries are copied.
    pub from_month: Month,
    /// The month in which the copies are proposed; later than `fromMonth`.
    pub to_month: Month,
}

impl NewCopies {
    fn example() -> Value {
        json!({"participantId": Context::example().new_id(), "fromMonth": "2021-02", "toMonth": "2021-03"})
    }
}

/// The result of copying a month.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = CopyResult::example)]
pub struct CopyResult {
    /// The new entries, all proposed.
    pub time_entry_ids: Vec<Id>,
    /// The entries that were not copied, and why.
    pub skipped: Vec<SkippedCopy>,
}

/// An entry that was not copied.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SkippedCopy {
    /// The entry of the copied month.
    pub time_entry_id: Id,
    /// `noSuchDay` (such as a fifth Friday), `alreadyCopied`, `fromMeeting`, or the code of the error that an entry on that day
    /// would have.
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
