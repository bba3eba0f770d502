//! Selection proposals (urval): which kommuner get a programme's places when more have qualified than there are places (guide
//! §3 "Selection"; the problem is defined in design/selection.md, the crate `samverkan-selection` solves it).
//!
//! A programme manager makes a proposal and has it computed; another one adopts it with a decision, and announcing it moves
//! every application of the pool in one transaction. Until then no kommun sees anything of it. What-if runs (other seeds, other
//! places) are marked and can never be adopted. Every computation is kept with its exact input, so that anyone can repeat it.

mod announced;
mod announcement;
mod commands;
mod comparison;
mod computing;
mod differences;
mod drawings;
mod explanations;
mod facts;
mod given;
mod in_words;
mod input;
mod pages;
mod reading;
mod record;
mod relations;
mod replacements;
mod requests;
pub mod routes;
mod rules;
mod since;
mod store;
mod telling;
mod trail;
mod verification;
mod verifying;
mod view;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::calls::applications::Selections;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::platform::relations::RelationSource;
use crate::platform::workflow::AllowedTransition;
use crate::programmes::programme::{Decision, SelectionGoal, SelectionPin, SelectionQuota};

pub use computing::ComputationRow;
pub use differences::SelectionSide;
pub use since::SinceAnnouncement;
pub use store::{ProposalRow, unscoped_waiting_for_manager};
pub use view::offered;

/// What selection proposals bring to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    pages: pages::PAGES,
    code_lists: &[
        ProposalState::LIST,
        ComputationState::LIST,
        ComputationPurpose::LIST,
        verification::SelectionCheck::LIST,
        explanations::WorseKind::LIST,
        drawings::DrawnAs::LIST,
    ],
    verified: &[
        <ProposalRow as crate::platform::audit::verification::verified::Verified>::VERIFIED,
        <ComputationRow as crate::platform::audit::verification::verified::Verified>::VERIFIED,
    ],
    jobs: &[Job { name: "selection", run: computing::continue_computations }],
    hooks: |hooks| {
        hooks.add::<dyn Selections>(Arc::new(announcement::Announced));
        hooks.add::<dyn RelationSource>(Arc::new(relations::OfProposals));
    },
    ..Part::of::<ProposalRow>()
};

crate::codes! {
    /// States of a selection proposal (guide §3).
    pub enum ProposalState as "selectionProposalStates" {
        /// Being prepared or computed.
        Draft = "draft", "utkast", "draft";
        /// The best choice is known.
        Computed = "computed", "beräknat", "computed";
        /// Put forward for a decision.
        Proposed = "proposed", "föreslaget", "proposed";
        /// Decided on, but not told.
        Adopted = "adopted", "antaget", "adopted";
        /// Told to all: the applications have moved.
        Announced = "announced", "meddelat", "announced";
        /// Withdrawn by a manager, with a reason.
        Withdrawn = "withdrawn", "återkallat", "withdrawn";
    }
}

crate::codes! {
    /// How a computation is going, or ended.
    pub enum ComputationState as "selectionComputationStates" {
        /// Waits for its turn, or is being computed.
        Running = "running", "pågår", "running";
        /// Has its result.
        Done = "done", "klar", "done";
        /// Ended without a choice: none keeps all quotas and pins. The proposal's `infeasible` says why.
        Infeasible = "infeasible", "inget urval är möjligt", "no selection is possible";
        /// The search ended before it had found any choice, or that there is none.
        BudgetSpent = "budgetSpent", "sökningen nådde sin gräns innan något urval hittades", "the search reached its limit before any choice was found";
        /// Cancelled by a manager.
        Cancelled = "cancelled", "avbruten", "cancelled";
        /// The process that computed it ended.
        Interrupted = "interrupted", "avbröts när servern stannade", "interrupted when the server stopped";
        /// The pool changed while it was computed.
        PoolChanged = "poolChanged", "de kvalificerade har ändrats", "the pool has changed";
        /// It took longer than a server waits.
        TooLong = "tooLong", "tog för lång tid", "took too long";
        /// The program failed; the log tells why.
        Failed = "failed", "misslyckades", "failed";
    }
}

crate::codes! {
    /// What is computed.
    pub enum ComputationPurpose as "selectionComputationPurposes" {
        /// The choice itself.
        Answer = "answer", "urvalet", "the choice";
        /// What would get worse otherwise, for each kommun, quota and pin.
        Explanations = "explanations", "förklaringarna", "the explanations";
    }
}

/// A computation: how far it is, or how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "0175a2e1-7c00-7000-8000-000000000001", "purpose": "answer", "state": "running", "done": 2, "total": 7,
    "hasRealSeed": true, "inputHash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "startedAt": "2020-11-16T08:00:00Z", "startedBy": null, "endedAt": null, "reason": null
}))]
pub struct Computation {
    /// Identity.
    pub id: Id,
    /// What is computed.
    pub purpose: ComputationPurpose,
    /// How it is going.
    pub state: ComputationState,
    /// How much of it is done: steps of the search, or kommuner, quotas and pins that are explained.
    pub done: i32,
    /// Of how much; 0 while that is unknown.
    pub total: i32,
    /// Whether it used the programme's own seed. Such computations count in the decision's record.
    pub has_real_seed: bool,
    /// SHA-256 of its input in canonical form (RFC 8785).
    pub input_hash: String,
    /// When it began.
    pub started_at: Instant,
    /// Who began it.
    pub started_by: Option<Id>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// Why it ended without a result.
    pub reason: Option<String>,
}

