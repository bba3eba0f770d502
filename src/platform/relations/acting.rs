//! Decisions that are no step of a workflow.

use super::{Standing, Thing};
use crate::platform::auth::action::Action;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

impl Tx<'_> {
    /// The caller's roles for the thing in which they may do `A`, the permit's action: those from which no relation to it keeps
    /// them. 403 `ownWork` when none is left.
    pub fn roles_without_own_case<A: Action>(
        &mut self,
        thing: &Thing<'_>,
    ) -> Result<Vec<&'static str>, Problem> {
        let mut roles = self.ctx.scope.roles_for(&thing.keys);
        let deeds: Vec<_> = roles.iter().map(|role| A::ROW.deed(role)).collect();
        let standing = Standing::of(&mut self.as_read(), std::slice::from_ref(thing))?;
        roles.retain(|role| !standing.is_barred(thing.id, A::ROW.deed(role)));
        match deeds.first().filter(|_| roles.is_empty()) {
            Some(deed) => standing.check(thing.id, *deed).map(|()| roles),
            None => Ok(roles),
        }
    }

    /// 403 `ownWork` when a relation to the thing keeps the caller from `A`, the permit's action, in every role that they hold for
    /// it.
    pub fn check_not_own_case<A: Action>(&mut self, thing: &Thing<'_>) -> Result<(), Problem> {
        self.roles_without_own_case::<A>(thing).map(|_| ())
    }
}
