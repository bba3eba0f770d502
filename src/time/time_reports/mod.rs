//! A time report: one person's time of one calendar month (guide §4). The clock adds it on the first of the month. The person
//! signs it, another person at the same employer attests it, the coordinator submits it with the kommun's month, and SKR's
//! economist approves it. Nobody attests or approves their own report. Whoever has attested a report cannot approve it.
//! Whoever has registered a signed sheet can neither attest nor approve the report.
//!
//! A participant reads their own reports, a coordinator those of the kommun, an attester those at the same employer from
//! `signed` onwards, SKR's manager and economist and ESF's auditor all of the programme.

mod commands;
mod content;
mod jobs;
mod participant_listener;
mod proof;
mod requests;
pub mod routes;
mod rules;
mod settings_listener;
mod store;
mod view;

#[cfg(test)]
mod rules_tests;

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::identity::signatures::Signature;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::{Instant, Month};
use crate::platform::part::Part;
use crate::platform::workflow::{AllowedTransition, LastComment};
use crate::programmes::ApprovedTime;
use crate::team::{Organisation, ParticipantListener};
use crate::time::time_entries::KindMinutes;

pub use commands::{
    check_begun, entry_moved, lock_month, locked_of_month, report_for, report_or_new, submit_all,
    unscoped_awaited, unscoped_waiting,
};
pub use content::sha256 as content_sha256;
pub use rules::{WORKFLOW, is_missing, is_ready};
pub use store::{
    ATTESTERS, TimeReportRow, unscoped_among, unscoped_newest_locked_among, unscoped_newest_of_month,
};
pub use view::Related;

/// What time reports bring to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[TimeReportState::LIST],
    jobs: &[
        // After the job of the months, for which it adds reports.
        Job { name: "timeReports", run: jobs::add_due },
    ],
    hooks: |hooks| {
        hooks.add::<dyn ParticipantListener>(Arc::new(participant_listener::Reports));
        hooks.add::<dyn ApprovedTime>(Arc::new(settings_listener::Reports));
    },
    ..Part::of::<TimeReportRow>()
};

crate::codes! {
    /// States of a time report (guide §4).
    pub enum TimeReportState as "timeReportStates" {
        /// Takes entries.
        Open = "open", "öppen", "open";
        /// The person has declared that there is nothing to report.
        Empty = "empty", "inget att rapportera", "nothing to report";
        /// Left without a signature by somebody who has left; never claimed.
        Unsigned = "unsigned", "ej undertecknad", "unsigned";
        /// Signed by the person.
        Signed = "signed", "undertecknad", "signed";
        /// Attested by another person at the employer.
        Attested = "attested", "attesterad", "attested";
        /// Submitted to SKR with the month.
        Reported = "reported", "inlämnad", "submitted";
        /// Sent back with a comment. Its signatures are void.
        Returned = "returned", "återsänd", "returned";
        /// Approved by SKR's economist.
        Approved = "approved", "godkänd", "approved";
        /// Approved, in a month that is locked.
        Locked = "locked", "låst", "locked";
        /// Part of a claim to ESF.
        Claimed = "claimed", "i ansökan om utbetalning", "claimed";
    }
}

impl TimeReportState {
    /// Whether the entries of a report in this state may be changed, provided that the month accepts time.
    pub fn is_editable(self) -> bool {
        matches!(self, Self::Open | Self::Returned)
    }

    /// Whether it has been approved.
    pub fn is_approved(self) -> bool {
        matches!(self, Self::Approved | Self::Locked | Self::Claimed)
    }
}

/// A time report.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = TimeReport::example)]
pub struct TimeReport {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// Whether the person works for a kommun or for the owner.
    pub organisation: Organisation,
    /// The kommun; null for the owner's staff.
    pub kommunkod: Option<String>,
    /// The kommun's name.
    pub kommun_name: Option<String>,
    /// The participant whose report it is.
    pub participant_id: Id,
    /// Their name.
    pub participant_name: Option<String>,
    /// The person whose report it is.
    pub person_id: Id,
    /// The calendar month of work.
    pub month: Month,
    /// 1, and one more for each correction.
    pub report_version: i32,
    /// State.
    pub status: TimeReportState,
    /// What the caller may do next.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// All recorded minutes.
    pub total_minutes: i64,
    /// Recorded minutes by kind.
    pub minutes_by_kind: KindMinutes,
    /// SHA-256 of the content that was signed; for an editable or unsigned report that is read by itself, of
    /// what would be signed now.
    pub content_sha256: Option<String>,
    /// What the person declares by signing.
    pub declaration_text: String,
    /// Version of the declaration, the `statementVersion` of a signature.
    pub declaration_version: String,
    /// Whether another person attests it before it is submitted.
    pub requires_attest: bool,
    /// All its signatures, void ones included.
    pub signatures: Vec<Signature>,
    /// When the person signed it.
    pub signed_at: Option<Instant>,
    /// When it was attested.
    pub attested_at: Option<Instant>,
    /// Who attested it.
    pub attested_by: Option<Id>,
    /// Their name.
    pub attested_by_name: Option<String>,
    /// The last moment for the person to change the entries of a returned report.
    pub editable_until: Option<Instant>,
    /// Why it was returned, or left unsigned.
    pub reason: Option<String>,
    /// The newest comment on a step: why it was returned, or what the attester says about time on a holiday.
    pub last_comment: Option<LastComment>,
    /// The submission that it belongs to.
    pub submission_id: Option<Id>,
    /// The version that it corrects.
    pub corrects_id: Option<Id>,
    /// The correction that replaces it.
    pub superseded_by_id: Option<Id>,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}
