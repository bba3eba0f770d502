//! The overview of a month: who has what, what is missing, and what the caller may do about it (guide §4: "a normal
//! month for a coordinator is three calls"). Nothing is stored here; it is put together from reports, entries, months and
//! submissions.
//!
//! A coordinator sees the own kommun person by person; SKR's manager, economist and ESF's auditor see sums per kommun,
//! and the persons of the kommun they ask for. A process supporter sees the sums of assigned kommuner, a kommun's reader
//! those of the own kommun, and neither sees persons.

mod building;
mod query;
pub mod routes;
mod rules;
mod store;

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::part::Part;
use crate::platform::workflow::AllowedTransition;
use crate::team::Organisation;
use crate::time::months::MonthState;
use crate::time::time_entries::KindMinutes;
use crate::time::time_reports::TimeReportState;

/// What it brings to the program.
pub const PART: Part = Part { routes: routes::routes, code_lists: &[MissingStep::LIST], ..Part::NONE };

crate::codes! {
    /// What a person's month still waits for.
    pub enum MissingStep as "monthMissingSteps" {
        /// The person takes part and has no report.
        Report = "report", "rapport", "report";
        /// No time yet: enter some, or declare the month empty.
        Time = "time", "tid eller tom rapport", "time or an empty report";
        /// Proposed entries: the person confirms or voids them.
        Confirmation = "confirmation", "bekräftelse av föreslagna rader", "confirmation of proposed entries";
        /// Entries that do not say what was done.
        Description = "description", "beskrivning", "description";
        /// The person's signature.
        Signature = "signature", "underskrift", "signature";
        /// Another person's attest.
        Attest = "attest", "attest", "attest";
        /// The submission of the month.
        Submission = "submission", "inlämning", "submission";
        /// The economist's approval.
        Approval = "approval", "godkännande", "approval";
    }
}

/// The overview of a programme's month.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = MonthOverview::example)]
pub struct MonthOverview {
    /// The programme.
    pub programme_id: Id,
    /// The calendar month.
    pub month: Month,
    /// State of the month.
    pub month_status: MonthState,
    /// The last moment for entering time in the month.
    pub grace_ends_at: Instant,
    /// Sums of all teams that are shown.
    pub totals: OverviewSums,
    /// Sums per team: each kommun, and the owner's own staff.
    pub teams: Vec<OverviewTeam>,
    /// Person by person, when it is about one team and the caller may see persons; else empty.
    pub participants: Vec<OverviewParticipant>,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// Sums of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverviewSums {
    /// How many people take part or have a report.
    pub participant_count: usize,
    /// How many of them still have something to do before the month can be submitted whole.
    pub missing_count: usize,
    /// How many reports can be submitted now.
    pub ready_count: usize,
    /// Recorded minutes.
    pub total_minutes: i64,
    /// Recorded minutes by kind.
    pub minutes_by_kind: KindMinutes,
    /// Entries that wait for their person's confirmation.
    pub proposed_entries: i64,
    /// How many reports stand in each state; states without any are left out.
    pub reports_by_status: BTreeMap<String, usize>,
}

/// One team's month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverviewTeam {
    /// A kommun's, or the owner's own.
    pub organisation: Organisation,
    /// The kommun, unless it is the owner's.
    pub kommunkod: Option<String>,
    /// Whether the month has been submitted at least once.
    pub is_submitted: bool,
    /// When it was last submitted.
    pub last_submitted_at: Option<Instant>,
    /// Whether the caller may submit it now.
    pub can_submit: bool,
    /// Its sums.
    pub sums: OverviewSums,
}

/// One person's month.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverviewParticipant {
    /// Who, as participant.
    pub participant_id: Id,
    /// Who, as person.
    pub person_id: Id,
    /// Name.
    pub name: String,
    /// What the person does.
    pub function: String,
    /// The newest version of the report.
    pub time_report_id: Option<Id>,
    /// Its version, for `items[].version` of a batch of status changes.
    pub time_report_version: Option<i32>,
    /// Its state.
    pub status: Option<TimeReportState>,
    /// What the caller may do next with it.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// Recorded minutes.
    pub total_minutes: i64,
    /// Recorded minutes by kind.
    pub minutes_by_kind: KindMinutes,
    /// Entries that wait for the person's confirmation.
    pub proposed_entries: i64,
    /// Entries that do not say what was done.
    pub entries_without_description: i64,
    /// What the month still waits for, in this order.
    pub missing: Vec<MissingStep>,
}
