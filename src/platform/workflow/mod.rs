//! States and what leads from one to the next. A resource declares its transitions once, as a table in its `rules.rs`;
//! the table feeds the endpoint, `allowedTransitions`, the OpenAPI text, the tests and `docs/generated/workflows.md`.
//! `apply` is the one function that changes a state: compare-and-set, history, audit.

pub mod http;
pub mod status_changes;
mod store;
mod table;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::auth::scoped::Scoped;
use crate::platform::change::Changed;
use crate::platform::codes::Codes;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::stored::Stored;
use crate::platform::text::Localized;
use crate::platform::tx::Tx;

pub use http::Wanted;
pub use store::{StatusChange, history, last_leaders, last_led_by};
pub use table::{TableRow, WorkflowTable};

/// Who makes a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Somebody who holds one of these roles for the object, through `status-changes`.
    Roles(&'static [&'static str]),
    /// The clock.
    Clock,
    /// Another endpoint or another resource's change (a signature, an announcement), named for people.
    Effect(&'static str),
}

/// One row of a transition table.
#[derive(Clone, Copy, Debug)]
pub struct Transition<S: 'static> {
    /// From any of these states.
    pub from: &'static [S],
    /// To this one.
    pub to: S,
    /// Who.
    pub by: By,
    /// Whether a comment must say why.
    pub requires_comment: bool,
}

impl<S> Transition<S> {
    /// Made by somebody with one of the roles.
    pub const fn by(from: &'static [S], to: S, roles: &'static [&'static str]) -> Self {
        Self { from, to, by: By::Roles(roles), requires_comment: false }
    }

    /// Made by the clock.
    pub const fn clock(from: &'static [S], to: S) -> Self {
        Self { from, to, by: By::Clock, requires_comment: false }
    }

    /// Made by another endpoint or resource.
    pub const fn effect(from: &'static [S], to: S, of: &'static str) -> Self {
        Self { from, to, by: By::Effect(of), requires_comment: false }
    }

    /// With a comment that says why.
    pub const fn with_comment(mut self) -> Self {
        self.requires_comment = true;
        self
    }
}

/// A resource's whole table.
#[derive(Clone, Copy)]
pub struct Workflow<S: 'static> {
    /// The states that it begins in.
    pub initial: &'static [S],
    /// The states that nothing leads out of: the work is done or over.
    pub end: &'static [S],
    /// Every transition.
    pub transitions: &'static [Transition<S>],
}

/// What the caller may do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AllowedTransition {
    /// The state it leads to.
    pub to: String,
    /// Whether a comment must say why.
    pub requires_comment: bool,
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

    /// What somebody with these roles may do in this state.
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
                });
            }
        }
        allowed
    }

    /// The transition that a person asks for through `status-changes`, with the role that carries it: 409 when the state
    /// forbids it or it is made by the clock or another endpoint, 403 when only other roles may, 422 without the comment.
    pub fn requested<'r>(
        &self,
        state: S,
        to: S,
        roles: &[&'r str],
        comment: Option<&str>,
    ) -> Result<(&'static Transition<S>, &'r str), Problem> {
        let rows = || self.transitions.iter().filter(|row| row.from.contains(&state) && row.to == to);
        let mut missing: Vec<&str> = Vec::new();
        for row in rows() {
            let By::Roles(wanted) = row.by else { continue };
            match roles.iter().find(|role| wanted.contains(role)) {
                Some(role) => {
                    need_comment(row.requires_comment, comment)?;
                    return Ok((row, role));
                }
                None => missing.extend(wanted),
            }
        }
        if missing.is_empty() {
            return Err(self.forbidden(state, to, roles));
        }
        let missing = missing.join(", ");
        Err(Problem::new(Code::NotYours).detail(
            format!("Steget till {} kräver någon av rollerna {missing} här.", to.code()),
            format!("The step to {} needs one of the roles {missing} here.", to.code()),
        ))
    }

    /// The row of a transition that the clock or another endpoint makes; 409 when the table has none.
    pub fn automatic(&self, state: S, to: S) -> Result<&'static Transition<S>, Problem> {
        let mut rows = self.transitions.iter().filter(|row| row.from.contains(&state) && row.to == to);
        rows.find(|row| !matches!(row.by, By::Roles(_))).ok_or_else(|| self.forbidden(state, to, &[]))
    }

    /// Whether the clock or another endpoint may make this transition now.
    pub fn can_become(&self, state: S, to: S) -> bool {
        self.automatic(state, to).is_ok()
    }

    /// 409 with the present state and what is allowed.
    pub fn forbidden(&self, state: S, to: S, roles: &[&str]) -> Problem {
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
                    "From {} ({}) no such step leads to {} ({}).",
                    from_label.en,
                    state.code(),
                    to_label.en,
                    to.code()
                ),
            )
            .member("currentStatus", state.code())
            .member("allowedTransitions", serde_json::json!(self.allowed(state, roles)))
    }
}

