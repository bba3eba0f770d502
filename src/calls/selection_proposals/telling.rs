//! What a computed proposal is told about with: its input and answer, the names of kommuner and categories. For the explanations,
//! the map and the distribution.

use std::collections::{BTreeMap, HashMap};

use super::ProposalState;
use super::computing;
use super::differences::{self, Differences, Rules, SelectionSide};
use super::since::Since;
use super::store::ProposalRow;
use crate::calls::dimensions::Labels;
use crate::calls::drawing::distribution::{DistributionData, shares};
use crate::calls::drawing::map::{Applicant, Lan, MapData, Place, Role};
use crate::calls::reasons::{Departure, Lots, Teller};
use crate::platform::problem::Problem;
use crate::platform::text::{Language, Localized};
use crate::platform::tx::Rx;
use crate::programmes::programme::{self, ProgrammeRow, SelectionPin, SelectionQuota};
use crate::reference::kommuner::{self, KommunRow};

/// A computed proposal with the names of what it is about.
pub struct Told {
    /// Its programme.
    programme: ProgrammeRow,
    /// What it is.
    status: Localized,
    /// Its recorded input.
    pub input: selection::Input,
    /// What it gave.
    pub answer: selection::Answer,
    reserves: Vec<String>,
    /// The pins that the open call named.
    planned: Vec<selection::Pin>,
    /// The register, as it is now: for names, and for the shape of the country.
    register: Vec<KommunRow>,
    lan: BTreeMap<String, String>,
    /// The names of the pool's kommuner.
    pub names: BTreeMap<String, String>,
    /// What has changed since the announcement.
    pub since: Since,
    labels: Labels,
    lots: Lots,
}

