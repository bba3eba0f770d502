//! What somebody may do: one row of the policy table, and the type that stands for it in a handler's signature.

use super::caller::{Caller, Subject};
use super::scope::{RoleGrant, Scope};
use crate::platform::problem::{Code, Problem};

/// Who may do an action at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Those who hold one of the row's roles.
    Roles,
    /// Every person and client that has logged in; the roles tell how far.
    LoggedIn,
    /// Anyone, also without logging in; the roles tell how far.
    Anyone,
}

/// One row of the policy table.
#[derive(Debug)]
pub struct ActionRow {
    /// Stable name: `timeReport.sign`.
    pub name: &'static str,
    /// Who may at all.
    pub access: Access,
    /// Roles with their reach.
    pub roles: &'static [RoleGrant],
    /// What it is, for people: Swedish.
    pub sv: &'static str,
    /// What it is, for people: English.
    pub en: &'static str,
}

/// A type that stands for one row of the policy table.
pub trait Action: 'static {
    /// The row.
    const ROW: &'static ActionRow;
}

impl ActionRow {
    /// Where `caller` may do this, or the refusal: 401 for nobody, 403 when no held role carries it.
    pub fn scope_for(&self, caller: &Caller) -> Result<Scope, Problem> {
        let scope = self.scope_of(caller);
        let may = match self.access {
            Access::Anyone => true,
            Access::LoggedIn => caller.is_known() || caller.subject == Subject::System,
            Access::Roles => !scope.grants.is_empty(),
        };
        if may {
            return Ok(scope);
        }
        if !caller.is_known() {
            return Err(Problem::new(Code::Unauthenticated));
        }
        let roles = self.role_names();
        Err(Problem::new(Code::Forbidden).detail(
            format!("{} kräver någon av rollerna {roles}.", self.sv),
            format!("{} needs one of the roles {roles}.", self.en),
        ))
    }

    /// Where `caller` may do this, perhaps nowhere.
    pub fn scope_of(&self, caller: &Caller) -> Scope {
        let scope = Scope::of(caller, self.roles);
        if self.access == Access::LoggedIn { scope.with_own(caller) } else { scope }
    }

    /// The roles' codes, separated by commas.
    pub fn role_names(&self) -> String {
        let mut names: Vec<&str> = self.roles.iter().map(|grant| grant.role).collect();
        names.dedup();
        names.join(", ")
    }
}
