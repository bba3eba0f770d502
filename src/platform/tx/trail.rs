//! What a transaction adds to the audit trail, and who acts in it.

use serde::Serialize;
use serde_json::Value;

use super::Tx;
use crate::platform::audit::{Audited, Chain, Event, role_in};
use crate::platform::auth::caller::Subject;
use crate::platform::problem::Problem;

impl Tx<'_> {
    /// Keeps that `after` was made.
    pub fn audit_created<T: Audited>(&mut self, after: &T) -> Result<(), Problem> {
        self.audit(after, "created", None, Some(after))
    }

    /// Keeps that `before` became `after`.
    pub fn audit_changed<T: Audited>(
        &mut self,
        action: &'static str,
        before: &T,
        after: &T,
    ) -> Result<(), Problem> {
        self.audit(after, action, Some(before), Some(after))
    }

    /// Keeps that a draft was deleted.
    pub fn audit_deleted<T: Audited>(&mut self, before: &T) -> Result<(), Problem> {
        self.audit(before, "deleted", Some(before), None)
    }

    fn audit<T: Audited>(
        &mut self,
        of: &T,
        action: &str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Result<(), Problem> {
        debug_assert!(
            matches!(action, "created") || T::ACTIONS.contains(&action) || T::STATES().contains(&action),
            "{}.{action}: declare the action where the row is `stored!`",
            T::TYPE
        );
        if T::changes_callers(before) {
            self.callers_change();
        }
        self.events.push(Event {
            chain: of.chain(),
            action: format!("{}.{action}", T::TYPE),
            resource_type: T::TYPE,
            resource_id: of.audit_id(),
            role: None,
            before: before.map(json).transpose()?,
            after: after.map(json).transpose()?,
        });
        Ok(())
    }

    /// Names who acts when the request did not say: the person who logs in or uses a link. Whoever has logged in already
    /// stays the actor.
    pub fn acts_as(&mut self, subject: Subject) {
        if self.ctx.caller.subject == Subject::Anonymous {
            self.actor = Some(subject);
        }
    }

    /// Who acts.
    pub(crate) fn subject(&self) -> Subject {
        self.actor.unwrap_or(self.ctx.caller.subject)
    }

    /// The role by which the actor acts on things of a chain.
    pub(crate) fn role_in(&self, chain: &Chain) -> Option<&'static str> {
        role_in(self.ctx, self.subject(), chain)
    }

    /// Names the role by which the last event was done, when it is not the permit's.
    pub fn audit_role(&mut self, role: &str) {
        if let Some(event) = self.events.last_mut() {
            event.role = Some(role.to_owned());
        }
    }
}

fn json<T: Serialize>(value: &T) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(Problem::internal)
}
