//! What would get worse first, if one applicant were in or out.

use super::Worse;
use super::parallel::Silent;
use crate::answer::Answer;
use crate::course::Course;
use crate::input::Goal;
use crate::problem::{Bits, Problem};
use crate::relaxation::{broken_by, least_broken};
use crate::search::{Demands, Meter, Stop};
use crate::solving::FIRST_SET_NODES;
use crate::watch::{Cancelled, Watch};

/// How many nodes the verdict on one applicant may visit, if the input's budget is not less. All of 290 take some minutes then,
/// where each is as hard as it can be: a selection is not adopted before it is explained.
const VERDICT_NODES: u64 = 200_000;

/// The part of the answer that explanations compare with.
pub(super) struct Reference<'p> {
    problem: &'p Problem,
    /// The goals that are proven, with their values.
    proven: Vec<(Goal, i64)>,
    /// Whether these are all.
    is_whole: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) worse: Worse,
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    pub(super) quota: Option<usize>,
    /// A set that reaches `to`.
    pub(super) example: Option<Vec<String>>,
}

impl Verdict {
    fn only(worse: Worse) -> Self {
        Verdict { worse, from: None, to: None, quota: None, example: None }
    }
}

impl<'p> Reference<'p> {
    pub(super) fn of(problem: &'p Problem, answer: &Answer) -> Self {
        let proven = match answer {
            Answer::Feasible { open_goal, .. } => *open_goal,
            _ => problem.goals.len(),
        };
        let values = problem.goals.iter().copied().zip(answer.goal_values().iter().copied());
        Reference { problem, proven: values.take(proven).collect(), is_whole: proven == problem.goals.len() }
    }

    /// What would get worse first if a chosen one were out, or one left out in.
    pub(super) fn verdict(
        &self,
        index: usize,
        is_chosen: bool,
        watch: &dyn Watch,
    ) -> Result<Verdict, Cancelled> {
        let problem = self.problem;
        let mut demands = Demands::of(problem);
        if demands.included.contains(index) || demands.excluded.contains(index) {
            return Ok(Verdict::only(Worse::Pin));
        }
        if is_chosen {
            demands.excluded.insert(index);
            if problem.len() - demands.excluded.len() < problem.places {
                return Ok(Verdict::only(Worse::Places));
            }
        } else {
            demands.included.insert(index);
            if demands.included.len() > problem.places {
                return Ok(Verdict::only(Worse::Pin));
            }
        }
        let watch = Silent(watch);
        let known = |verdict: Result<Verdict, Stop>| match verdict {
            Ok(verdict) => Ok(verdict),
            Err(Stop::Budget | Stop::Pause) => Ok(Verdict::only(Worse::Open)),
            Err(Stop::Cancelled) => Err(Cancelled),
        };
        let mut meter = Meter::new(FIRST_SET_NODES, &watch);
        match Course::begin(problem, demands.clone(), &mut meter) {
            Ok(Some(course)) => {
                let mut meter = Meter::new(problem.node_budget.min(VERDICT_NODES), &watch);
                known(self.first_worse(course, &mut meter))
            }
            Ok(None) => known(self.quota(demands, &mut meter)),
            Err(stop) => known(Err(stop)),
        }
    }

    /// Which quota would have to give way.
    fn quota(&self, demands: Demands, meter: &mut Meter<'_>) -> Result<Verdict, Stop> {
        let set = least_broken(self.problem, demands, meter)?;
        let broken = broken_by(self.problem, set.unwrap_or_else(Bits::default));
        let quotas = &self.problem.input().quotas;
        let first = broken.quotas.first().and_then(|broken| {
            quotas
                .iter()
                .position(|quota| quota.dimension == broken.dimension && quota.category == broken.category)
        });
        Ok(Verdict { quota: first, ..Verdict::only(Worse::Quota) })
    }

    fn first_worse(&self, mut course: Course<'_>, meter: &mut Meter<'_>) -> Result<Verdict, Stop> {
        let mut at = 0;
        while let Some((goal, value)) = self.proven.get(at).copied() {
            // Often all counts can be kept together, which takes one search instead of one each.
            let counted = self.proven.iter().skip(at).take_while(|(goal, _)| goal.dimension().is_some());
            let counted: Vec<_> = counted.copied().collect();
            if counted.len() > 1 && course.hold_all(&counted, meter)? {
                at += counted.len();
                continue;
            }
            if goal != Goal::Lottery && course.hold_all(&[(goal, value)], meter)? {
                at += 1;
                continue;
            }
            // It is worse now; how much worse may take longer to find than the budget allows.
            let to = match course.improve(goal, Some(goal.just_worse(value)), meter) {
                Ok(to) if goal.is_worse(to, value) => Some(to),
                Ok(_) => {
                    at += 1;
                    continue;
                }
                Err(Stop::Budget | Stop::Pause) if goal != Goal::Lottery => None,
                Err(stop) => return Err(stop),
            };
            let example = to.map(|_| self.problem.sorted(course.set));
            return Ok(Verdict { from: Some(value), to, example, ..Verdict::only(Worse::Goal(at)) });
        }
        Ok(Verdict::only(if self.is_whole { Worse::TieBreak } else { Worse::Open }))
    }
}
