//! From a problem to its answer: the goals in order, then the order of kommunkoder.

use crate::answer::{Answer, Because};
use crate::course::Course;
use crate::problem::{Bits, Problem};
use crate::relaxation::relaxation;
use crate::search::{Demands, Meter, Stop};
use crate::watch::{Cancelled, Watch};

/// How many nodes the search for a first set may visit, whatever the input's budget: without a set there is no answer.
pub(crate) const FIRST_SET_NODES: u64 = 1_000_000;

/// Chooses. The same problem gives the same answer on every machine.
///
/// # Errors
/// [`Cancelled`] when the watch says so.
pub fn solve(problem: &Problem, watch: &dyn Watch) -> Result<Answer, Cancelled> {
    solve_counting(problem, watch).map(|(answer, _)| answer)
}

/// Chooses, and tells how many nodes the search visited.
///
/// # Errors
/// [`Cancelled`] when the watch says so.
pub fn solve_counting(problem: &Problem, watch: &dyn Watch) -> Result<(Answer, u64), Cancelled> {
    let (left, places) = (problem.len() - problem.pinned_out.len(), problem.places);
    if problem.pinned_in.len() > places || left < places {
        return Ok((Answer::Infeasible { because: Because::Pins, relaxation: None }, 0));
    }
    let mut meter = Meter::new(FIRST_SET_NODES, watch);
    match Course::begin(problem, Demands::of(problem), &mut meter) {
        Ok(Some(course)) => improved(problem, course, watch),
        Ok(None) => {
            let relaxation = relaxation(problem, watch)?;
            Ok((Answer::Infeasible { because: Because::Quotas, relaxation }, meter.used()))
        }
        Err(Stop::Budget | Stop::Pause) => {
            Ok((Answer::Infeasible { because: Because::Budget, relaxation: None }, meter.used()))
        }
        Err(Stop::Cancelled) => Err(Cancelled),
    }
}

fn improved(
    problem: &Problem,
    mut course: Course<'_>,
    watch: &dyn Watch,
) -> Result<(Answer, u64), Cancelled> {
    let mut meter = Meter::new(problem.node_budget, watch);
    let levels = problem.goals.len() + 1;
    for level in 0..levels {
        watch.progress(level as u64, levels as u64);
        let done = match problem.goals.get(level) {
            Some(goal) => course.improve(*goal, None, &mut meter).map(|_| ()),
            // The search for the greatest sum of lottery numbers has settled the order, too.
            None if problem.goals.last() == Some(&crate::input::Goal::Lottery) => Ok(()),
            None => course.first_in_order(&mut meter),
        };
        match done {
            Ok(()) => {}
            Err(Stop::Cancelled) => return Err(Cancelled),
            Err(Stop::Budget | Stop::Pause) => {
                let (goal_values, selected) = (problem.values(course.set), problem.sorted(course.set));
                let open =
                    Answer::Feasible { goal_values, selected, proven_optimal: false, open_goal: level };
                return Ok((open, meter.used()));
            }
        }
    }
    watch.progress(levels as u64, levels as u64);
    let (goal_values, selected) = (problem.values(course.set), problem.sorted(course.set));
    Ok((Answer::Optimal { goal_values, selected, proven_optimal: true }, meter.used()))
}

/// The value of each goal for a set, computed from the set alone. `None` when somebody is not in the pool, or comes twice.
pub fn goal_values(problem: &Problem, chosen: &[String]) -> Option<Vec<i64>> {
    let set = chosen.iter().map(|code| problem.index(code)).collect::<Option<Bits>>()?;
    (set.len() == chosen.len()).then(|| problem.values(set))
}
