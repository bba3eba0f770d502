//! Sums of time entries: minutes and numbers, grouped by the requested dimensions, over the same rows and with the same
//! filters as the list of entries. Only recorded entries count, unless the request names other states.

pub mod routes;
mod rules;
mod store;
mod view;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::http::answer::Link;
use crate::platform::http::list::GroupedQuery;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::part::Part;
use crate::time::time_entries::{EntryKind, EntryList};

/// What the sums bring to the program.
pub const PART: Part = Part { routes: routes::routes, code_lists: &[Dimension::LIST], ..Part::NONE };

crate::codes! {
    /// The dimensions by which sums of time entries can be grouped.
    pub enum Dimension as "timeEntryDimensions" {
        /// The kommun; null for the owner's staff.
        Kommun = "kommun", "kommun", "kommun";
        /// The month of the work.
        Month = "month", "månad", "month";
        /// The kind of time.
        Kind = "kind", "tidsslag", "kind";
        /// The person in the programme.
        ParticipantId = "participantId", "medarbetare", "participant";
        /// The activity.
        ActivityCode = "activityCode", "aktivitet", "activity";
    }
}

/// The parameters of the request.
pub type SumsQuery = GroupedQuery<EntryList, Dimension>;

/// One group of a sum, with the requested dimensions only.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntrySum {
    /// The kommun; null for the owner's staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub kommunkod: Option<Option<String>>,
    /// The month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    /// The kind of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<EntryKind>,
    /// The person in the programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participant_id: Option<Id>,
    /// The activity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity_code: Option<String>,
    /// The sum of the minutes.
    pub minutes: i64,
    /// The number of entries.
    pub entries: i64,
}

/// Sums of time entries.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = EntrySums::example)]
pub struct EntrySums {
    /// The requested dimensions.
    pub group_by: Vec<Dimension>,
    /// The groups, sorted by their dimensions.
    pub items: Vec<EntrySum>,
    /// The minutes of all groups.
    pub total_minutes: i64,
    /// The number of entries of all groups.
    pub total_entries: i64,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
