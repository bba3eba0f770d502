//! Steps that are judged in sets: one step or a thousand by one path (see [`set`](crate::platform::set)). The locked rows
//! and their facts are loaded once; each step is judged without the database; those that are allowed are written together.

use std::collections::{BTreeSet, HashMap};

use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use validator::Validate;

use super::status_changes::{ChangeBatch, ChangeStatus, STEPS};
use super::step::requested;
use super::{Stateful, Step, StepData, StepItem, TakenStep, Wanted};
use crate::platform::auth::action::Action;
use crate::platform::auth::found::{IntoRepresentation, Resource};
use crate::platform::change::in_order;
use crate::platform::context::{Context, IfMatch};
use crate::platform::http::answer::Answer;
use crate::platform::http::body::validated;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::Standing;
use crate::platform::set::{Touched, WriteSet};
use crate::platform::stored::Stored;
use crate::platform::tx::Tx;

/// The step of a resource that a caller requests.
pub type StepOf<'s, R> = Step<'s, <R as Stateful>::State, <R as JudgeSteps>::Data>;

/// A requested step of one of many resources.
pub type ItemOf<R> = StepItem<<R as Stateful>::State, <R as JudgeSteps>::Data>;

/// A resource whose steps are judged in sets.
pub trait JudgeSteps:
    IntoRepresentation<As: ToSchema>
    + Resource<Parent = ()>
    + Stateful<State: ToSchema + DeserializeOwned + Send>
    + Sync
{
    /// The data that its steps take besides a comment.
    type Data: Clone + Send + StepData + ToSchema + Validate + DeserializeOwned + 'static;

    /// The action that changes its state.
    type Change: Action;

    /// What its steps depend on.
    type Facts;

    /// Locks the rows that the caller may see, and loads what their steps depend on: see [`Tx::visible_locked`]. What else
    /// must be locked is locked by table, then by id.
    fn load(tx: &mut Tx<'_>, steps: &[ItemOf<Self>]) -> Result<(Vec<Self>, Self::Facts), Problem>;

    /// What the caller is to the rows, if the facts say so; otherwise it is loaded.
    fn standing(_: &Self::Facts) -> Option<&Standing> {
        None
    }

    /// The step that the caller may take; by default as the workflow says. 409, 403 or 422.
    fn requested<'w>(
        _: &Self::Facts,
        ctx: &Context,
        standing: &Standing,
        before: &Self,
        wanted: &'w Wanted<Self::State, Self::Data>,
    ) -> Result<StepOf<'w, Self>, Problem> {
        requested(ctx, standing, before, wanted)
    }

    /// The refusal (428) of a step whose caller does not say what they have read; `names_version` tells whether a version was
    /// named. By default nothing must be said.
    fn unread(
        _before: &Self,
        _wanted: &Wanted<Self::State, Self::Data>,
        _names_version: bool,
    ) -> Option<Problem> {
        None
    }

    /// Returns the row as the step changes it, still with its old state, or refuses: 403, 422 with every error, 409.
    fn judge(
        facts: &Self::Facts,
        ctx: &Context,
        before: &Self,
        step: &StepOf<'_, Self>,
    ) -> Result<Self, Problem>;

    /// An allowed step joins the facts, if later steps of the set depend on it.
    fn join(_: &mut Self::Facts, _: &TakenStep<Self>) -> Result<(), Problem> {
        Ok(())
    }

    /// What else reads differently after these rows took a step.
    fn touched(_: &mut Tx<'_>, _rows: &[Id]) -> Result<Vec<Touched>, Problem> {
        Ok(Vec::new())
    }

    /// Does what follows from the steps that were written (mails, other rows), and returns the rows as they are then.
    fn follow(
        _: &mut Self::Facts,
        _: &mut Tx<'_>,
        steps: Vec<TakenStep<Self>>,
    ) -> Result<Vec<Self>, Problem> {
        Ok(steps.into_iter().map(|step| step.after).collect())
    }
}

