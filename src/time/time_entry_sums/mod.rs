//! Sums of time entries: minutes and numbers, grouped by the requested dimensions, over the same rows and with the same
//! filters as the list of entries. Only recorded entries count, unless the request names other states.
//!
//! A kommun's reader and a method developer see no names. They group and filter by programme, kommun, year and month only, and
//! time of fewer than three people is left out (see `time::without_names`).

pub mod routes;
mod rules;
mod store;
mod view;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{Object, ObjectBuilder};

use crate::platform::http::answer::Link;
use crate::platform::http::list::GroupedQuery;
use crate::platform::http::openapi::MAY_BE_ABSENT;
use crate::platform::ids::Id;
use crate::platform::moment::Month;
use crate::platform::part::Part;
use crate::time::time_entries::{EntryKind, EntryList};

/// What the sums bring to the program.
pub const PART: Part = Part { routes: routes::routes, code_lists: &[Dimension::LIST], ..Part::NONE };

crate::codes! {
    /// The dimensions by which sums of time entries can be grouped.
    pub enum Dimension as "timeEntryDimensions" {
        /// The programme.
        Programme = "programme", "program", "programme";
        /// The kommun; null for the owner's staff.
        Kommun = "kommun", "kommun", "kommun";
        /// The year of the work.
        Year = "year", "år", "year";
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

/// The one field with three answers: absent without its dimension, null for the owner's staff, or a kommun.
fn kommun_or_owner() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some("The kommun; null for the owner's staff."))
        .extensions(Some(ExtensionsBuilder::new().add(MAY_BE_ABSENT, true).build()))
        .build()
}

/// One group of a sum, with the requested dimensions only.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntrySum {
    /// The programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub programme_id: Option<Id>,
    /// The kommun; null for the owner's staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = kommun_or_owner)]
    pub kommunkod: Option<Option<String>>,
    /// The year.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub year: Option<i32>,
    /// The month.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub month: Option<Month>,
    /// The kind of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub kind: Option<EntryKind>,
    /// The person in the programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub participant_id: Option<Id>,
    /// The activity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub activity_code: Option<String>,
    /// The sum of the minutes; null if all of it is left out.
    pub minutes: Option<i64>,
    /// The number of entries; null if all of them are left out.
    pub entries: Option<i64>,
    /// Present, and true, if time is left out: the caller sees no names, and in a kommun's month fewer than three people have
    /// time.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(required = false)]
    pub is_incomplete: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
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
    /// The minutes of all groups; null if all of them are left out.
    pub total_minutes: Option<i64>,
    /// The number of entries of all groups; null if all of them are left out.
    pub total_entries: Option<i64>,
    /// Present, and true, if time is left out: see the groups.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(required = false)]
    pub is_incomplete: bool,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
