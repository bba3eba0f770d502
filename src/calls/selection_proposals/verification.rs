//! Proves a recorded selection again: its input, its seed, its values and its whole answer, computed anew, the record of its
//! decision, and that nothing of it is another than the audit trail says. It runs in the threads of the computations, one at a
//! time for each caller.

use std::time::{Duration, Instant};

use selection::Watch;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::computing::{self, ComputationRow};
use super::store::ProposalRow;
use super::{DecisionRecord, ProposalState, input, record, trail};
use crate::platform::audit::verification::RowFault;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::problem::Problem;
use crate::platform::stored::Stored as _;
use crate::platform::text::{Language, Localized};
use crate::platform::tx::Rx;
use crate::platform::workers::Waiting;
use crate::programmes::programme::{self, ProgrammeRow};

crate::codes! {
    /// What is compared.
    pub enum SelectionCheck as "selectionChecks" {
        /// The hash is that of the recorded input.
        InputHash = "inputHash", "underlagets hash är den antecknade", "the hash is that of the recorded input";
        /// The recorded input says what the proposal says.
        Input = "input", "underlaget säger detsamma som förslaget", "the recorded input says what the proposal says";
        /// The seed is the one whose hash the open call showed.
        SeedCommitment = "seedCommitment", "lottfröet är det vars hash utlysningen visade", "the seed is the one whose hash the open call showed";
        /// The goal values follow from the chosen kommuner.
        GoalValues = "goalValues", "målens värden följer av de utvalda", "the goal values follow from the chosen kommuner";
        /// The engine answers the same.
        Answer = "answer", "beräkningen ger samma urval", "the computation gives the same choice";
        /// The engine gives the same reserves.
        Reserves = "reserves", "beräkningen ger samma reserver", "the computation gives the same reserves";
        /// The engine gives the same explanations.
        Explanations = "explanations", "beräkningen ger samma förklaringar", "the computation gives the same explanations";
        /// The record of the decision follows from the computations that are kept.
        DecisionRecord = "decisionRecord", "beslutets protokoll följer av de beräkningar som finns kvar", "the record of the decision follows from the computations that are kept";
        /// Proposal, programme and computations are what the audit trail says.
        AuditTrail = "auditTrail", "förslaget, programmet och beräkningarna är vad granskningsspåret säger", "the proposal, the programme and the computations are what the audit trail says";
    }
}

/// What a verification found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = SelectionVerification::example)]
pub struct SelectionVerification {
    /// Whether everything that was compared is the same.
    pub is_verified: bool,
    /// What was compared.
    pub checks: Vec<CheckedPart>,
}

/// One part of a verification.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckedPart {
    /// What was compared.
    pub check: SelectionCheck,
    /// Whether it is the same; null when it was not compared.
    pub holds: Option<bool>,
    /// What was compared with what, or why it was not.
    pub detail: String,
}

impl SelectionVerification {
    pub(super) fn example() -> Value {
        let detail = |check: SelectionCheck| check.label().get(Language::En).to_owned();
        let part = |check| CheckedPart { check, holds: Some(true), detail: detail(check) };
        json!(Self {
            is_verified: true,
            checks: vec![part(SelectionCheck::InputHash), part(SelectionCheck::SeedCommitment)],
        })
    }

    /// Of a proposal whose record has values that the program would not write.
    pub fn unreadable(language: Language) -> Self {
        let why = Localized::fixed(
            "Det som är antecknat om förslaget går inte att läsa: någon annan än programmet har ändrat det.",
            "What is recorded of the proposal cannot be read: something else than the program has changed it.",
        );
        let detail = why.get(language).to_owned();
        let check = SelectionCheck::AuditTrail;
        Self { is_verified: false, checks: vec![CheckedPart { check, holds: Some(false), detail }] }
    }
}

/// How long a caller waits for an answer to be computed again.
const LONGEST: Duration = Duration::from_secs(300);

/// What is verified, loaded before the computation.
pub struct Recorded {
    proposal: ProposalRow,
    programme: ProgrammeRow,
    /// None when the proposal names none that is stored.
    computation: Option<ComputationRow>,
    explanations: Option<ComputationRow>,
    /// The record of the decision, from the computations that are kept; none when they do not give one.
    record: Option<DecisionRecord>,
    /// What is not as the audit trail says.
    trail: Vec<RowFault>,
    language: Language,
}

