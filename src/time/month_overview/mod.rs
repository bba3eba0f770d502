//! The overview of a month: who has what, what is missing, and what the caller may do about it (guide §4: "a normal month for a
//! coordinator is three calls"). Nothing is stored here: it is made from reports, entries, months and submissions.
//!
//! A coordinator sees each person of the own kommun. SKR's manager and economist and ESF's auditor see sums per kommun, and the
//! persons of the kommun that they request. A process supporter sees the sums of the assigned kommuner, a kommun's reader those
//! of the own kommun; neither sees persons, and the reader no sum of fewer than three people's time.

mod beside;
mod query;
pub mod routes;
mod rules;
mod store;
mod view;

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::moment::{Instant, Month};
use crate::platform::names::Actor;
use crate::platform::part::Part;
use crate::platform::workflow::{AllowedTransition, LastComment};
use crate::team::Organisation;
use crate::time::month_exceptions::MonthException;
use crate::time::months::MonthState;
use crate::time::time_entries::KindMinutes;
use crate::time::time_reports::TimeReportState;

/// What the overview brings to the program.
pub const PART: Part =
    Part { routes: routes::routes, code_lists: &[MissingStep::LIST, SubmissionOutcome::LIST], ..Part::NONE };

crate::codes! {
    /// What has become of a month's submission, by the reports that it contains.
    pub enum SubmissionOutcome as "monthSubmissionOutcomes" {
        /// Reports wait for the economist.
        Submitted = "submitted", "inlämnad", "submitted";
        /// A report was returned.
        Returned = "returned", "återsänd i delar", "returned in part";
        /// Every report is approved.
        Approved = "approved", "godkänd", "approved";
    }
}

crate::codes! {
    /// The steps that a person's month still needs.
    pub enum MissingStep as "monthMissingSteps" {
        /// The person takes part and has no report.
        Report = "report", "rapport", "report";
        /// No time yet: enter some, or declare the month empty.
        Time = "time", "tid eller tom rapport", "time or an empty report";
        /// Proposed entries: the person confirms or voids them.
        Confirmation = "confirmation", "bekräftelse av föreslagna rader", "confirmation of proposed entries";
        /// Entries without a description.
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
    /// What the caller may do next with the month itself.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// The last moment for entering time in the month.
    pub grace_ends_at: Instant,
    /// The sums of all teams that are shown.
    pub totals: OverviewSums,
    /// The sums per team: each kommun, and the owner's staff.
    pub teams: Vec<OverviewTeam>,
    /// The persons, if the overview is about one team and the caller may see persons; else empty.
    pub participants: Vec<OverviewParticipant>,
    /// Those whose reports the lock of a closed month waits for: `data.missing` of that step lists them with a reason. Empty for
    /// readers who see no persons.
    pub awaited: Vec<OverviewAwaited>,
    /// The exceptions that were made for the month, also those that have ended, where the caller reads them.
    pub exceptions: Vec<MonthException>,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// Somebody whose report the lock of the month waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverviewAwaited {
    /// The participant.
    pub participant_id: Id,
    /// Their name.
    pub participant_name: Option<String>,
    /// The kommun; null for the owner's staff.
    pub kommunkod: Option<String>,
    /// State of the report; null if there is none.
    pub status: Option<TimeReportState>,
}

/// Sums of a month. A kommun's reader, who sees no names, gets no figure about fewer than three people, and neither kinds nor
/// proposed entries: these are null.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverviewSums {
    /// The number of people who take part or have a report.
    pub participant_count: usize,
    /// The number of people with steps left before the whole month can be submitted.
    pub missing_count: Option<usize>,
    /// The number of reports that can be submitted now.
    pub ready_count: Option<usize>,
    /// Recorded minutes.
    pub total_minutes: Option<i64>,
    /// Recorded minutes by kind.
    pub minutes_by_kind: Option<KindMinutes>,
    /// Entries that wait for their person's confirmation.
    pub proposed_entries: Option<i64>,
    /// The number of reports in each state; states without reports are left out.
    pub reports_by_status: Option<BTreeMap<String, usize>>,
    /// Present, and true, if figures are left out because they are about fewer than three people.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(required = false)]
    pub is_incomplete: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// One team's month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverviewTeam {
    /// Whether a kommun's or the owner's.
    pub organisation: Organisation,
    /// The kommun; null for the owner's staff.
    pub kommunkod: Option<String>,
    /// The kommun's name.
    pub kommun_name: Option<String>,
    /// Those who may attest the team's reports today, where the caller sees persons; else empty.
    pub attesters: Vec<Actor>,
    /// Its last submission; null for readers who see no names.
    pub last_submission: Option<OverviewSubmission>,
    /// Whether the month has been submitted at least once.
    pub is_submitted: bool,
    /// When it was last submitted.
    pub last_submitted_at: Option<Instant>,
    /// Whether the caller may submit it now.
    pub can_submit: bool,
    /// Its sums.
    pub sums: OverviewSums,
}

/// The last submission of a team's month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverviewSubmission {
    /// Its id.
    pub id: Id,
    /// What has become of it.
    pub status: SubmissionOutcome,
    /// When it was submitted.
    pub submitted_at: Instant,
    /// Who submitted it.
    pub submitted_by: Actor,
}

/// One person's month.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverviewParticipant {
    /// The participant.
    pub participant_id: Id,
    /// The person.
    pub person_id: Id,
    /// Name.
    pub name: String,
    /// What the person does.
    pub function: String,
    /// The newest version of the person's report.
    pub time_report_id: Option<Id>,
    /// Its version, for `items[].version` of a batch of status changes.
    pub time_report_version: Option<i32>,
    /// Its state.
    pub status: Option<TimeReportState>,
    /// What the caller may do next with it.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// SHA-256 of the signed content, to attest or approve it by; null while it is not signed.
    pub content_sha256: Option<String>,
    /// Who attested it.
    pub attested_by: Option<Actor>,
    /// Why it was last returned.
    pub last_return: Option<LastComment>,
    /// The submission that it belongs to.
    pub submission_id: Option<Id>,
    /// Recorded minutes.
    pub total_minutes: i64,
    /// Recorded minutes by kind.
    pub minutes_by_kind: KindMinutes,
    /// Entries that wait for the person's confirmation.
    pub proposed_entries: i64,
    /// Entries without a description.
    pub entries_without_description: i64,
    /// The steps that the month still needs, in this order.
    pub missing: Vec<MissingStep>,
}