fn need_comment(required: bool, comment: Option<&str>) -> Result<(), Problem> {
    if required && comment.is_none_or(|comment| comment.trim().is_empty()) {
        let words = Localized::fixed("Steget kräver en kommentar.", "This step needs a comment.");
        return Err(
            Problem::new(Code::InvalidInput).errors(vec![FieldError::new("/comment", "required", words)])
        );
    }
    Ok(())
}

/// A stored thing with a state; [`stored!`](crate::stored) makes it one.
pub trait Stateful: Stored {
    /// Its states.
    type State: Codes;

    /// What leads from one to the next.
    const WORKFLOW: Workflow<Self::State>;

    /// The present one.
    fn state(&self) -> Self::State;

    /// Sets another; only [`apply`] does so.
    fn set_state(&mut self, state: Self::State);
}

/// A step that somebody asks for and that state and roles allow, for the resource to judge.
#[derive(Clone, Debug)]
pub struct Step<'a, S, D> {
    /// The state to go to.
    pub to: S,
    /// The role that carries it.
    pub role: &'static str,
    /// Why.
    pub comment: Option<&'a str>,
    /// Further facts that the step takes.
    pub data: Option<&'a D>,
}

/// A step that has been judged: the row of the workflow, the role that carries it, and the thing as the step leaves it
/// apart from its state.
pub type JudgedStep<R> = (&'static Transition<<R as Stateful>::State>, &'static str, R);

impl Tx<'_> {
    /// Takes a step that somebody asks for: the sibling of [`change`](Tx::change) for a thing with states. The workflow says
    /// whether the state and the caller's roles allow it; `judge` then answers the row as the step leaves it, apart from its
    /// state, or refuses with all that stands in its way (403, 422, 409).
    pub fn step<R: Stateful + Scoped, D>(
        &mut self,
        id: Id,
        wanted: &Wanted<R::State, D>,
        judge: impl FnOnce(&mut Tx<'_>, &R, &Step<'_, R::State, D>) -> Result<R, Problem>,
    ) -> Result<Changed<R>, Problem> {
        self.step_by(id, wanted, |tx, before: &R| {
            let roles = tx.ctx.scope.roles_for(&before.keys());
            let (to, comment) = (wanted.to, wanted.comment.as_deref());
            let (transition, role) = R::WORKFLOW.requested(before.state(), to, &roles, comment)?;
            let step = Step { to, role, comment, data: wanted.data.as_ref() };
            Ok((transition, role, judge(tx, before, &step)?))
        })
    }

    /// Like [`step`](Self::step), where more than the workflow and the caller's scope decides who may take the step.
    pub fn step_by<R: Stateful, D>(
        &mut self,
        id: Id,
        wanted: &Wanted<R::State, D>,
        judge: impl FnOnce(&mut Tx<'_>, &R) -> Result<JudgedStep<R>, Problem>,
    ) -> Result<Changed<R>, Problem> {
        let (before, (transition, role, after)) = self.judged(id, wanted.version, judge)?;
        let after = apply(self, transition, &before, after, role, wanted.comment.as_deref())?;
        Ok(Changed { before, after })
    }

    /// A transition that the clock or another endpoint makes, of a row that is locked.
    pub fn automatic<R: Stateful>(
        &mut self,
        before: &R,
        after: R,
        to: R::State,
        comment: Option<&str>,
    ) -> Result<R, Problem> {
        let workflow = R::WORKFLOW;
        let row = workflow.automatic(before.state(), to)?;
        let role = self.role_in(&before.chain()).unwrap_or(SYSTEM);
        apply(self, row, before, after, role, comment)
    }
}

/// Changes the state: the one place that does. `after` carries what else the transition changes; its state, version and
/// time are set here. Compare-and-set on the version, one history row, one audit event.
fn apply<R: Stateful>(
    tx: &mut Tx<'_>,
    transition: &Transition<R::State>,
    before: &R,
    mut after: R,
    role: &str,
    comment: Option<&str>,
) -> Result<R, Problem> {
    after.set_state(transition.to);
    let after = tx.update(transition.to.code(), before, after)?;
    tx.audit_role(role);
    store::remember(tx, R::TYPE, &after, before.state().code(), after.state().code(), role, comment)?;
    Ok(after)
}

/// The role under which the clock and effects stand in history and audit.
pub const SYSTEM: &str = "system";