impl Recorded {
    /// Loads what is recorded of a computed proposal; 404 before. Run it in one snapshot: a step meanwhile is no fault.
    pub fn of(rx: &mut Rx<'_>, proposal: ProposalRow) -> Result<Self, Problem> {
        if proposal.status == ProposalState::Draft && proposal.selected().is_empty() {
            return Err(Problem::not_found());
        }
        let mut stored = |id: Option<Id>| match id {
            Some(id) => Ok::<_, Problem>(ComputationRow::these(rx, &[id])?.pop()),
            None => Ok(None),
        };
        let (computation, explanations) =
            (stored(proposal.computation_id)?, stored(proposal.explanation_id)?);
        let programme = programme::unscoped_by_id(rx.db, proposal.programme_id)?;
        Ok(Self {
            record: record::again(rx, &proposal)?,
            trail: trail::faults(rx, &proposal, &programme)?,
            programme,
            computation,
            explanations,
            proposal,
            language: rx.ctx.language(),
        })
    }

    /// Compares everything; the explanations only when asked, because that takes much longer. Stops when nobody waits any more.
    pub fn verify(&self, with_explanations: bool, waiting: &Waiting) -> SelectionVerification {
        let mut checks = match &self.computation {
            Some(computation) => self.computation(computation, with_explanations, waiting),
            None => {
                let parts = [SelectionCheck::Input, SelectionCheck::Answer];
                parts.map(|check| self.part(check, Some(false), None)).to_vec()
            }
        };
        checks.extend([self.seed(), self.decision_record(), self.audit_trail()]);
        // What there may be nothing to compare with: the seed of a trial, the record before the decision, and explanations that
        // are not there yet.
        let may_be_open = |check| match check {
            SelectionCheck::SeedCommitment | SelectionCheck::DecisionRecord => true,
            SelectionCheck::Explanations => self.recorded_explanations().is_none(),
            _ => false,
        };
        let is_fine = |part: &CheckedPart| part.holds.unwrap_or(may_be_open(part.check));
        SelectionVerification { is_verified: checks.iter().all(is_fine), checks }
    }

    fn computation(
        &self,
        computation: &ComputationRow,
        with_explanations: bool,
        waiting: &Waiting,
    ) -> Vec<CheckedPart> {
        let mut checks = vec![self.input_hash(computation), self.same_input(computation)];
        match computing::problem_of(&computation.input) {
            Ok((_, problem)) => {
                checks.extend(self.computed(computation, &problem, with_explanations, waiting));
            }
            Err(_) => {
                let parts = [SelectionCheck::GoalValues, SelectionCheck::Answer, SelectionCheck::Reserves];
                checks.extend(parts.map(|check| self.part(check, Some(false), None)));
            }
        }
        checks
    }

    /// The record that the decision was given is the one that the kept computations give. A proposal that nobody has adopted
    /// has none.
    fn decision_record(&self) -> CheckedPart {
        let check = SelectionCheck::DecisionRecord;
        let recorded = self.proposal.record.as_ref().map(|record| &record.0);
        let is_decided = matches!(self.proposal.status, ProposalState::Adopted | ProposalState::Announced);
        if recorded.is_none() && !is_decided && self.record.is_none() {
            let why = Localized::fixed("Inget är beslutat.", "Nothing is decided.");
            return self.part(check, None, Some(why));
        }
        self.part(check, Some(recorded.is_some() && recorded == self.record.as_ref()), None)
    }

    fn audit_trail(&self) -> CheckedPart {
        let check = SelectionCheck::AuditTrail;
        if self.trail.is_empty() {
            return self.part(check, Some(true), None);
        }
        let differing = trail::told(&self.trail);
        let why = Localized::new(
            format!("Inte vad granskningsspåret säger: {differing}"),
            format!("Not what the audit trail says: {differing}"),
        );
        self.part(check, Some(false), Some(why))
    }

    fn part(&self, check: SelectionCheck, holds: Option<bool>, why: Option<Localized>) -> CheckedPart {
        let detail = why.unwrap_or_else(|| check.label());
        CheckedPart { check, holds, detail: detail.get(self.language).to_owned() }
    }

    fn input_hash(&self, computation: &ComputationRow) -> CheckedPart {
        let hash = sha256_hex(&computation.input);
        let holds = hash == computation.input_hash && Some(hash) == self.proposal.input_hash;
        self.part(SelectionCheck::InputHash, Some(holds), None)
    }

    /// The input is in canonical form, and has the proposal's places, seed, goals, quotas and pins.
    fn same_input(&self, computation: &ComputationRow) -> CheckedPart {
        let is_same = || {
            let (input, _) = computing::problem_of(&computation.input).ok()?;
            let is_canonical = input::canonical(&input).ok()? == computation.input;
            let told = input::document(&self.proposal, &self.proposal.plan().into(), json!(input.applicants));
            let told = selection::Input::from_json(told.to_string().as_bytes()).ok()?;
            Some(is_canonical && told == input)
        };
        self.part(SelectionCheck::Input, Some(is_same().unwrap_or(false)), None)
    }

