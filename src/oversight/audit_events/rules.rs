//! The audit chains that a scope reaches. Pure.

use crate::identity::policy::Role;
use crate::platform::audit::Chain;
use crate::platform::auth::scope::{Place, Scope};
use crate::platform::ids::Id;

/// A set of chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// Every chain; only the program itself reaches all.
    All,
    /// The chain of the installation.
    Installation,
    /// The chain of a programme and those of its kommuner, as a holder of this role reads them.
    Programme(&'static str, Id),
}

/// The chains that a scope reaches. In the policy table the operator reaches the whole installation, but the operator may
/// not see case content (guide §1), so only the chain of the installation is reached.
pub fn reached(scope: &Scope) -> Vec<Reached> {
    let chains = scope.grants.iter().filter_map(|grant| match grant.place {
        Place::Everywhere if grant.role == Role::SystemAdmin.as_str() => Some(Reached::Installation),
        Place::Everywhere => Some(Reached::All),
        Place::Programme(id) => Some(Reached::Programme(grant.role, id)),
        _ => None,
    });
    chains.collect()
}

/// Whether a scope reaches a chain, by its name.
pub fn reaches(scope: &Scope) -> impl Fn(&str) -> bool {
    let reached = reached(scope);
    move |name| holds(&reached, name)
}

/// Whether a scope reaches any chain.
pub fn reaches_any(scope: &Scope) -> bool {
    !reached(scope).is_empty()
}

/// The SQL condition, for a reader with this role, that an event of the programme may be read: it is not reserved for another
/// role, or another event of the same object is not, because its role can see the object or could see it later. Before
/// events could be reserved, those of applications whose address was not proved were the only ones that not every reader
/// may read; they are known by their action and state.
pub fn readable(role: &str) -> String {
    let open = |events: &str| {
        let unreserved = format!("({events}.reserved_for IS NULL OR {events}.reserved_for = '{role}')");
        if role == Role::ProgrammeManager.as_str() {
            return unreserved;
        }
        let unproved = format!(
            "({events}.action = 'application.expired' OR ({events}.action = 'application.created' AND \
             COALESCE({events}.after_values, '') LIKE '%\"status\":\"unverified\"%'))"
        );
        format!("({unreserved} AND NOT ({events}.formula < 3 AND {unproved}))")
    };
    let another = format!(
        "EXISTS (SELECT 1 FROM audit_events AS others WHERE others.resource_id = audit_events.resource_id \
         AND others.resource_type = audit_events.resource_type AND {})",
        open("others")
    );
    format!("({} OR {another})", open("audit_events"))
}

/// Whether the set contains the chain with this name.
pub fn holds(reached: &[Reached], name: &str) -> bool {
    reached.iter().any(|reached| match reached {
        Reached::All => true,
        Reached::Installation => name == Chain::Installation.name(),
        Reached::Programme(_, id) => {
            let rest = name.strip_prefix(&Chain::Programme(*id).name());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::policy::AuditRead;
    use crate::platform::auth::action::Action as _;
    use crate::platform::auth::caller::{Assignment, Caller, Subject};
    use crate::platform::context::Context;

    fn scope_of(role: Role, programme: Id) -> Scope {
        let person = Subject::Person(Context::example().new_id());
        let assignment = Assignment {
            role: role.as_str().into(),
            programme_id: Some(programme),
            kommunkod: Some("2582".into()),
            ..Assignment::default()
        };
        AuditRead::ROW.scope_of(&Caller { subject: person, session_id: None, assignments: vec![assignment] })
    }

    #[test]
    fn the_operator_reads_the_installation_and_staff_their_programme() {
        let programme = Context::example().new_id();
        assert_eq!(reached(&scope_of(Role::SystemAdmin, programme)), [Reached::Installation]);
        for role in [Role::ProgrammeManager, Role::Economist, Role::Auditor] {
            let expected = Reached::Programme(role.as_str(), programme);
            assert_eq!(reached(&scope_of(role, programme)), [expected], "{role}");
        }
    }

    #[test]
    fn a_programme_contains_its_own_chain_and_those_of_its_kommuner() {
        let ctx = Context::example();
        let (own, other) = (ctx.new_id(), ctx.new_id());
        let own_chains = Reached::Programme(Role::Auditor.as_str(), own);
        let names = |id| [Chain::Programme(id).name(), Chain::Kommun(id, "2582".into()).name()];
        for name in names(own) {
            assert!(holds(&[own_chains], &name) && holds(&[Reached::All], &name));
            assert!(!holds(&[Reached::Installation], &name) && !holds(&[], &name));
        }
        assert!(!names(other).iter().any(|name| holds(&[own_chains], name)));
        assert!(holds(&[Reached::Installation], "installation"));
        assert!(!holds(&[own_chains], "installation"));
    }

    #[test]
    fn other_roles_read_no_chain() {
        let readers = [Role::SystemAdmin, Role::ProgrammeManager, Role::Economist, Role::Auditor];
        let programme = Context::example().new_id();
        for role in Role::ALL.iter().filter(|role| !readers.contains(role)) {
            assert!(reached(&scope_of(*role, programme)).is_empty(), "{role}");
        }
    }
}
