//! After the choice: who is in reserve, and who replaces those that have left.

use crate::answer::{Answer, Because, Replacement, Reserve};
use crate::input::Pin;
use crate::problem::{Bits, Problem};
use crate::solving::solve;
use crate::watch::{Cancelled, Watch};

/// The reserve list: reserve i is the one that the best set for i more places adds, with the chosen and the earlier reserves in
/// it and quotas left aside. Nobody who is pinned out. At most `count`, fewer when nobody is left. Needs no search.
pub fn reserves(problem: &Problem, answer: &Answer, count: usize) -> Vec<Reserve> {
    let mut set: Bits = answer.selected().iter().filter_map(|code| problem.index(code)).collect();
    let mut reserves = Vec::new();
    if set.is_empty() {
        return reserves;
    }
    while reserves.len() < count {
        let left = Bits::first_of(problem.len()).minus(&set).minus(&problem.pinned_out);
        let places = set.len() + 1;
        let value_with = |index: usize| {
            let mut with = set;
            with.insert(index);
            problem.goals.iter().map(|goal| problem.value_with(*goal, with, places)).collect::<Vec<_>>()
        };
        // Of equal ones the first kommunkod: the list of the others is the same for all.
        let rank = |index: &usize, values: &[i64]| {
            let upwards = problem.goals.iter().zip(values).map(|(goal, value)| goal.cost(*value));
            (upwards.collect::<Vec<_>>(), problem.codes.get(*index))
        };
        let best =
            left.iter().map(|index| (index, value_with(index))).min_by_key(|(at, values)| rank(at, values));
        let Some((index, goal_values)) = best else { break };
        let Some(kommunkod) = problem.codes.get(index).cloned() else { break };
        set.insert(index);
        reserves.push(Reserve { kommunkod, goal_values });
    }
    reserves
}

/// Who replaces those of `chosen` that are in `out`: the best set with all other chosen pinned in and `out` pinned out, whatever
/// the input's pins say of them. `out` may also name applicants that were not chosen and are no longer available. Quotas hold.
/// Kommuner that are not in the pool count for nothing.
///
/// # Errors
/// [`Cancelled`] when the watch says so.
pub fn replacement(
    problem: &Problem,
    chosen: &[String],
    out: &[String],
    watch: &dyn Watch,
) -> Result<Replacement, Cancelled> {
    let is_known = |code: &&String| problem.index(code).is_some();
    let stays = chosen.iter().filter(is_known).filter(|code| !out.contains(code));
    let pin = |code: &String, is_in| Pin { kommunkod: code.clone(), is_in, reason: None };
    let mut pins: Vec<Pin> = stays.map(|code| pin(code, true)).collect();
    let stay = pins.len();
    pins.extend(out.iter().filter(is_known).map(|code| pin(code, false)));
    let others = problem.input().pins.iter().filter(|own| !own.is_in && !chosen.contains(&own.kommunkod));
    pins.extend(others.cloned());
    let mut input = problem.input().clone();
    input.pins = pins;
    let changed = Problem::prepared(input);
    let mut answer = solve(&changed, watch)?;
    if let Answer::Infeasible { because: because @ Because::Pins, .. } = &mut answer
        && stay <= problem.places
    {
        *because = Because::Places;
    }
    let added = answer.selected().iter().filter(|code| !chosen.contains(code)).cloned().collect();
    Ok(Replacement { added, answer })
}
