//! Who may grant which role, and where it may hold (guide §1, "Granting").

use super::Wanted;
use crate::identity::policy::Role::{self, *};
use crate::platform::auth::scope::{Keys, Scope};
use crate::platform::http::language::Words;
use crate::platform::http::problem::{Code, Fault, Problem};

/// Where a role holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The installation.
    Installation,
    /// A programme.
    Programme,
    /// A kommun in a programme.
    Kommun,
    /// A kommun in a programme, or the owner's own people.
    Organisation,
}

/// Where each role holds.
pub const fn holds(role: Role) -> Holds {
    match role {
        SystemAdmin => Holds::Installation,
        ProgrammeManager | Economist | MethodDeveloper | Auditor => Holds::Programme,
        ProcessSupporter | Applicant | Coordinator | KommunReader | Registrar | HrIntegration | Signatory => {
            Holds::Kommun
        }
        Attester | Participant => Holds::Organisation,
    }
}

/// The roles that a granter's role may give through `/role-assignments`. Applicant, participant and signatory come with
/// an application, a participant and a letter; an API client's role with the client.
pub const GRANTS: &[(Role, &[Role])] = &[
    (SystemAdmin, &[SystemAdmin, ProgrammeManager]),
    (
        ProgrammeManager,
        &[
            Economist,
            ProcessSupporter,
            MethodDeveloper,
            Attester,
            Coordinator,
            Registrar,
            Auditor,
            ProgrammeManager,
        ],
    ),
    (Coordinator, &[Attester, KommunReader]),
];

/// What is wrong with the wanted assignment in itself.
pub fn faults(wanted: &Wanted) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut wrong = |pointer: &str, is_wrong: bool, sv: &'static str, en: &'static str| {
        if is_wrong {
            faults.push(Fault::new(pointer, "wrongPlace", Words::fixed(sv, en)));
        }
    };
    let place = holds(wanted.role);
    let needs_programme = place != Holds::Installation;
    wrong(
        "/programmeId",
        needs_programme && wanted.programme_id.is_none(),
        "Rollen gäller i ett program.",
        "The role holds in a programme.",
    );
    wrong(
        "/programmeId",
        !needs_programme && wanted.programme_id.is_some(),
        "Rollen gäller hela installationen.",
        "The role holds for the installation.",
    );
    wrong(
        "/kommunkod",
        place == Holds::Kommun && wanted.kommunkod.is_none(),
        "Rollen gäller i en kommun.",
        "The role holds in a kommun.",
    );
    wrong(
        "/kommunkod",
        matches!(place, Holds::Installation | Holds::Programme) && wanted.kommunkod.is_some(),
        "Rollen gäller inte i en kommun.",
        "The role does not hold in a kommun.",
    );
    wrong(
        "/validTo",
        wanted.valid_to.is_some_and(|last| last < wanted.valid_from),
        "Sista dagen ligger före den första.",
        "The last day is before the first.",
    );
    wrong(
        "/validTo",
        wanted.role == Auditor && wanted.valid_to.is_none(),
        "En revisors roll har en sista dag.",
        "An auditor's role has a last day.",
    );
    faults
}

/// Whether the caller's scope lets them grant it: 403 naming who may.
pub fn may_grant(scope: &Scope, wanted: &Wanted) -> Result<(), Problem> {
    let keys =
        Keys { programme_id: wanted.programme_id, kommunkod: wanted.kommunkod.clone(), ..Keys::default() };
    let held = scope.roles_for(&keys);
    let may = GRANTS
        .iter()
        .any(|(granter, roles)| held.contains(&granter.as_str()) && roles.contains(&wanted.role));
    if may {
        return Ok(());
    }
    let granters: Vec<&str> = GRANTS
        .iter()
        .filter(|(_, roles)| roles.contains(&wanted.role))
        .map(|(granter, _)| granter.as_str())
        .collect();
    let role = wanted.role.as_str();
    Err(Problem::new(Code::NotYours).detail(
        format!("Rollen {role} ges här av: {}.", granters.join(", ")),
        format!("The role {role} is granted here by: {}.", granters.join(", ")),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::codes::Codes as _;

    #[test]
    fn nobody_grants_a_role_that_comes_with_something_else() {
        for role in [Applicant, Participant, Signatory, HrIntegration] {
            assert!(GRANTS.iter().all(|(_, roles)| !roles.contains(&role)), "{role}");
        }
    }

    #[test]
    fn every_other_role_is_granted_by_someone() {
        for role in
            Role::ALL.iter().filter(|r| ![Applicant, Participant, Signatory, HrIntegration].contains(r))
        {
            assert!(GRANTS.iter().any(|(_, roles)| roles.contains(role)), "{role}");
        }
    }
}
