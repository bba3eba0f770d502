//! A workflow without its type: what `docs/generated/workflows.md` shows, and what the contract test tries in every state
//! and role.

use super::{By, Workflow};
use crate::platform::codes::Codes;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;

/// Asks for a transition by the states' codes, as `status-changes` does: from, to, held roles, comment.
type Ask = Box<dyn Fn(&str, &str, &[&str], Option<&str>) -> Result<(), Problem>>;

/// A resource's states and what leads from one to the next.
pub struct WorkflowTable {
    /// The resource's name, singular camelCase.
    pub name: &'static str,
    /// Every state with its label.
    pub states: Vec<(&'static str, Localized)>,
    /// Those that it begins in.
    pub initial: Vec<&'static str>,
    /// Every transition, in the table's order.
    pub rows: Vec<TableRow>,
    ask: Ask,
}

/// One row of a table.
#[derive(Clone, Debug)]
pub struct TableRow {
    /// From any of these states.
    pub from: Vec<&'static str>,
    /// To this one.
    pub to: &'static str,
    /// Who.
    pub by: By,
    /// Whether a comment must say why.
    pub requires_comment: bool,
}

impl<S: Codes> Workflow<S> {
    /// The table without its type.
    pub fn table(self) -> WorkflowTable {
        let codes = |states: &[S]| states.iter().map(|state| state.code()).collect::<Vec<_>>();
        WorkflowTable {
            name: self.name,
            states: S::ALL.iter().map(|state| (state.code(), state.label())).collect(),
            initial: codes(self.initial),
            rows: self
                .transitions
                .iter()
                .map(|row| TableRow {
                    from: codes(row.from),
                    to: row.to.code(),
                    by: row.by,
                    requires_comment: row.requires_comment,
                })
                .collect(),
            ask: Box::new(move |from, to, roles, comment| {
                let state = |code| S::from_code(code).ok_or_else(|| Problem::internal("no such state"));
                self.requested(state(from)?, state(to)?, roles, comment).map(|_| ())
            }),
        }
    }
}

impl WorkflowTable {
    /// What somebody with these roles is answered who asks for a step, apart from rules over the facts.
    pub fn requested(
        &self,
        from: &str,
        to: &str,
        roles: &[&str],
        comment: Option<&str>,
    ) -> Result<(), Problem> {
        (self.ask)(from, to, roles, comment)
    }
}
