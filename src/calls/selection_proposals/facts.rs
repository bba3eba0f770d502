//! What the steps of a proposal depend on besides its row: asked before a step, and for what is offered.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::computing::{self, ComputationSummary, ProgressRow};
use super::rules::{Facts, Pool};
use super::store::{ProposalRow, unscoped_in_state};
use super::{ComputationPurpose, ComputationState, ProposalState, input};
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::programmes::programme::{self, Programmes};

/// What belongs to some proposals, loaded together.
#[derive(Default)]
pub struct Known {
    /// Their programmes.
    pub programmes: Option<Programmes>,
    /// Their newest computations, by id.
    pub computations: HashMap<Id, ComputationSummary>,
    /// How far those are.
    pub progress: HashMap<Id, ProgressRow>,
    /// What their steps depend on, by proposal.
    facts: HashMap<Id, Facts>,
}

impl Known {
    /// Loads it for these proposals.
    pub fn of(rx: &mut Rx<'_>, rows: &[ProposalRow]) -> Result<Self, Problem> {
        let ids: BTreeSet<Id> = rows.iter().map(|row| row.programme_id).collect();
        let programmes = programme::unscoped_by_ids(rx.db, &ids)?;
        let newest: Vec<Id> =
            rows.iter().flat_map(|row| row.computation_id.into_iter().chain(row.explanation_id)).collect();
        let computations: HashMap<Id, ComputationSummary> =
            computing::unscoped_summaries(rx, newest.clone())?
                .into_iter()
                .map(|computation| (computation.id, computation))
                .collect();
        let progress = computing::unscoped_progress(rx, newest)?;
        let mut known = Self { programmes: Some(programmes), computations, progress, facts: HashMap::new() };
        known.load_facts(rx, rows)?;
        Ok(known)
    }

    fn load_facts(&mut self, rx: &mut Rx<'_>, rows: &[ProposalRow]) -> Result<(), Problem> {
        // The pool matters only for what can still be computed, proposed, adopted or announced.
        let ended = [ProposalState::Announced, ProposalState::Withdrawn];
        let moves = |row: &ProposalRow| !ended.contains(&row.status);
        let chose = |row: &&ProposalRow| moves(row) && row.status != ProposalState::Draft && !row.is_what_if;
        let asked = rows.iter().filter(chose).filter_map(|row| row.computation_id).collect();
        let inputs = computing::unscoped_inputs(rx, asked)?;
        let proposed = rows.iter().filter(|row| row.status == ProposalState::Proposed);
        let proposed: BTreeSet<Id> = proposed.map(|row| row.programme_id).collect();
        let adopted = unscoped_in_state(rx.db, proposed, ProposalState::Adopted)?;
        let mut pools: BTreeMap<Id, (Vec<Value>, Pool)> = BTreeMap::new();
        for row in rows {
            let programme = self.programme(row.programme_id)?.clone();
            if moves(row) && !pools.contains_key(&row.programme_id) {
                let applicants = input::applicants(rx, &programme)?;
                let pool = input::pool_of(&applicants)?;
                pools.insert(row.programme_id, (applicants, pool));
            }
            let now = pools.get(&row.programme_id);
            let computed_for =
                row.computation_id.and_then(|id| inputs.get(&id)).map(|input| input::recorded_pool(input));
            let input_faults = match now {
                Some((applicants, _)) if row.status == ProposalState::Draft => {
                    input::read(row, &row.plan().into(), applicants)?.err().unwrap_or_default()
                }
                _ => Vec::new(),
            };
            let facts = Facts {
                programme: programme.status,
                is_computing: self.is_running(row.computation_id),
                is_explained: self.is_done(row.explanation_id),
                computed_for: computed_for.transpose()?.unwrap_or_default(),
                pool: now.map(|(_, pool)| pool.clone()).unwrap_or_default(),
                is_another_adopted: adopted
                    .iter()
                    .any(|other| other.programme_id == row.programme_id && other.id != row.id),
                input_faults,
            };
            self.facts.insert(row.id, facts);
        }
        Ok(())
    }

    /// The programme of one of them.
    pub fn programme(&self, id: Id) -> Result<&programme::ProgrammeRow, Problem> {
        let programmes = self.programmes.as_ref();
        programmes.ok_or_else(|| Problem::internal("programmes that were not loaded"))?.of(id)
    }

    /// What the steps of one of them depend on.
    pub fn facts(&self, row: &ProposalRow) -> Result<&Facts, Problem> {
        self.facts.get(&row.id).ok_or_else(|| Problem::internal("a proposal whose facts were not loaded"))
    }

    fn state(&self, computation: Option<Id>) -> Option<(ComputationPurpose, ComputationState)> {
        let found = self.computations.get(&computation?)?;
        Some((found.purpose, found.state))
    }

    fn is_running(&self, computation: Option<Id>) -> bool {
        self.state(computation) == Some((ComputationPurpose::Answer, ComputationState::Running))
    }

    fn is_done(&self, explanation: Option<Id>) -> bool {
        self.state(explanation) == Some((ComputationPurpose::Explanations, ComputationState::Done))
    }
}