impl Told {
    /// Loads it; 404 before the proposal is computed, and when it has no choice.
    pub fn of(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<Self, Problem> {
        if proposal.selected().is_empty() {
            return Err(Problem::not_found());
        }
        Self::of_any(rx, proposal)
    }

    /// Loads it, also of a proposal whose computation found no choice; 404 before it is computed.
    pub fn of_any(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<Self, Problem> {
        let computation = proposal.computation_id.ok_or_else(Problem::not_found)?;
        let (input, _) = computing::problem_of(&computing::unscoped_by_id(rx.db, computation)?.input)?;
        let answer = proposal.answer.clone().ok_or_else(Problem::not_found)?.0;
        let programme = programme::unscoped_by_id(rx.db, proposal.programme_id)?;
        let register = kommuner::all(rx.db)?;
        let known: HashMap<&str, &str> =
            register.iter().map(|kommun| (kommun.kommunkod.as_str(), kommun.name.as_str())).collect();
        let name = |code: &String| {
            (code.clone(), known.get(code.as_str()).map_or(code.as_str(), |name| name).to_owned())
        };
        let names = input.applicants.iter().map(|applicant| name(&applicant.kommunkod)).collect();
        let lan: BTreeMap<String, String> =
            register.iter().map(|kommun| (kommun.lan_code.clone(), kommun.lan_name.clone())).collect();
        let is_own = programme.seed.as_ref() == Some(&proposal.seed);
        let since = Since::of(rx, proposal, &programme)?;
        Ok(Self {
            status: status_words(proposal),
            since,
            reserves: proposal.reserves.0.clone(),
            planned: programme.plan().pins.iter().map(SelectionPin::engine).collect(),
            lots: if is_own { Lots::Sealed } else { Lots::Trial },
            labels: Labels::new(lan.clone()),
            programme,
            input,
            answer,
            register,
            lan,
            names,
        })
    }

    /// The name of a kommun of the register.
    pub fn known_name(&self, kommunkod: &str) -> Option<String> {
        self.register.iter().find(|kommun| kommun.kommunkod == kommunkod).map(|kommun| kommun.name.clone())
    }

    /// The name of a kommun; of an unknown one its code.
    pub fn name(&self, kommunkod: &str) -> String {
        self.known_name(kommunkod).unwrap_or_else(|| kommunkod.to_owned())
    }

    /// What has changed since the announcement, in words.
    fn since_words(&self) -> Option<Localized> {
        self.since.text(|code| self.name(code))
    }

    /// Tells in sentences.
    pub fn teller(&self) -> Teller<'_> {
        Teller {
            input: &self.input,
            planned: &self.planned,
            answer: &self.answer,
            names: &self.names,
            labels: &self.labels,
            lots: self.lots,
        }
    }

    /// In what it departs from the open call, and why; nothing if it does not.
    pub fn departure(&self, proposal: &ProposalRow) -> Option<Localized> {
        let (plan, own) = (Rules::of_plan(&self.programme.plan()), Rules::of_proposal(proposal));
        let Differences { from, to, .. } = differences::between(&plan, &own);
        let (has_other_goals, planned, decided) = (to.goals.is_some(), sides(from), sides(to));
        // Another reason for the same is no other decision.
        let only = |pins: &[selection::Pin], others: &[selection::Pin]| {
            let is_same = |one: &selection::Pin, other: &selection::Pin| {
                (&one.kommunkod, one.is_in) == (&other.kommunkod, other.is_in)
            };
            pins.iter().filter(|pin| !others.iter().any(|other| is_same(pin, other))).cloned().collect()
        };
        let departure = Departure {
            has_other_goals,
            new_pins: only(&decided.1, &planned.1),
            dropped_pins: only(&planned.1, &decided.1),
            new_quotas: decided.0,
            dropped_quotas: planned.0,
        };
        self.teller().departure(&departure, proposal.deviation_reason.as_deref())
    }

    /// What the map shows.
    pub fn map(&self) -> MapData {
        let place = |kommun: &KommunRow| Place {
            kommunkod: kommun.kommunkod.clone(),
            name: kommun.name.clone(),
            lan_code: kommun.lan_code.clone(),
            latitude: kommun.latitude,
            longitude: kommun.longitude,
        };
        let in_pool = |kommun: &&KommunRow| self.names.contains_key(&kommun.kommunkod);
        let (applicants, since) = (self.register.iter().filter(in_pool), self.since_words());
        MapData {
            programme: self.programme.name.clone(),
            status: match since {
                None => self.status.clone(),
                Some(_) => Localized::fixed(
                    "beslutat urval, med det som har ändrats sedan",
                    "decided selection, with what has changed since",
                ),
            },
            since,
            applicants: applicants
                .map(|kommun| Applicant { role: self.role(&kommun.kommunkod), place: place(kommun) })
                .collect(),
            lan: self.lan.clone().into_iter().map(|(code, name)| Lan { code, name }).collect(),
            register: self.register.iter().map(place).collect(),
        }
    }

    fn role(&self, kommunkod: &str) -> Role {
        let is_in = |codes: &[String]| codes.iter().any(|code| code == kommunkod);
        if is_in(self.answer.selected()) {
            return if is_in(&self.since.left) { Role::Left } else { Role::Chosen };
        }
        let rank = self.reserves.iter().position(|code| code == kommunkod);
        let rank = rank.map(|index| u32::try_from(index + 1).unwrap_or(u32::MAX));
        match rank {
            _ if is_in(&self.since.came) => Role::Came(rank),
            Some(rank) => Role::Reserve(rank),
            None => Role::Other,
        }
    }

    /// How the chosen are spread.
    pub fn distribution(&self, language: Language) -> DistributionData {
        let chosen = self.answer.selected();
        DistributionData {
            programme: self.programme.name.clone(),
            status: self.status.clone(),
            since: self.since_words(),
            dimensions: shares(&self.input.applicants, chosen, &self.labels, language),
            pool: self.input.applicants.len(),
            chosen: chosen.len(),
        }
    }
}

/// The quotas and pins of a side, as the engine has them.
fn sides(side: SelectionSide) -> (Vec<selection::Quota>, Vec<selection::Pin>) {
    let (quotas, pins) = (side.quotas.unwrap_or_default(), side.pins.unwrap_or_default());
    (quotas.iter().map(SelectionQuota::engine).collect(), pins.iter().map(SelectionPin::engine).collect())
}

/// What the proposal is, for the heading of a drawing.
fn status_words(proposal: &ProposalRow) -> Localized {
    match proposal.status {
        _ if proposal.is_what_if => Localized::fixed("provberäkning", "what-if run"),
        ProposalState::Adopted | ProposalState::Announced => {
            Localized::fixed("beslutat urval", "decided selection")
        }
        ProposalState::Withdrawn => Localized::fixed("återkallat förslag", "withdrawn proposal"),
        ProposalState::Draft | ProposalState::Computed | ProposalState::Proposed => {
            Localized::fixed("förslag", "proposal")
        }
    }
}
