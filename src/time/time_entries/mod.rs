//! Time entries: what somebody did for the network on one day, in whole minutes (guide §4). The description is the only proof
//! of the cost.
//!
//! The person enters their own time. A coordinator may propose entries for the team of their own kommun, a programme manager
//! for the owner's staff; the person confirms them. An attester sees the entries of signed reports. Entries are voided, never
//! deleted.

mod commands;
mod relations;
mod requests;
pub mod routes;
mod rules;
mod store;
mod team_listener;
mod view;

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Day, Instant, Month};
use crate::platform::part::Part;
use crate::platform::relations::RelationSource;
use crate::platform::workflow::AllowedTransition;
use crate::programmes::programme::Warning;
use crate::team::{EmploymentListener, Organisation, ParticipantListener};

pub use commands::void_proposed;
pub use rules::WORKFLOW;
pub use store::{
    EntriesFacts, EntryList, EntryRow, KindMinutes, unscoped_days_of_reports, unscoped_facts,
    unscoped_of_report, unscoped_of_reports, unscoped_sums, within,
};

/// What time entries bring to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[EntryKind::LIST, EntrySource::LIST, EntryState::LIST],
    hooks: |hooks| {
        hooks.add::<dyn ParticipantListener>(Arc::new(team_listener::EnteredTime));
        hooks.add::<dyn EmploymentListener>(Arc::new(team_listener::EnteredTime));
        hooks.add::<dyn RelationSource>(Arc::new(relations::OfRows));
    },
    ..Part::of::<EntryRow>()
};

crate::codes! {
    /// Kinds of time (guide §4).
    pub enum EntryKind as "timeEntryKinds" {
        /// With the other kommuner.
        Joint = "joint", "gemensam", "joint";
        /// The kommun's own.
        Own = "own", "egen", "own";
        /// The coordinator's.
        Coordination = "coordination", "koordinering", "coordination";
    }
}

crate::codes! {
    /// The origins of an entry.
    pub enum EntrySource as "timeEntrySources" {
        /// Entered by the person.
        Manual = "manual", "manuell", "manual";
        /// Entered by the coordinator.
        Coordinator = "coordinator", "koordinator", "coordinator";
        /// From confirmed attendance at a meeting.
        Attendance = "attendance", "närvaro", "attendance";
        /// From an HR system.
        Import = "import", "import", "import";
    }
}

crate::codes! {
    /// States of an entry.
    pub enum EntryState as "timeEntryStates" {
        /// Entered by somebody else, or copied. It does not count until the person confirms it.
        Proposed = "proposed", "föreslagen", "proposed";
        /// Counts.
        Recorded = "recorded", "registrerad", "recorded";
        /// Does not count; kept.
        Voided = "voided", "makulerad", "voided";
    }
}

/// A time entry.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = TimeEntry::example)]
pub struct TimeEntry {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// Whether the person works for a kommun or for the owner.
    pub organisation: Organisation,
    /// The kommun; null for the owner's staff.
    pub kommunkod: Option<String>,
    /// The participant whose time it is.
    pub participant_id: Id,
    /// Their name.
    pub participant_name: Option<String>,
    /// The person whose time it is.
    pub person_id: Id,
    /// The report that it belongs to.
    pub time_report_id: Id,
    /// The day of the work, in Sweden.
    pub work_date: Day,
    /// The month of that day.
    pub month: Month,
    /// Worked minutes, 1–1440.
    pub minutes: i32,
    /// Kind of time.
    pub kind: EntryKind,
    /// An activity of the programme's settings.
    pub activity_code: String,
    /// What was done; required before the report is signed.
    pub description: Option<String>,
    /// The meeting, if any.
    pub meeting_id: Option<Id>,
    /// Its origin.
    pub source: EntrySource,
    /// The HR system that it came from.
    pub source_system: Option<String>,
    /// Its key there.
    pub external_id: Option<String>,
    /// The entry that it is a copy of.
    pub copied_from_id: Option<Id>,
    /// State.
    pub status: EntryState,
    /// What the caller may do next: nothing while the month takes no time or the report cannot be changed.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// What needs attention: `restDay` on a weekend or public holiday, `descriptionMissing` before signing.
    pub warnings: Vec<Warning>,
    /// When it was entered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
