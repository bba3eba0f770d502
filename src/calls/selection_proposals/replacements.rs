//! Who gets a place that becomes free after the announcement: the best choice with all who have a place in it and those who have
//! left out of it, computed anew each time (design/selection.md). It takes no search: few places are free.

use std::collections::BTreeSet;

use selection::{Answer, NoWatch};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::computing;
use super::store::ProposalRow;
use crate::calls::applications::{self, ApplicationState};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::reference::kommuner::KommunNames;

/// Who should get the free places of an announced selection.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Replacements::example)]
pub struct Replacements {
    /// The chosen kommuner and later ones that no longer have a place.
    pub left: Vec<ReplacementKommun>,
    /// How many places are free.
    pub free_places: usize,
    /// The kommuner that should get them.
    pub best: Vec<ReplacementKommun>,
    /// The value of each goal with them, in the goals' order; empty when no place is free or nobody is left.
    pub goal_values: Vec<i64>,
    /// Whether the quotas had to be left aside, because nobody who keeps them is left.
    pub ignores_quotas: bool,
    /// Where to go from here: `application` leads to the application that gets a place.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// A kommun.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplacementKommun {
    /// Its code.
    pub kommunkod: String,
    /// Its name.
    pub kommun_name: Option<String>,
}

impl Replacements {
    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let kommun = |code: &str, name: &str| ReplacementKommun {
            kommunkod: code.to_owned(),
            kommun_name: Some(name.to_owned()),
        };
        let application = format!("/applications/{}", ctx.new_id());
        json!(Self {
            left: vec![kommun("2518", "Övertorneå")],
            free_places: 1,
            best: vec![kommun("2582", "Boden")],
            goal_values: vec![8, 12, 6, 8, 61_204, 7_140_233],
            ignores_quotas: false,
            links: vec![Link::new(&ctx, "GET", "application", application)],
        })
    }
}

/// What was found for the free places.
#[derive(Clone, Debug, Default)]
pub struct Best {
    /// Who has left.
    pub left: Vec<String>,
    /// How many places are free.
    pub free: usize,
    /// Who should get them, by code.
    pub kommuner: Vec<String>,
    /// The value of each goal with them.
    pub goal_values: Vec<i64>,
    /// Whether the quotas were left aside.
    pub ignores_quotas: bool,
}

/// Computes who should get the free places of an announced selection.
pub fn best(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<Best, Problem> {
    use ApplicationState::{Completed, NotSelected, Participating, Reserve, Selected};
    let Some(computation) = proposal.computation_id else { return Ok(Best::default()) };
    let recorded = computing::unscoped_by_id(rx.db, computation)?.input;
    let (input, _) = computing::problem_of(&recorded)?;
    let states = applications::unscoped_states_in(rx, proposal.programme_id)?;
    let is_one_of = |code: &str, wanted: &[ApplicationState]| {
        states.iter().any(|(kommun, state)| kommun == code && wanted.contains(state))
    };
    let pool: Vec<&str> = input.applicants.iter().map(|applicant| applicant.kommunkod.as_str()).collect();
    let holds = |code: &&str| is_one_of(code, &[Selected, Participating, Completed]);
    let holders: BTreeSet<&str> = pool.iter().copied().filter(holds).collect();
    // A kommun that is no longer a reserve, or was never one that can be taken in, cannot get the place.
    let may_come = |code: &&str| is_one_of(code, &[Reserve, NotSelected]);
    let unavailable = pool.iter().copied().filter(|code| !holders.contains(code) && !may_come(code));
    let unavailable: Vec<String> = unavailable.map(str::to_owned).collect();
    // Kommuner outside of the pool may have a place too (a letter that was registered afterwards).
    let outside = states.iter().filter(|(kommun, state)| {
        matches!(state, Selected | Participating | Completed) && !pool.contains(&kommun.as_str())
    });
    let places = usize::try_from(proposal.places).map_err(Problem::internal)?;
    let free = places.saturating_sub(holders.len() + outside.count());
    let gave_up = |code: &&String| !holders.contains(code.as_str());
    let chosen: BTreeSet<String> = proposal.selected().iter().cloned().chain(later(proposal)).collect();
    let left: Vec<String> = chosen.iter().filter(gave_up).cloned().collect();
    let mut found = Best { left, free, ..Best::default() };
    // No more than there are who can come.
    let candidates = pool.iter().filter(|code| !holders.contains(**code) && may_come(code)).count();
    if free.min(candidates) == 0 {
        return Ok(found);
    }
    let seats = Seats {
        holders: holders.iter().map(|code| (*code).to_owned()).collect(),
        unavailable,
        free: free.min(candidates),
    };
    let mut filled = fill(&input, &seats, false)?;
    if filled.is_none() {
        found.ignores_quotas = true;
        filled = fill(&input, &seats, true)?;
    }
    if let Some((kommuner, goal_values)) = filled {
        (found.kommuner, found.goal_values) = (kommuner, goal_values);
    }
    Ok(found)
}

/// Those who got a place after the announcement.
fn later(proposal: &ProposalRow) -> impl Iterator<Item = String> {
    proposal.replacements.0.iter().map(|given| given.kommunkod.clone())
}

/// Who sits, who cannot come, and how many places are free.
struct Seats {
    holders: Vec<String>,
    unavailable: Vec<String>,
    free: usize,
}

/// The best choice for the free places, and its goal values; none when nobody fits.
fn fill(
    recorded: &selection::Input,
    seats: &Seats,
    without_quotas: bool,
) -> Result<Option<(Vec<String>, Vec<i64>)>, Problem> {
    let mut input = recorded.clone();
    input.places = u32::try_from(seats.holders.len() + seats.free).map_err(Problem::internal)?;
    if without_quotas {
        input.quotas.clear();
    }
    // Fewer places than before can contradict the quotas.
    let Ok(problem) = selection::Problem::new(&input) else { return Ok(None) };
    let found = selection::replacement(&problem, &seats.holders, &seats.unavailable, &NoWatch)
        .map_err(|_| Problem::internal("a replacement was cancelled"))?;
    Ok(match found.answer {
        Answer::Optimal { goal_values, .. } | Answer::Feasible { goal_values, .. } => {
            Some((found.added, goal_values))
        }
        Answer::Infeasible { .. } => None,
    })
}

/// As a reader sees it.
pub fn shown(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<Replacements, Problem> {
    let best = best(rx, proposal)?;
    let codes = best.left.iter().chain(&best.kommuner).map(String::as_str);
    let names = KommunNames::of(rx.db, codes)?;
    let named = |codes: &[String]| {
        let kommun =
            |code: &String| ReplacementKommun { kommunkod: code.clone(), kommun_name: names.get(code) };
        codes.iter().map(kommun).collect::<Vec<_>>()
    };
    let mut links = vec![Link::to_self(rx.ctx, format!("/selection-proposals/{}/replacements", proposal.id))];
    for id in applications::unscoped_ids_of(rx, proposal.programme_id, &best.kommuner)? {
        links.push(Link::new(rx.ctx, "GET", "application", format!("/applications/{id}")));
    }
    Ok(Replacements {
        left: named(&best.left),
        free_places: best.free,
        best: named(&best.kommuner),
        goal_values: best.goal_values,
        ignores_quotas: best.ignores_quotas,
        links,
    })
}
