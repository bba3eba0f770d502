//! States and transitions. A resource declares its transitions once, as a table in its `rules.rs`. The endpoint,
//! `allowedTransitions`, the tests and `docs/generated/workflows.md` all use this table. Only `take_steps` changes a
//! state: compare-and-set, history, audit.

mod histories;
pub mod http;
mod offer;
mod standing;
pub mod status_changes;
mod step;
pub mod steps;
mod store;
mod table;
mod taken;
mod transition;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::auth::scope::HasKeys;
use crate::platform::change::Changed;
use crate::platform::codes::Codes;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::relations::Standing;
use crate::platform::stored::Stored;
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};
use crate::platform::visible::is_blank;

pub use histories::{Histories, LastComment};
pub use http::Wanted;
pub use offer::Offer;
use step::requested;
pub use step::{JudgedStep, Step, StepItem, incomplete};
use store::history;
pub use store::{RecordedStep, StatusChange, last_actor, last_actors, last_taken};
pub use table::{TableRow, WorkflowTable};
pub use taken::TakenStep;
pub use transition::{By, Need, StepData, Transition, When};

/// The transition table of a resource.
#[derive(Clone, Copy)]
pub struct Workflow<S: 'static> {
    /// The states of a new resource.
    pub initial: &'static [S],
    /// The states that no transition leaves.
    pub end: &'static [S],
    /// All transitions.
    pub transitions: &'static [Transition<S>],
}

/// A transition that the caller may make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AllowedTransition {
    /// The state that it leads to.
    pub to: String,
    /// Whether a comment must say why.
    pub requires_comment: bool,
    /// The members of `data` that must be given with the step, as things are now; empty when none. (Whoever attests or
    /// approves a report names what they have read: `version`, `If-Match` or `data.sha256`.)
    pub requires: Vec<&'static str>,
}

impl<S: Codes> Workflow<S> {
    /// The states that transitions lead to, each once.
    pub fn targets(&self) -> Vec<&'static str> {
        let mut targets = Vec::new();
        for row in self.transitions {
            if !targets.contains(&row.to.code()) {
                targets.push(row.to.code());
            }
        }
        targets
    }

    /// The transitions that a caller with these roles may make from this state.
    pub fn allowed(&self, state: S, roles: &[&str]) -> Vec<AllowedTransition> {
        let open = self.transitions.iter().filter(|row| row.from.contains(&state));
        let mut allowed: Vec<AllowedTransition> = Vec::new();
        for row in open {
            let By::Roles(wanted) = row.by else { continue };
            if wanted.iter().any(|role| roles.contains(role))
                && !allowed.iter().any(|t| t.to == row.to.code())
            {
                allowed.push(AllowedTransition {
                    to: row.to.code().to_owned(),
                    requires_comment: row.requires_comment,
                    requires: row.requires.iter().map(|need| need.member).collect(),
                });
            }
        }
        allowed
    }

    /// The row by which one of these roles takes a step, with that role.
    pub fn row<'r>(&self, from: S, to: S, roles: &[&'r str]) -> Option<(&'static Transition<S>, &'r str)> {
        let mut rows = self.transitions.iter().filter(|row| row.from.contains(&from) && row.to == to);
        rows.find_map(|row| match row.by {
            By::Roles(wanted) => roles.iter().find(|role| wanted.contains(role)).map(|role| (row, *role)),
            By::Clock | By::Effect(_) => None,
        })
    }

    /// The transition that a caller requests through `status-changes`, and the role that allows it. 409 when there is
    /// no such transition from this state, or only a job or another endpoint makes it; 403 when only other roles may
    /// make it; 422 when its comment is missing.
    pub fn requested<'r>(
        &self,
        state: S,
        to: S,
        roles: &[&'r str],
        comment: Option<&str>,
    ) -> Result<(&'static Transition<S>, &'r str), Problem> {
        if let Some((row, role)) = self.row(state, to, roles) {
            need_comment(row.requires_comment, comment)?;
            return Ok((row, role));
        }
        let rows = self.transitions.iter().filter(|row| row.from.contains(&state) && row.to == to);
        let missing: Vec<&str> = rows
            .filter_map(|row| match row.by {
                By::Roles(wanted) => Some(wanted),
                By::Clock | By::Effect(_) => None,
            })
            .flatten()
            .copied()
            .collect();
        if missing.is_empty() {
            return Err(self.not_allowed(state, to, roles));
        }
        let missing = missing.join(", ");
        Err(Problem::new(Code::NotYours).detail(
            format!("Steget till {} kräver någon av rollerna {missing} här.", to.code()),
            format!("The step to {} requires one of the roles {missing} for this resource.", to.code()),
        ))
    }

    /// The transition that a job or another endpoint makes; 409 when the table has none.
    pub fn automatic(&self, state: S, to: S) -> Result<&'static Transition<S>, Problem> {
        let mut rows = self.transitions.iter().filter(|row| row.from.contains(&state) && row.to == to);
        rows.find(|row| !matches!(row.by, By::Roles(_))).ok_or_else(|| self.not_allowed(state, to, &[]))
    }

    /// 409 with the current state and the allowed transitions.
    pub fn not_allowed(&self, state: S, to: S, roles: &[&str]) -> Problem {
        let (from_label, to_label) = (state.label(), to.label());
        Problem::new(Code::TransitionNotAllowed)
            .detail(
                format!(
                    "Från {} ({}) leder inget sådant steg till {} ({}).",
                    from_label.sv,
                    state.code(),
                    to_label.sv,
                    to.code()
                ),
                format!(
                    "There is no such step from {} ({}) to {} ({}).",
                    from_label.en,
                    state.code(),
                    to_label.en,
                    to.code()
                ),
            )
            .member("currentStatus", state.code())
            .member(status_changes::STEPS, serde_json::json!(self.allowed(state, roles)))
    }
}