/// Why there is no choice: with quotas that contradict each other, the smallest easing with which there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"because": "quotas",
    "text": "Inget urval kan uppfylla alla krav, men det räcker att ge efter med sammanlagt 1 kommun, till exempel så: kravet på minst 3 kommuner i kommungruppen ”Storstäder” sänks till 2.", "total": 1, "quotas": [{"dimension": "skrGroup", "category": "A1", "bound": "min", "by": 1}]}))]
pub struct Infeasible {
    /// What makes it impossible: `quotas`, `pins` or `places`.
    pub because: String,
    /// The same in words.
    pub text: String,
    /// The sum of the steps by which quotas must give way, at least; null when quotas alone cannot help.
    pub total: Option<i64>,
    /// One way of reaching it.
    pub quotas: Vec<EasedQuota>,
}

/// A quota that gives way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EasedQuota {
    /// The dimension.
    pub dimension: String,
    /// The category.
    pub category: String,
    /// Which of its limits: `min` or `max`.
    pub bound: String,
    /// By how much.
    pub by: i64,
}

/// What the decision's record says of the computations that were made with the real seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"computations": 2, "inputHash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "others": []}))]
pub struct DecisionRecord {
    /// How many computations were made with the real seed in the programme, this one and those without a result included.
    pub computations: usize,
    /// The input of the adopted one.
    pub input_hash: String,
    /// The others, oldest first, with what in their input was another than in the adopted one.
    pub others: Vec<OtherComputation>,
}

/// Another computation with the real seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OtherComputation {
    /// Its id.
    pub id: Id,
    /// The proposal that it was made for.
    pub proposal_id: Id,
    /// When it began.
    pub started_at: Instant,
    /// How it ended.
    pub state: ComputationState,
    /// SHA-256 of its input.
    pub input_hash: String,
    /// The members of its input that differ: `places`, `goals`, `quotas`, `pins`, `applicants`, `nodeBudget`. Empty when it was
    /// the same once more.
    pub differs: Vec<String>,
    /// What only its input has.
    #[serde(default)]
    pub from: SelectionSide,
    /// What only the input of the adopted one has.
    #[serde(default)]
    pub to: SelectionSide,
    /// The kommuner that both chose from and of which they knew other facts, by code.
    #[serde(default)]
    pub other_facts: Vec<String>,
}

/// A place that was given after the announcement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GivenPlace {
    /// The kommun that got it.
    pub kommunkod: String,
    /// The best replacement as it was computed then; null when none was left.
    pub proposed: Option<String>,
    /// Whether another kommun than the best replacement got the place.
    pub is_deviation: bool,
    /// Why another one: what the manager gave as `publicReason`. The kommuner of the call read it; null for the best replacement.
    pub reason: Option<String>,
    /// Why it went to this kommun, in a sentence.
    pub text: String,
    /// The value of each goal with it and all others that had a place then, in the goals' order; empty if that is not known.
    pub goal_values: Vec<i64>,
    /// When.
    pub at: Instant,
}

/// A selection proposal.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = SelectionProposal::example)]
pub struct SelectionProposal {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// What it is called, to tell proposals apart.
    pub title: String,
    /// State.
    pub status: ProposalState,
    /// What the caller may do next. To `draft` cancels a running computation, or opens a computed proposal for changes.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// Whether it is a what-if run, which can never be adopted.
    pub is_what_if: bool,
    /// How many kommuner are chosen.
    pub places: i32,
    /// The lottery seed: 32 hex digits. The programme's own, but for what-if runs.
    pub seed: String,
    /// The goals in their order.
    pub goals: Vec<SelectionGoal>,
    /// Limits on single categories.
    pub quotas: Vec<SelectionQuota>,
    /// Kommuner that are in or out whatever the goals say.
    pub pins: Vec<SelectionPin>,
    /// How many nodes the search may visit, if not the usual number.
    pub node_budget: Option<i64>,
    /// Which of `goals`, `quotas` and `pins` are others than those that the open call named.
    pub differs: Vec<String>,
    /// Why they differ.
    pub deviation_reason: Option<String>,
    /// The newest computation of the choice; null before the first.
    pub computation: Option<Computation>,
    /// The computation of the explanations, which follows the choice.
    pub explanation: Option<Computation>,
    /// SHA-256 of the recorded input in canonical form (RFC 8785); null until it is computed.
    pub input_hash: Option<String>,
    /// The value of each goal, in their order: numbers of categories, deviations, metres, sums of lottery numbers.
    pub goal_values: Vec<i64>,
    /// The kommuner chosen, by code. After the announcement `sinceAnnouncement` says who has left since, and who came.
    pub selected: Vec<String>,
    /// The reserves, in the order in which they would get a place if there were more places. Who replaces a kommun that leaves
    /// is computed anew (`…/replacements`), and need not be the first of them.
    pub reserves: Vec<String>,
    /// Whether it is proved that no choice is better; null until it is computed.
    pub proven_optimal: Option<bool>,
    /// The index of the first goal that is not proved, if any.
    pub open_goal: Option<i32>,
    /// Why there is no choice, when the newest computation found none.
    pub infeasible: Option<Infeasible>,
    /// The decision to adopt it.
    pub decision: Option<Decision>,
    /// Why it was adopted although it is not proved to be the best.
    pub unproven_reason: Option<String>,
    /// What the decision's record says of all computations with the real seed.
    pub decision_record: Option<DecisionRecord>,
    /// The places given after the announcement, oldest first.
    pub given_places: Vec<GivenPlace>,
    /// What has changed since the announcement; null before it, and while all chosen kommuner have their places.
    pub since_announcement: Option<SinceAnnouncement>,
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
