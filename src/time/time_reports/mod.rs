//! A time report: one person's time of one calendar month (guide §4). The clock makes it on the first of the month; the
//! person signs it, another person at the same employer attests it, the coordinator submits it with the kommun's month,
//! and SKR's economist approves it. Nobody does two of these to one report, and nobody attests or approves their own.
//!
//! A participant reads their own, a coordinator their kommun's, an attester those of their organisation from `signed`
//! on, SKR's manager, economist and ESF's auditor all of the programme.

mod content;
mod jobs;
mod listener;
mod locking;
mod making;
mod requests;
pub mod routes;
mod rules;
mod signing;
mod steps;
mod store;
mod view;

#[cfg(test)]
mod rules_tests;

use serde::Serialize;
use utoipa::ToSchema;

use crate::identity::signatures::Signature;
use crate::platform::audit::Audited as _;
use crate::platform::auth::scope::AuthzKeys;
use crate::platform::hooks::Hooks;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::{Instant, Month};
use crate::platform::part::Part;
use crate::platform::workflow::{AllowedTransition, WorkflowTable};
use crate::team::ParticipantListener;
use crate::team::{self, Organisation};
use crate::time::time_entries::KindMinutes;
use std::sync::Arc;

pub use jobs::make_due;
pub use listener::ReportMaker;
pub use locking::{lock_month, locked_of_month};
pub use making::{for_entry, make_for_month};
pub use requests::TimeReportChangeData;
pub use rules::{WORKFLOW, is_missing, is_ready};
pub use steps::submit;
pub use store::{ATTESTERS, TimeReportRow, newest_of_month};
pub use view::Related;

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[TimeReportState::LIST],
    audited: &[TimeReportRow::AUDITED],
    workflow: Some(WorkflowTable::of::<TimeReportRow>),
    jobs: &[
        // After the months, which it makes reports for.
        Job { name: "timeReports", run: make_due },
    ],
    hooks,
};

crate::codes! {
    /// States of a time report (guide §4).
    pub enum TimeReportState as "timeReportStates" {
        /// Takes entries.
        Open = "open", "öppen", "open";
        /// The person has declared that there is nothing to report.
        Empty = "empty", "inget att rapportera", "nothing to report";
        /// Left unsigned by somebody who has left; never claimed.
        Unsigned = "unsigned", "ej undertecknad", "unsigned";
        /// Signed by the person.
        Signed = "signed", "undertecknad", "signed";
        /// Attested by another person at the employer.
        Attested = "attested", "attesterad", "attested";
        /// Submitted to SKR with the month.
        Reported = "reported", "inlämnad", "submitted";
        /// Sent back with a comment; its signatures are void.
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
    /// Whether its entries may be changed at all; the month has its say beside this.
    pub fn is_editable(self) -> bool {
        matches!(self, Self::Open | Self::Returned)
    }

    /// Whether it has been approved, whatever came after.
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
    /// The programme it lies in.
    pub programme_id: Id,
    /// Whether the person works for a kommun or for the owner.
    pub organisation: Organisation,
    /// The kommun, unless it is the owner's.
    pub kommunkod: Option<String>,
    /// Whose report it is, as participant.
    pub participant_id: Id,
    /// Whose report it is, as person.
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
    /// SHA-256 of the content that was signed; of an editable report read alone, of what would be signed now.
    pub content_sha256: Option<String>,
    /// What the person declares by signing.
    pub declaration_text: String,
    /// Version of the declaration, the `statementVersion` of a signature.
    pub declaration_version: String,
    /// Whether another person attests it before it is submitted.
    pub requires_attest: bool,
    /// Everything signed on it, void signatures included.
    pub signatures: Vec<Signature>,
    /// When the person signed it.
    pub signed_at: Option<Instant>,
    /// When it was attested.
    pub attested_at: Option<Instant>,
    /// Who attested it.
    pub attested_by: Option<Id>,
    /// The last moment for the person to change the entries of a returned report.
    pub editable_until: Option<Instant>,
    /// Why it was returned, or left unsigned.
    pub reason: Option<String>,
    /// The submission that it belongs to.
    pub submission_id: Option<Id>,
    /// The version that it corrects.
    pub corrects_id: Option<Id>,
    /// The correction that took its place.
    pub superseded_by_id: Option<Id>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// What a report says of itself to permits.
pub fn keys(row: &TimeReportRow) -> AuthzKeys {
    team::keys(row.programme_id, row.organisation, row.kommunkod.as_deref(), row.person_id)
}

/// What it does when something below it changes.
fn hooks(hooks: &mut Hooks) {
    hooks.add::<dyn ParticipantListener>(Arc::new(ReportMaker));
}
