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

    /// Asks a rule with the roles from which no relation to the thing keeps the caller. 403 `ownWork` when the rule refuses these,
    /// but would let through a role that a relation takes away.
    pub fn check_roles_without_own_case<A: Action>(
        &mut self,
        thing: &Thing<'_>,
        check: impl Fn(&[&str]) -> Result<(), Problem>,
    ) -> Result<Vec<&'static str>, Problem> {
        let roles = self.roles_without_own_case::<A>(thing)?;
        let Err(refused) = check(&roles) else { return Ok(roles) };
        let held = self.ctx.scope.roles_for(&thing.keys);
        check(&held).map_err(|_| refused.clone())?;
        let standing = Standing::of(&mut self.as_read(), std::slice::from_ref(thing))?;
        let mut lost = held.iter().filter(|role| !roles.contains(role));
        Err(lost.find_map(|role| standing.check(thing.id, A::ROW.deed(role)).err()).unwrap_or(refused))
    }

    /// 403 `ownWork` when a relation to the thing keeps the caller from `A`, the permit's action, in every role that they hold for
    /// it.
    pub fn check_not_own_case<A: Action>(&mut self, thing: &Thing<'_>) -> Result<(), Problem> {
        self.roles_without_own_case::<A>(thing).map(|_| ())
    }
}