impl Tx<'_> {
    /// The rows with these ids that the caller may see, locked in the order of their ids.
    pub fn visible_locked<R: Resource + Stored>(&mut self, ids: BTreeSet<Id>) -> Result<Vec<R>, Problem> {
        let seen: Vec<R> = self.visible_among(ids)?;
        self.locked_all(seen.iter().map(Stored::id).collect())
    }
}

fn without_steps(mut problem: Problem) -> Problem {
    problem.members.remove(STEPS);
    problem
}

/// A set of steps.
struct Steps<R: JudgeSteps> {
    rows: HashMap<Id, R>,
    standing: Standing,
    facts: R::Facts,
}

impl<R: JudgeSteps> WriteSet<ItemOf<R>> for Steps<R> {
    type Accepted = TakenStep<R>;
    type Row = R;

    fn changed_row(item: &ItemOf<R>) -> Option<Id> {
        Some(item.id)
    }

    fn load(tx: &mut Tx<'_>, items: &[ItemOf<R>]) -> Result<Self, Problem> {
        let (rows, facts) = R::load(tx, items)?;
        let standing = match R::standing(&facts) {
            Some(standing) => standing.clone(),
            None => Standing::for_steps(&mut tx.as_read(), &rows)?,
        };
        Ok(Self { standing, rows: rows.into_iter().map(|row| (row.id(), row)).collect(), facts })
    }

    fn judge(&mut self, ctx: &Context, item: ItemOf<R>) -> Result<TakenStep<R>, Problem> {
        let before = self.rows.get(&item.id).ok_or_else(Problem::not_found)?;
        ctx.check_reach::<R::Change>(before)?;
        let wanted = &item.wanted;
        validated(wanted)?;
        let judged = R::requested(&self.facts, ctx, &self.standing, before, wanted)
            .and_then(|step| Ok((step.complete(R::judge(&self.facts, ctx, before, &step))?, step.role)));
        // `*` names any version, so it says nothing of what was read.
        let is_named = matches!(ctx.request.if_match, Some(IfMatch::Versions(_)));
        let names_version = wanted.version.is_some() || is_named;
        let judged = match (R::unread(before, wanted, names_version), judged) {
            (_, Err(problem)) if matches!(problem.code.status(), 403 | 422) => Err(problem),
            (Some(unread), _) => return Err(unread),
            (None, judged) => judged,
        };
        // What the object offers is asked for one step, not for each of a batch.
        let (after, role) = in_order(ctx, wanted.version, before.version(), judged).map_err(without_steps)?;
        let taken = TakenStep::new(ctx, wanted.to, before.clone(), after, role, wanted.comment.as_deref());
        R::join(&mut self.facts, &taken)?;
        Ok(taken)
    }

    fn id(taken: &TakenStep<R>) -> Id {
        taken.after.id()
    }

    fn touched(tx: &mut Tx<'_>, rows: &[Id]) -> Result<Vec<Touched>, Problem> {
        R::touched(tx, rows)
    }

    fn write(&mut self, tx: &mut Tx<'_>, taken: Vec<TakenStep<R>>) -> Result<Vec<R>, Problem> {
        tx.take_steps(&taken)?;
        R::follow(&mut self.facts, tx, taken)
    }
}

impl<R: JudgeSteps> ChangeStatus for R {
    type Data = <R as JudgeSteps>::Data;

    fn change_status(
        tx: &mut Tx<'_>,
        seen: &Self,
        wanted: &Wanted<Self::State, Self::Data>,
    ) -> Result<Self, Problem> {
        tx.write_one::<Steps<R>, _>(StepItem { id: seen.id(), wanted: wanted.clone() })
    }

    fn change_many<A: Action>(
        tx: &mut Tx<'_>,
        (): &(),
        batch: &ChangeBatch<Self>,
    ) -> Result<Answer, Problem> {
        // Judging validates the data: after 404 and 403.
        batch.run_set::<Steps<R>, _>(tx, 200, |item| {
            Ok(StepItem { id: item.id, wanted: Wanted::from(item.clone()) })
        })
    }
}
