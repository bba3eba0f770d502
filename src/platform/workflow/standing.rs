//! Who may take which step: what the caller is to the rows, and the part that they had in their history.

use diesel::prelude::*;

use super::{AllowedTransition, By, Stateful};
use crate::platform::auth::scope::HasKeys;
use crate::platform::codes::Codes as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::schema::status_changes;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::relations::{Deed, Relation, Standing, Thing};
use crate::platform::tx::Rx;

impl Standing {
    /// What the caller is to rows whose next steps decide something: [`of`](Self::of), with those who took the steps that
    /// decided nothing or were taken on another's behalf as authors. Nothing is loaded for a caller without a role that
    /// decides.
    pub fn for_steps<R: Stateful + HasKeys>(rx: &mut Rx<'_>, rows: &[R]) -> Result<Self, Problem> {
        let held = &rx.ctx.caller.assignments;
        let is_callers = |by: By| match by {
            By::Roles(roles) => held.iter().any(|assignment| roles.contains(&assignment.role.as_str())),
            By::Clock | By::Effect(_) => false,
        };
        let decides = |state: R::State| {
            let mut steps = R::WORKFLOW.transitions.iter().filter(|step| step.from.contains(&state));
            steps.any(|step| step.deed != Deed::NoDecision && is_callers(step.by))
        };
        let things: Vec<Thing<'_>> = rows.iter().filter(|row| decides(row.state())).map(Thing::of).collect();
        let mut standing = Self::of(rx, &things)?;
        if let Some(person) = rx.ctx.caller.person_id() {
            standing.add(authors::<R>(rx, person, &things)?);
        }
        Ok(standing)
    }

    /// The steps that the workflow gives the roles and from which no relation keeps the caller.
    pub fn allowed<R: Stateful>(&self, row: &R, roles: &[&str]) -> Vec<AllowedTransition> {
        let mut allowed = R::WORKFLOW.allowed(row.state(), roles);
        allowed.retain(|step| {
            let to = R::State::from_code(&step.to);
            let taken = to.and_then(|to| R::WORKFLOW.row(row.state(), to, roles));
            taken.is_none_or(|(taken, _)| !self.is_barred(row.id(), taken.deed))
        });
        allowed
    }
}

/// The things with whose history the person had a part that was no decision.
fn authors<R: Stateful>(
    rx: &mut Rx<'_>,
    person: Id,
    things: &[Thing<'_>],
) -> Result<Vec<(Id, Relation)>, Problem> {
    if things.is_empty() {
        return Ok(Vec::new());
    }
    let steps = status_changes::table
        .filter(status_changes::resource_id.one_of(things.iter().map(|thing| thing.id)))
        .filter(status_changes::by_id.assume_not_null().eq(person))
        .select((
            status_changes::resource_id,
            status_changes::from_status,
            status_changes::to_status,
            status_changes::role,
        ));
    let steps: Vec<(Id, String, String, String)> = steps.load(rx.db)?;
    let made = steps.into_iter().filter(|(_, from, to, role)| {
        let states = R::State::from_code(from).zip(R::State::from_code(to));
        let row = states.and_then(|(from, to)| R::WORKFLOW.row(from, to, &[role.as_str()]));
        row.is_some_and(|(row, _)| matches!(row.deed, Deed::NoDecision | Deed::OnBehalf))
    });
    Ok(made.map(|(thing, ..)| (thing, Relation::Author)).collect())
}
