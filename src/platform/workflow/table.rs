//! A workflow without its type: what `docs/generated/workflows.md` shows, and what the contract test tries in every state
//! and role.

use super::{By, Stateful};
use crate::platform::auth::found::Resource;
use crate::platform::codes::Codes as _;
use crate::platform::problem::Problem;
use crate::platform::text::Localized;

/// Asks for a transition by the states' codes, as `status-changes` does: from, to, held roles, comment.
type Ask = Box<dyn Fn(&str, &str, &[&str], Option<&str>) -> Result<(), Problem>>;

/// A resource's states and what leads from one to the next.
pub struct WorkflowTable {
    /// The resource's name, singular camelCase.
    pub name: &'static str,
    /// The database table that its things are stored in.
    pub stored_in: &'static str,
    /// The path of one of them.
    pub path: &'static str,
    /// Every state with its label.
    pub states: Vec<(&'static str, Localized)>,
    /// Those that it begins in.
    pub initial: Vec<&'static str>,
    /// Those that nothing leads out of.
    pub end: Vec<&'static str>,
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

impl WorkflowTable {
    /// The workflow of a resource.
    pub fn of<R: Resource + Stateful>() -> Self {
        let workflow = R::WORKFLOW;
        let codes = |states: &[R::State]| states.iter().map(|state| state.code()).collect::<Vec<_>>();
        Self {
            name: R::TYPE,
            stored_in: R::TABLE,
            path: R::PATH,
            states: R::State::ALL.iter().map(|state| (state.code(), state.label())).collect(),
            initial: codes(workflow.initial),
            end: codes(workflow.end),
            rows: workflow
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
                let state =
                    |code| R::State::from_code(code).ok_or_else(|| Problem::internal("no such state"));
                workflow.requested(state(from)?, state(to)?, roles, comment).map(|_| ())
            }),
        }
    }

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
