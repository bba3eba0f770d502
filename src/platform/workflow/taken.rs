//! Judged steps, and the only way to write them.

use std::collections::BTreeMap;

use super::{Stateful, store};
use crate::platform::change::Changed;
use crate::platform::codes::Codes as _;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;

/// A judged step of a locked row, not yet written.
#[derive(Clone, Debug)]
pub struct TakenStep<R> {
    /// The row as it was locked.
    pub before: R,
    /// The row in its new state.
    pub after: R,
    /// The reason that the caller gave.
    pub comment: Option<String>,
    pub(super) role: String,
    /// Whether only the state changes, with version and time.
    is_plain: bool,
}

impl<R: Stateful> TakenStep<R> {
    /// `after` has the other changes of the step; its state, version and time are set here.
    pub fn new(
        ctx: &Context,
        to: R::State,
        before: R,
        mut after: R,
        role: impl Into<String>,
        comment: Option<&str>,
    ) -> Self {
        let is_plain = before == after;
        after.set_state(to);
        after.touch(before.version() + 1, ctx);
        Self { before, after, role: role.into(), comment: comment.map(str::to_owned), is_plain }
    }
}

impl Tx<'_> {
    /// The only function that changes states: writes steps of different rows that were judged. Compare-and-set on the
    /// versions, one history row and one audit event each.
    pub fn take_steps<R: Stateful>(&mut self, steps: &[TakenStep<R>]) -> Result<(), Problem> {
        write(self, steps)?;
        let mut history = Vec::with_capacity(steps.len());
        for step in steps {
            let change = store::RecordedStep::of(self, step);
            self.audit_step(step.after.state().code(), (&step.before, &step.after), &change.told())?;
            self.set_audit_role(&step.role);
            history.push(change);
        }
        store::record_all(self, &history)
    }

    /// Takes one judged step.
    pub(super) fn take_step<R: Stateful>(&mut self, step: TakenStep<R>) -> Result<Changed<R>, Problem> {
        self.take_steps(std::slice::from_ref(&step))?;
        Ok(Changed { before: step.before, after: step.after })
    }
}

/// Writes the rows. Many steps that change nothing but the state are written without the other columns, so that their
/// indexes and foreign keys are left alone: on SQLite a batch of steps is half as fast again.
fn write<R: Stateful>(tx: &mut Tx<'_>, steps: &[TakenStep<R>]) -> Result<(), Problem> {
    // One row takes the text that every other change of one row takes.
    if steps.len() == 1 || steps.iter().any(|step| !step.is_plain) {
        let rows: Vec<R> = steps.iter().map(|step| step.after.clone()).collect();
        return tx.replace_all(&rows);
    }
    tx.ctx.refuse_invalid_body()?;
    let mut groups = BTreeMap::<_, (R::State, Vec<Id>)>::new();
    for step in steps {
        let state = step.after.state();
        let group = groups.entry((state.code(), step.before.version())).or_insert((state, Vec::new()));
        group.1.push(step.after.id());
    }
    for ((_, version), (state, ids)) in groups {
        let count = ids.len();
        if R::set_states(tx, ids, version, state)? != count {
            return Err(Problem::new(Code::VersionMismatch));
        }
    }
    Ok(())
}
