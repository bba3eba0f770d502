//! The audit events of a transaction, and the actor in them.

use serde::Serialize;

use super::Tx;
use crate::platform::audit::{Audited, Chain, Event, MIGRATED, STATUS_CHANGE, role_in};
use crate::platform::auth::caller::Subject;
use crate::platform::problem::Problem;

impl Tx<'_> {
    /// Records that `after` was created.
    pub fn audit_created<T: Audited>(&mut self, after: &T) -> Result<(), Problem> {
        self.audit(after, "created", None, Some(after))
    }

    /// Records that `before` was changed to `after`.
    pub fn audit_changed<T: Audited>(
        &mut self,
        action: &'static str,
        before: &T,
        after: &T,
    ) -> Result<(), Problem> {
        self.audit(after, action, Some(before), Some(after))
    }

    /// Records a change of state. `told` are the id and the comment of its row in the history of states, which `after` has not.
    pub(crate) fn audit_step<T: Audited>(
        &mut self,
        action: &'static str,
        (before, after): (&T, &T),
        told: &impl Serialize,
    ) -> Result<(), Problem> {
        self.audit_changed(action, before, after)?;
        let event = self.events.last_mut().and_then(|event| event.after.as_mut());
        let values = event.filter(|values| values.ends_with('}'));
        let values = values.ok_or_else(|| Problem::internal("a row that is no object"))?;
        values.pop();
        values.push_str(&format!(",\"{STATUS_CHANGE}\":{}}}", json(told)?));
        Ok(())
    }

    /// Records that `before` was deleted.
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
            matches!(action, "created" | MIGRATED)
                || T::ACTIONS.contains(&action)
                || T::STATES().contains(&action),
            "{}.{action}: declare the action in the row's `stored!`",
            T::TYPE
        );
        if T::invalidates_callers(before) {
            self.invalidate_callers();
        }
        self.events.push(Event {
            chain: of.chain(),
            action: format!("{}.{action}", T::TYPE),
            resource_type: T::TYPE,
            resource_id: of.audit_id(),
            role: None,
            before: before.map(json).transpose()?,
            after: after.map(json).transpose()?,
            reserved_for: of.reserved_for(),
        });
        Ok(())
    }

    /// Sets the actor of an anonymous request: the person who logs in or uses a link. A logged-in caller stays the
    /// actor.
    pub fn acts_as(&mut self, subject: Subject) {
        if self.ctx.caller.subject == Subject::Anonymous {
            self.actor = Some(subject);
        }
    }

    /// The actor.
    pub(crate) fn subject(&self) -> Subject {
        self.actor.unwrap_or(self.ctx.caller.subject)
    }

    /// The role that allows the actor to act in a chain.
    pub(crate) fn role_in(&self, chain: &Chain) -> Option<&'static str> {
        role_in(self.ctx, self.subject(), chain)
    }

    /// Sets the role of the last event. Without this call the role is that of `role_in` for the chain.
    pub fn set_audit_role(&mut self, role: &str) {
        if let Some(event) = self.events.last_mut() {
            event.role = Some(role.to_owned());
        }
    }
}

fn json<T: Serialize>(value: &T) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(Problem::internal)
}