    fn seed(&self) -> CheckedPart {
        let own = self.programme.seed.as_ref() == Some(&self.proposal.seed);
        if self.proposal.is_what_if && !own {
            let why = Localized::fixed(
                "En provberäkning med ett eget lottfrö: inget att jämföra med.",
                "A what-if run with a seed of its own: nothing to compare it with.",
            );
            return self.part(SelectionCheck::SeedCommitment, None, Some(why));
        }
        let hash = sha256_hex(&self.proposal.seed);
        let holds = own && self.programme.seed_sha256 == Some(hash);
        self.part(SelectionCheck::SeedCommitment, Some(holds), None)
    }

    /// What the engine says now against what was recorded.
    fn computed(
        &self,
        computation: &ComputationRow,
        problem: &selection::Problem,
        with_explanations: bool,
        waiting: &Waiting,
    ) -> Vec<CheckedPart> {
        let Some(recorded) = self.proposal.answer.as_ref().map(|answer| &answer.0) else {
            return vec![self.part(SelectionCheck::Answer, Some(false), None)];
        };
        let values = selection::goal_values(problem, recorded.selected());
        let values_hold = values.is_some_and(|values| values == recorded.goal_values());
        let mut parts = vec![self.part(SelectionCheck::GoalValues, Some(values_hold), None)];
        let watch = Patience { since: Instant::now(), waiting };
        let too_long = || {
            Localized::fixed("Det tog för lång tid att räkna om.", "It took too long to compute it again.")
        };
        let Ok(answer) = selection::solve(problem, &watch) else {
            parts.push(self.part(SelectionCheck::Answer, None, Some(too_long())));
            return parts;
        };
        let as_json = serde_json::to_string(&answer).ok();
        let hash = as_json.as_deref().map(sha256_hex);
        let is_recorded = as_json == computation.result && hash == computation.result_sha256;
        let holds = answer == *recorded && as_json.is_some() && is_recorded;
        parts.push(self.part(SelectionCheck::Answer, Some(holds), None));
        let count = usize::try_from(computation.reserve_count).unwrap_or_default();
        let reserves = selection::reserves(problem, &answer, count);
        let reserves: Vec<String> = reserves.into_iter().map(|reserve| reserve.kommunkod).collect();
        parts.push(self.part(SelectionCheck::Reserves, Some(reserves == self.proposal.reserves.0), None));
        parts.push(match with_explanations {
            true => self.explained(computation, problem, &answer, &watch),
            false => self.same_explanations(computation),
        });
        parts
    }

    fn recorded_explanations(&self) -> Option<&String> {
        self.explanations.as_ref().and_then(|row| row.result.as_ref())
    }

    /// The recorded explanations are those whose hash was recorded, of the same input; they are there once somebody has decided.
    fn same_explanations(&self, computation: &ComputationRow) -> CheckedPart {
        let same = |row: &ComputationRow| {
            row.input == computation.input && row.result.as_deref().map(sha256_hex) == row.result_sha256
        };
        let is_decided = matches!(self.proposal.status, ProposalState::Adopted | ProposalState::Announced);
        let is_same = self.explanations.as_ref().is_some_and(same);
        let (holds, why) = match self.recorded_explanations() {
            None if is_same && !is_decided => (
                None,
                Localized::fixed("Inga förklaringar är antecknade än.", "No explanations are recorded yet."),
            ),
            _ => (
                Some(is_same && self.recorded_explanations().is_some()),
                Localized::fixed(
                    "De antecknade förklaringarna har sin antecknade hash och samma underlag. De räknades inte om: explanations=true.",
                    "The recorded explanations have their recorded hash and the same input. They were not computed again: explanations=true.",
                ),
            ),
        };
        self.part(SelectionCheck::Explanations, holds, Some(why))
    }

    fn explained(
        &self,
        computation: &ComputationRow,
        problem: &selection::Problem,
        answer: &selection::Answer,
        watch: &Patience<'_>,
    ) -> CheckedPart {
        let (check, recorded) = (SelectionCheck::Explanations, self.same_explanations(computation));
        let Some(result) = self.recorded_explanations() else { return recorded };
        match selection::explain(problem, answer, 1, watch) {
            Ok(found) => {
                let is_same = serde_json::to_string(&found).ok().as_ref() == Some(result);
                self.part(check, Some(is_same && recorded.holds == Some(true)), None)
            }
            Err(_) => {
                let why = Localized::fixed("Det tog för lång tid.", "It took too long.");
                self.part(check, None, Some(why))
            }
        }
    }
}

/// Gives up when the computation takes too long, or when the caller has gone.
struct Patience<'a> {
    since: Instant,
    waiting: &'a Waiting,
}

impl Watch for Patience<'_> {
    fn is_cancelled(&self) -> bool {
        self.since.elapsed() > LONGEST || self.waiting.is_over()
    }

    fn progress(&self, _: u64, _: u64) {}
}
