//! Proves a recorded selection again: its input, its seed, its values and its whole answer, computed anew. It runs in the threads
//! of the computations, one at a time for each caller.

use std::time::{Duration, Instant};

use selection::Watch;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::computing::{self, ComputationRow};
use super::store::ProposalRow;
use super::{ProposalState, input};
use crate::platform::ids::sha256_hex;
use crate::platform::problem::Problem;
use crate::platform::text::{Language, Localized};
use crate::platform::tx::Rx;
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
}

/// How long a caller waits for an answer to be computed again.
const LONGEST: Duration = Duration::from_secs(300);

/// What is verified, loaded before the computation.
pub struct Recorded {
    proposal: ProposalRow,
    programme: ProgrammeRow,
    computation: ComputationRow,
    explanations: Option<ComputationRow>,
    reserve_count: usize,
    language: Language,
}

impl Recorded {
    /// Loads what is recorded of a computed proposal; 404 before.
    pub fn of(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<Self, Problem> {
        let id = proposal.computation_id.filter(|_| !proposal.selected().is_empty());
        let computation = computing::unscoped_by_id(rx.db, id.ok_or_else(Problem::not_found)?)?;
        let explanations =
            proposal.explanation_id.map(|id| computing::unscoped_by_id(rx.db, id)).transpose()?;
        Ok(Self {
            programme: programme::unscoped_by_id(rx.db, proposal.programme_id)?,
            reserve_count: usize::try_from(computation.reserve_count).map_err(Problem::internal)?,
            proposal: proposal.clone(),
            computation,
            explanations,
            language: rx.ctx.language(),
        })
    }

    /// Compares everything; the explanations only when asked, because that takes much longer.
    pub fn verify(&self, with_explanations: bool) -> SelectionVerification {
        let mut checks = vec![self.input_hash(), self.same_input(), self.seed()];
        match computing::problem_of(&self.computation.input) {
            Ok((_, problem)) => checks.extend(self.computed(&problem, with_explanations)),
            Err(_) => {
                let parts = [SelectionCheck::GoalValues, SelectionCheck::Answer, SelectionCheck::Reserves];
                checks.extend(parts.map(|check| self.part(check, Some(false), None)));
            }
        }
        // The seed of a trial is the only thing that there may be nothing to compare with.
        let is_fine = |part: &CheckedPart| part.holds.unwrap_or(part.check == SelectionCheck::SeedCommitment);
        SelectionVerification { is_verified: checks.iter().all(is_fine), checks }
    }

    fn part(&self, check: SelectionCheck, holds: Option<bool>, why: Option<Localized>) -> CheckedPart {
        let detail = why.unwrap_or_else(|| check.label());
        CheckedPart { check, holds, detail: detail.get(self.language).to_owned() }
    }

    fn input_hash(&self) -> CheckedPart {
        let hash = sha256_hex(&self.computation.input);
        let holds = hash == self.computation.input_hash && Some(hash) == self.proposal.input_hash;
        self.part(SelectionCheck::InputHash, Some(holds), None)
    }

    /// The input is in canonical form, and has the proposal's places, seed, goals, quotas and pins.
    fn same_input(&self) -> CheckedPart {
        let is_same = || {
            let (input, _) = computing::problem_of(&self.computation.input).ok()?;
            let is_canonical = input::canonical(&input).ok()? == self.computation.input;
            let told = input::document(&self.proposal, json!(input.applicants));
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
    fn computed(&self, problem: &selection::Problem, with_explanations: bool) -> Vec<CheckedPart> {
        let Some(recorded) = self.proposal.answer.as_ref().map(|answer| &answer.0) else { return Vec::new() };
        let values = selection::goal_values(problem, recorded.selected());
        let values_hold = values.is_some_and(|values| values == recorded.goal_values());
        let mut parts = vec![self.part(SelectionCheck::GoalValues, Some(values_hold), None)];
        let watch = Patience(Instant::now());
        let too_long = || {
            Localized::fixed("Det tog för lång tid att räkna om.", "It took too long to compute it again.")
        };
        let Ok(answer) = selection::solve(problem, &watch) else {
            parts.push(self.part(SelectionCheck::Answer, None, Some(too_long())));
            return parts;
        };
        let as_json = serde_json::to_string(&answer).ok();
        let hash = as_json.as_deref().map(sha256_hex);
        let is_recorded = as_json == self.computation.result && hash == self.computation.result_sha256;
        let holds = answer == *recorded && as_json.is_some() && is_recorded;
        parts.push(self.part(SelectionCheck::Answer, Some(holds), None));
        let reserves = selection::reserves(problem, &answer, self.reserve_count);
        let reserves: Vec<String> = reserves.into_iter().map(|reserve| reserve.kommunkod).collect();
        parts.push(self.part(SelectionCheck::Reserves, Some(reserves == self.proposal.reserves.0), None));
        parts.push(match with_explanations {
            true => self.explained(problem, &answer, &watch),
            false => self.same_explanations(),
        });
        parts
    }

    /// The recorded explanations are those whose hash was recorded, of the same input; they are there once somebody has decided.
    fn same_explanations(&self) -> CheckedPart {
        let same = |row: &ComputationRow| {
            row.input == self.computation.input && row.result.as_deref().map(sha256_hex) == row.result_sha256
        };
        let is_decided = matches!(self.proposal.status, ProposalState::Adopted | ProposalState::Announced);
        let found = self.explanations.as_ref();
        let is_there = found.is_some_and(|row| row.result.is_some());
        let holds = found.is_some_and(same) && (is_there || !is_decided);
        self.part(SelectionCheck::Explanations, Some(holds), None)
    }

    fn explained(
        &self,
        problem: &selection::Problem,
        answer: &selection::Answer,
        watch: &Patience,
    ) -> CheckedPart {
        let check = SelectionCheck::Explanations;
        let Some(recorded) = self.explanations.as_ref().and_then(|row| row.result.as_ref()) else {
            return self.same_explanations();
        };
        match selection::explain(problem, answer, 1, watch) {
            Ok(found) => {
                let is_same = serde_json::to_string(&found).ok().as_ref() == Some(recorded);
                self.part(check, Some(is_same && self.same_explanations().holds == Some(true)), None)
            }
            Err(_) => {
                let why = Localized::fixed("Det tog för lång tid.", "It took too long.");
                self.part(check, None, Some(why))
            }
        }
    }
}

/// Gives up when the caller has waited long enough.
struct Patience(Instant);

impl Watch for Patience {
    fn is_cancelled(&self) -> bool {
        self.0.elapsed() > LONGEST
    }

    fn progress(&self, _: u64, _: u64) {}
}
