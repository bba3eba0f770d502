//! A step that a caller requests, and what the workflow says of it before the resource judges it.

use std::collections::BTreeSet;

use super::{Need, Stateful, StepData, Transition, Wanted, When};
use crate::platform::auth::scope::HasKeys;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::relations::Standing;

/// A step that a caller requests and that the workflow allows. The resource judges it.
#[derive(Clone, Debug)]
pub struct Step<'a, S, D> {
    /// The state to go to.
    pub to: S,
    /// The role that allows it.
    pub role: &'static str,
    /// The reason.
    pub comment: Option<&'a str>,
    /// Further data that the step takes.
    pub data: Option<&'a D>,
    needs: &'static [Need],
}

impl<'w, S: Copy, D> Step<'w, S, D> {
    /// The step by this row of the workflow.
    pub fn new(row: &'static Transition<S>, role: &'static str, wanted: &'w Wanted<S, D>) -> Self {
        let comment = wanted.comment.as_deref();
        Self { to: wanted.to, role, comment, data: wanted.data.as_ref(), needs: row.requires }
    }
}

impl<S, D: StepData> Step<'_, S, D> {
    /// The errors of members that were not given, among those that are needed under a condition.
    pub fn missing(&self, is_needed: impl Fn(&str) -> bool) -> Vec<FieldError> {
        self.lacking(|need| matches!(need.when, When::If(_)) && is_needed(need.member))
    }

    /// What a judge says of the step, with what it lacks of that which its row of the workflow always requires: 422 with
    /// everything.
    pub fn complete<T>(&self, judged: Result<T, Problem>) -> Result<T, Problem> {
        let mut errors = self.lacking(|need| need.when == When::Always);
        match judged {
            judged if errors.is_empty() => judged,
            Err(problem) if problem.code.status() == 403 => Err(problem),
            Err(mut problem) if problem.code.status() == 422 => {
                errors.append(&mut problem.errors);
                Err(problem.errors(errors))
            }
            Ok(_) | Err(_) => Err(incomplete().errors(errors)),
        }
    }

    fn lacking(&self, counts: impl Fn(&Need) -> bool) -> Vec<FieldError> {
        let given = self.data.map(StepData::given).unwrap_or_default();
        let lacking = self.needs.iter().filter(|need| counts(need) && !given.contains(&need.member));
        lacking.map(Need::fault).collect()
    }
}

/// The refusal (422) of a step without a member that its row of the workflow always requires, for a judge that cannot go on
/// without it: what is missing is added by [`Step::complete`].
pub fn incomplete() -> Problem {
    Problem::new(Code::InvalidInput)
}

/// A judged step: the new state, the role that allows it, and the changed row, still with its old state.
pub type JudgedStep<R> = (<R as Stateful>::State, &'static str, R);

/// A requested step of one resource, as an item of a set.
#[derive(Clone, Debug)]
pub struct StepItem<S, D> {
    /// The resource.
    pub id: Id,
    /// The step.
    pub wanted: Wanted<S, D>,
}

impl<S, D> StepItem<S, D> {
    /// The resources of several steps.
    pub fn ids(steps: &[Self]) -> BTreeSet<Id> {
        steps.iter().map(|step| step.id).collect()
    }
}

/// The step that the workflow allows the caller; 403 also for their own case.
pub(super) fn requested<'w, R: Stateful + HasKeys, D>(
    ctx: &Context,
    standing: &Standing,
    before: &R,
    wanted: &'w Wanted<R::State, D>,
) -> Result<Step<'w, R::State, D>, Problem> {
    let roles = ctx.scope.roles_for(before);
    let (to, comment) = (wanted.to, wanted.comment.as_deref());
    if let Some((row, _)) = R::WORKFLOW.row(before.state(), to, &roles) {
        standing.check(before.id(), row.deed)?;
    }
    let (row, role) = R::WORKFLOW.requested(before.state(), to, &roles, comment)?;
    Ok(Step::new(row, role, wanted))
}