fn need_comment(required: bool, comment: Option<&str>) -> Result<(), Problem> {
    if required && comment.is_none_or(is_blank) {
        let words = Localized::fixed("Steget kräver en kommentar.", "This step requires a comment.");
        return Err(
            Problem::new(Code::InvalidInput).errors(vec![FieldError::new("/comment", "required", words)])
        );
    }
    Ok(())
}

/// A row with a state. [`stored!`](crate::stored) implements it.
pub trait Stateful: Stored + PartialEq {
    /// The type of its states.
    type State: Codes;

    /// Its transitions.
    const WORKFLOW: Workflow<Self::State>;

    /// The current state.
    fn state(&self) -> Self::State;

    /// Sets the state. Only the steps of this module call it.
    fn set_state(&mut self, state: Self::State);

    /// Moves the rows with these ids and this version to a state. Returns their number. Only `take_steps` calls it.
    fn set_states(tx: &mut Tx<'_>, ids: Vec<Id>, version: i32, state: Self::State) -> Result<usize, Problem>;
}

/// Implements [`Stateful`] for a row whose state is in `status`.
#[doc(hidden)]
#[macro_export]
macro_rules! stateful {
    ($row:ident in $table:ident on $time:ident: $workflow:ident, $state:ty) => {
        impl $crate::platform::workflow::Stateful for $row {
            type State = $state;
            const WORKFLOW: $crate::platform::workflow::Workflow<$state> = $workflow;

            fn state(&self) -> $state {
                self.status
            }

            fn set_state(&mut self, state: $state) {
                self.status = state;
            }

            fn set_states(
                tx: &mut $crate::platform::tx::Tx<'_>,
                ids: Vec<$crate::platform::ids::Id>,
                version: i32,
                state: $state,
            ) -> Result<usize, $crate::platform::problem::Problem> {
                use diesel::prelude::*;
                use $crate::platform::db::kept::Keep as _;
                use $crate::platform::db::one_of::OneOfMethods as _;
                let these = $table::table.filter($table::id.one_of(ids)).filter($table::version.eq(version));
                let moved = (
                    $table::status.eq(state),
                    $table::version.eq(version + 1),
                    $table::updated_at.eq(tx.ctx.$time),
                );
                Ok(diesel::update(these).set(moved).kept().execute(tx.db)?)
            }
        }
    };
}

impl Rx<'_> {
    /// The changes of state of a resource, oldest first.
    pub fn status_history(&mut self, id: Id) -> Result<Vec<RecordedStep>, Problem> {
        history(self, id)
    }
}

impl Tx<'_> {
    /// Takes a step that a caller requests: like [`change`](Tx::change), for rows with states. The workflow decides
    /// whether state and roles allow the step. `judge` then returns the changed row, still with its old state, or
    /// refuses (403, 422, 409).
    pub fn step<R: Stateful + HasKeys, D>(
        &mut self,
        id: Id,
        wanted: &Wanted<R::State, D>,
        judge: impl FnOnce(&mut Tx<'_>, &R, &Step<'_, R::State, D>) -> Result<R, Problem>,
    ) -> Result<Changed<R>, Problem>
    where
        D: StepData,
    {
        self.step_by(id, wanted, |tx, before: &R| {
            let standing = Standing::for_steps(&mut tx.as_read(), std::slice::from_ref(before))?;
            let step = requested(tx.ctx, &standing, before, wanted)?;
            let after = judge(tx, before, &step);
            Ok((wanted.to, step.role, step.complete(after)?))
        })
    }

    /// Like [`step`](Self::step), when `judge` must also decide who may take the step.
    pub fn step_by<R: Stateful, D>(
        &mut self,
        id: Id,
        wanted: &Wanted<R::State, D>,
        judge: impl FnOnce(&mut Tx<'_>, &R) -> Result<JudgedStep<R>, Problem>,
    ) -> Result<Changed<R>, Problem> {
        let (before, (to, role, after)) = self.judged(id, wanted.version, judge)?;
        let comment = wanted.comment.as_deref();
        self.take_step(TakenStep::new(self.ctx, to, before, after, role, comment))
    }

    /// The changes of state of a resource, oldest first.
    pub fn status_history(&mut self, id: Id) -> Result<Vec<RecordedStep>, Problem> {
        self.as_read().status_history(id)
    }

    /// Makes a transition of a locked row as a job or as an effect of another endpoint.
    pub fn automatic<R: Stateful>(
        &mut self,
        before: &R,
        after: R,
        to: R::State,
        comment: Option<&str>,
    ) -> Result<R, Problem> {
        let step = self.automatic_step(before, after, to, comment)?;
        Ok(self.take_step(step)?.after)
    }

    /// Like [`automatic`](Self::automatic), not yet written.
    pub fn automatic_step<R: Stateful>(
        &self,
        before: &R,
        after: R,
        to: R::State,
        comment: Option<&str>,
    ) -> Result<TakenStep<R>, Problem> {
        let workflow = R::WORKFLOW;
        workflow.automatic(before.state(), to)?;
        let role = self.role_in(&before.chain()).unwrap_or(SYSTEM);
        Ok(TakenStep::new(self.ctx, to, before.clone(), after, role, comment))
    }
}

/// The role that history and audit trail show for jobs and effects that no role allows.
pub const SYSTEM: &str = "system";
