//! An action: one row of the policy table, and the type that represents it in a handler's signature.

use super::caller::{Caller, Subject};
use super::deed::Deed;
use super::scope::{HasKeys, RoleGrant, Scope};
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Language;

/// Who may do an action. The scope then tells with which objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Callers with one of the row's roles.
    Roles,
    /// Every person and client that has logged in.
    LoggedIn,
    /// Anyone, also without login.
    Anyone,
}

/// One row of the policy table.
#[derive(Debug)]
pub struct ActionRow {
    /// Stable name: `timeReport.sign`.
    pub name: &'static str,
    /// Who may do it.
    pub access: Access,
    /// The roles, each with its reach.
    pub roles: &'static [RoleGrant],
    /// The roles that decide something by it, or register it on another's behalf. Steps say so in their workflow.
    pub deeds: &'static [(&'static str, Deed)],
    /// The Swedish text for people.
    pub sv: &'static str,
    /// The English text for people.
    pub en: &'static str,
}

/// A type that represents one row of the policy table.
pub trait Action: 'static {
    /// The row.
    const ROW: &'static ActionRow;
}

impl ActionRow {
    /// The scope in which `caller` may do this; 401 for an anonymous caller, 403 when no role of the caller allows it.
    pub fn scope_for(&self, caller: &Caller) -> Result<Scope, Problem> {
        let scope = self.scope_of(caller);
        let may = match self.access {
            Access::Anyone => true,
            Access::LoggedIn => caller.is_logged_in() || caller.subject == Subject::System,
            Access::Roles => !scope.grants.is_empty(),
        };
        if may {
            return Ok(scope);
        }
        if !caller.is_logged_in() {
            return Err(Problem::new(Code::Unauthenticated));
        }
        let roles = self.role_names();
        Err(Problem::new(Code::Forbidden).detail(
            format!("{} kräver någon av rollerna {roles}.", self.sv),
            format!("{} requires one of the roles {roles}.", self.en),
        ))
    }

    /// The scope in which `caller` may do this; it may be empty.
    pub fn scope_of(&self, caller: &Caller) -> Scope {
        let scope = Scope::of(caller, self.roles);
        if self.access == Access::LoggedIn { scope.with_own(caller) } else { scope }
    }

    /// 403 when a scope of this action does not include the object.
    pub fn check_reach(&self, scope: &Scope, object: &impl HasKeys) -> Result<(), Problem> {
        if self.access == Access::Anyone || scope.role_for(object).is_some() {
            return Ok(());
        }
        let roles = |language| {
            let roles: Vec<String> = self.roles.iter().map(|grant| grant.words(language)).collect();
            roles.join(", ")
        };
        Err(Problem::new(Code::NotYours).detail(
            format!("{} kräver för just denna någon av rollerna {}.", self.sv, roles(Language::Sv)),
            format!("{} requires for this object one of the roles {}.", self.en, roles(Language::En)),
        ))
    }

    /// What the action is in a role.
    pub fn deed(&self, role: &str) -> Deed {
        let mut deeds = self.deeds.iter().filter(|(decider, _)| *decider == role);
        deeds.next().map_or(Deed::NoDecision, |(_, deed)| *deed)
    }

    /// The roles' codes, separated by commas.
    pub fn role_names(&self) -> String {
        let mut names: Vec<&str> = self.roles.iter().map(|grant| grant.role).collect();
        names.dedup();
        names.join(", ")
    }
}
