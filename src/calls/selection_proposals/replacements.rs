//! Who gets a place that becomes free after the announcement: the best choice with all who have a place in it and those who have
//! left out of it, computed anew each time (design/selection.md). Few places are free, so it takes next to no search; a limit of its
//! own keeps it so.

use selection::{Answer, NoWatch};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::computing;
use super::given::NextBest;
use super::since::{has_place, left};
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
    let Some(pool) = Pool::of(rx, proposal)? else { return Ok(Best::default()) };
    let places = usize::try_from(proposal.places).map_err(Problem::internal)?;
    let free = places.saturating_sub(pool.holders.len() + pool.outside);
    let mut found = Best { left: pool.left, free, ..Best::default() };
    // No more than there are who can come.
    let free = free.min(pool.candidates);
    if free == 0 {
        return Ok(found);
    }
    let seats = Seats { holders: pool.holders, unavailable: pool.unavailable, free };
    let mut filled = fill(&pool.input, &seats, false)?;
    if filled.is_none() {
        found.ignores_quotas = true;
        filled = fill(&pool.input, &seats, true)?;
    }
    if let Some(filled) = filled {
        (found.kommuner, found.goal_values) = (filled.added, filled.goal_values);
    }
    Ok(found)
}

/// The value of each goal with a kommun that has just got a place, and the best of those that could have got it instead. The
/// values are empty if they are not known, or not proven.
pub fn compared(
    rx: &mut Rx<'_>,
    proposal: &ProposalRow,
    kommunkod: &str,
) -> Result<(Vec<i64>, Option<NextBest>), Problem> {
    let pool = Pool::of(rx, proposal)?.filter(|pool| pool.holders.iter().any(|code| code == kommunkod));
    let Some(pool) = pool else { return Ok(Default::default()) };
    let with_it = Seats { holders: pool.holders.clone(), unavailable: pool.unavailable.clone(), free: 0 };
    let mut without_quotas = false;
    let mut filled = fill(&pool.input, &with_it, without_quotas)?;
    if filled.is_none() {
        without_quotas = true;
        filled = fill(&pool.input, &with_it, without_quotas)?;
    }
    let Some(filled) = filled.filter(|filled| filled.is_proven) else { return Ok(Default::default()) };
    let mut others = Seats { free: 1, ..with_it };
    others.holders.retain(|code| code != kommunkod);
    others.unavailable.push(kommunkod.to_owned());
    let next = if pool.candidates == 0 { None } else { fill(&pool.input, &others, without_quotas)? };
    if next.as_ref().is_some_and(|next| !next.is_proven) {
        return Ok(Default::default());
    }
    let next = next.and_then(|next| {
        let kommunkod = next.added.into_iter().next()?;
        Some(NextBest { kommunkod, goal_values: next.goal_values })
    });
    Ok((filled.goal_values, next))
}

/// The pool of an announced selection, as it is now.
struct Pool {
    input: selection::Input,
    /// Who has a place.
    holders: Vec<String>,
    /// Who has none, and cannot get one: a kommun that is no longer a reserve, or was never one that can be taken in.
    unavailable: Vec<String>,
    /// How many can get one.
    candidates: usize,
    /// How many kommuner outside of the pool have a place: a letter that was registered afterwards.
    outside: usize,
    /// Who had a place.
    left: Vec<String>,
}

impl Pool {
    fn of(rx: &mut Rx<'_>, proposal: &ProposalRow) -> Result<Option<Self>, Problem> {
        use ApplicationState::{NotSelected, Reserve};
        let Some(computation) = proposal.computation_id else { return Ok(None) };
        let recorded = computing::unscoped_by_id(rx.db, computation)?.input;
        let (input, _) = computing::problem_of(&recorded)?;
        let states = applications::unscoped_states_in(rx, proposal.programme_id)?;
        let may_come = |code: &String| {
            let waits = |state: &ApplicationState| matches!(state, Reserve | NotSelected);
            states.iter().any(|(kommun, state)| kommun == code && waits(state))
        };
        let pool: Vec<String> = input.applicants.iter().map(|one| one.kommunkod.clone()).collect();
        let outside =
            states.iter().filter(|(kommun, _)| has_place(&states, kommun) && !pool.contains(kommun)).count();
        let (holders, others): (Vec<_>, Vec<_>) = pool.into_iter().partition(|code| has_place(&states, code));
        let (candidates, unavailable): (Vec<_>, Vec<_>) = others.into_iter().partition(may_come);
        let left = left(proposal, &states);
        Ok(Some(Self { input, holders, unavailable, candidates: candidates.len(), outside, left }))
    }
}

/// Who sits, who cannot come, and how many places are free.
struct Seats {
    holders: Vec<String>,
    unavailable: Vec<String>,
    free: usize,
}

/// The best choice for the free places.
struct Filled {
    added: Vec<String>,
    goal_values: Vec<i64>,
    is_proven: bool,
}

/// How many nodes the search for a replacement may visit: about half a second. It runs while a request waits.
const NODE_BUDGET: u64 = 100_000;

/// The best choice for the free places; none when nobody fits. Of a search that reaches its limit, the best that it found.
fn fill(recorded: &selection::Input, seats: &Seats, without_quotas: bool) -> Result<Option<Filled>, Problem> {
    let mut input = recorded.clone();
    input.node_budget = Some(input.node_budget.unwrap_or(NODE_BUDGET).min(NODE_BUDGET));
    input.places = u32::try_from(seats.holders.len() + seats.free).map_err(Problem::internal)?;
    if without_quotas {
        input.quotas.clear();
    }
    // Fewer places than before can contradict the quotas.
    let Ok(problem) = selection::Problem::new(&input) else { return Ok(None) };
    let found = selection::replacement(&problem, &seats.holders, &seats.unavailable, &NoWatch)
        .map_err(|_| Problem::internal("a replacement was cancelled"))?;
    let is_proven = matches!(found.answer, Answer::Optimal { .. });
    Ok(match found.answer {
        Answer::Optimal { goal_values, .. } | Answer::Feasible { goal_values, .. } => {
            Some(Filled { added: found.added, goal_values, is_proven })
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
