//! A workflow without type parameters, for `docs/generated/workflows.md` and for the contract test that tries every
//! state with every role.

use super::{By, Need, Stateful};
use crate::platform::auth::found::Resource;
use crate::platform::codes::Codes as _;
use crate::platform::problem::Problem;
use crate::platform::relations::Deed;
use crate::platform::text::Localized;

/// Requests a transition like `status-changes` does. Arguments: code of the state before, of the state after, roles,
/// comment.
type Ask = Box<dyn Fn(&str, &str, &[&str], Option<&str>) -> Result<(), Problem>>;

/// The states and transitions of a resource.
pub struct WorkflowTable {
    /// The resource's name, singular camelCase.
    pub name: &'static str,
    /// The database table of its rows.
    pub stored_in: &'static str,
    /// Whether it is a kommun's case, and not one of its people's.
    pub is_about_kommun: bool,
    /// Whether it is about one person.
    pub is_about_person: bool,
    /// The path of one resource.
    pub path: &'static str,
    /// All states with their labels.
    pub states: Vec<(&'static str, Localized)>,
    /// The states of a new resource.
    pub initial: Vec<&'static str>,
    /// The states that no transition leaves.
    pub end: Vec<&'static str>,
    /// All transitions, in the order of the table.
    pub rows: Vec<TableRow>,
    ask: Ask,
}

/// One transition.
#[derive(Clone, Debug)]
pub struct TableRow {
    /// The states that it leads from.
    pub from: Vec<&'static str>,
    /// The state that it leads to.
    pub to: &'static str,
    /// Who makes it.
    pub by: By,
    /// Whether a comment must say why.
    pub requires_comment: bool,
    /// The members of `data` that it requires.
    pub requires: &'static [Need],
    /// Whether it decides something.
    pub deed: Deed,
}

impl WorkflowTable {
    /// The workflow of a resource.
    pub fn of<R: Resource + Stateful>() -> Self {
        let workflow = R::WORKFLOW;
        let codes = |states: &[R::State]| states.iter().map(|state| state.code()).collect::<Vec<_>>();
        Self {
            name: R::TYPE,
            stored_in: R::TABLE,
            is_about_person: R::COLUMNS.contains(&"person_id"),
            is_about_kommun: R::COLUMNS.contains(&"kommunkod") && !R::COLUMNS.contains(&"person_id"),
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
                    requires: row.requires,
                    deed: row.deed,
                })
                .collect(),
            ask: Box::new(move |from, to, roles, comment| {
                let state =
                    |code| R::State::from_code(code).ok_or_else(|| Problem::internal("no such state"));
                workflow.requested(state(from)?, state(to)?, roles, comment).map(|_| ())
            }),
        }
    }

    /// The answer of the workflow to a caller with these roles who requests a step. The resource's own rules come on
    /// top.
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
