//! Who may grant which role, and where a role is valid (guide §1, "Granting").

use super::{AssignmentRow, Wanted};
use crate::identity::policy::Role::{self, *};
use crate::platform::auth::scope::{AuthzKeys, Scope};
use crate::platform::moment::Day;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;

/// The kind of place in which a role is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The installation.
    Installation,
    /// A programme.
    Programme,
    /// A kommun in a programme.
    Kommun,
    /// A kommun in a programme, or the owner's own staff.
    Organisation,
}

/// The kind of place of each role.
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

/// The roles that each role may grant through `/role-assignments`. Applicant, participant and signatory come with an
/// application, a participant and a letter; the role of an API client comes with the client.
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

/// Every error in the wanted assignment that needs no other data.
pub fn faults(wanted: &Wanted) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let mut add = |pointer: &str, code, is_wrong: bool, sv: &'static str, en: &'static str| {
        if is_wrong {
            faults.push(FieldError::new(pointer, code, Localized::fixed(sv, en)));
        }
    };
    let mut wrong = |pointer, is_wrong, sv, en| add(pointer, "wrongPlace", is_wrong, sv, en);
    let place = holds(wanted.role);
    let needs_programme = place != Holds::Installation;
    wrong(
        "/programmeId",
        needs_programme && wanted.programme_id.is_none(),
        "Rollen gäller i ett program.",
        "The role is valid in a programme.",
    );
    wrong(
        "/programmeId",
        !needs_programme && wanted.programme_id.is_some(),
        "Rollen gäller hela installationen.",
        "The role is valid for the whole installation.",
    );
    wrong(
        "/kommunkod",
        place == Holds::Kommun && wanted.kommunkod.is_none(),
        "Rollen gäller i en kommun.",
        "The role is valid in a kommun.",
    );
    wrong(
        "/kommunkod",
        matches!(place, Holds::Installation | Holds::Programme) && wanted.kommunkod.is_some(),
        "Rollen gäller inte i en kommun.",
        "The role is not valid in a kommun.",
    );
    add(
        "/validTo",
        "wrongOrder",
        wanted.valid_to.is_some_and(|last| last < wanted.valid_from),
        "Sista dagen ligger före den första.",
        "The last day is before the first.",
    );
    add(
        "/validTo",
        "required",
        wanted.role == Auditor && wanted.valid_to.is_none(),
        "En revisors roll har en sista dag.",
        "The role of an auditor needs a last day.",
    );
    faults
}

/// 403, naming the roles that may grant it, unless the scope allows the caller to.
pub fn may_grant(scope: &Scope, wanted: &Wanted) -> Result<(), Problem> {
    let keys = AuthzKeys {
        programme_id: wanted.programme_id,
        kommunkod: wanted.kommunkod.as_deref(),
        ..AuthzKeys::default()
    };
    let held = scope.roles_for(&keys);
    let granters: Vec<&str> = GRANTS
        .iter()
        .filter(|(granter, roles)| roles.contains(&wanted.role) && gives_there(*granter, wanted))
        .map(|(granter, _)| granter.as_str())
        .collect();
    if granters.iter().any(|granter| held.contains(granter)) {
        return Ok(());
    }
    let role = wanted.role.as_str();
    let problem = Problem::new(Code::NotYours);
    Err(match comes_with(wanted.role) {
        Some((sv, en)) => problem.detail(
            format!("Rollen {role} följer med {sv} och ges inte för sig."),
            format!("The role {role} comes with {en} and is not granted by itself."),
        ),
        None => problem.detail(
            format!("Rollen {role} ges här av: {}.", granters.join(", ")),
            format!("The role {role} is granted here by: {}.", granters.join(", ")),
        ),
    })
}

/// Whether the role is about the kommun's own case, and not only about its holder: nobody of the kommun's team ends it for SKR.
pub fn speaks_for_kommun(role: Role) -> bool {
    matches!(role, Applicant | Signatory)
}

/// What a role comes with that nobody grants by itself, in Swedish and English.
fn comes_with(role: Role) -> Option<(&'static str, &'static str)> {
    match role {
        Applicant => Some(("en intresseanmälan", "an application")),
        Participant => {
            Some(("en plats i ett team (POST /participants)", "a place in a team (POST /participants)"))
        }
        Signatory => Some(("en avsiktsförklaring", "an avsiktsförklaring")),
        HrIntegration => Some(("en API-klient (POST /api-clients)", "an API client (POST /api-clients)")),
        _ => None,
    }
}

/// Whether the granter grants in this kind of place. Attesters belong to a kommun or to the owner: a coordinator appoints
/// those of the kommun, a programme manager those of the owner.
fn gives_there(granter: Role, wanted: &Wanted) -> bool {
    match granter {
        Coordinator => wanted.kommunkod.is_some(),
        ProgrammeManager => holds(wanted.role) != Holds::Organisation || wanted.kommunkod.is_none(),
        _ => true,
    }
}

/// 403 unless the caller may end the assignment or move its last day. Callers who may grant the role may do so. A role that
/// comes with another resource ends with that resource, except that the programme manager may end the role of an applicant
/// or a signatory.
pub fn may_end(scope: &Scope, row: &AssignmentRow) -> Result<(), Problem> {
    let keys = AuthzKeys {
        programme_id: row.programme_id,
        kommunkod: row.kommunkod.as_deref(),
        ..AuthzKeys::default()
    };
    let by_manager = matches!(row.role, Applicant | Signatory);
    if by_manager && scope.roles_for(&keys).contains(&ProgrammeManager.as_str()) {
        return Ok(());
    }
    may_grant(scope, &row.as_wanted())
}

/// The assignment with another last day, or the errors of that day. Past days cannot be changed: the earliest last day is
/// yesterday, which ends the role at once.
pub fn with_last_day(row: &AssignmentRow, last: Option<Day>, today: Day) -> Result<Wanted, Problem> {
    let mut wanted = row.as_wanted();
    wanted.valid_to = last;
    // A role that is withdrawn before or on its first day ends before that day.
    wanted.valid_from = wanted.valid_from.min(last.unwrap_or(wanted.valid_from));
    let mut faults = faults(&wanted);
    if last.is_some_and(|last| last < today.plus_days(-1)) {
        let words = Localized::fixed(
            "Tidigast i går, vilket avslutar rollen genast.",
            "Yesterday at the earliest, which ends the role at once.",
        );
        faults.push(FieldError::new("/validTo", "inThePast", words));
    }
    Code::InvalidInput.refuse_any(faults)?;
    if row.valid_to.is_some_and(|ended| ended < today) {
        let words = Localized::fixed(
            "Rollen har redan upphört; ge den på nytt.",
            "The role has already ended; grant it again.",
        );
        return Err(
            Problem::new(Code::StateConflict).errors(vec![FieldError::new("/validTo", "ended", words)])
        );
    }
    Ok(wanted)
}

/// The errors in the days of a role to grant: it cannot begin in the past.
pub fn day_faults(wanted: &Wanted, today: Day) -> Vec<FieldError> {
    if wanted.valid_from >= today {
        return Vec::new();
    }
    let words =
        Localized::fixed("En roll ges tidigast från i dag.", "A role can begin today at the earliest.");
    vec![FieldError::new("/validFrom", "inThePast", words)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::auth::scope::{Grant, Place};
    use crate::platform::context::Context;
    use crate::platform::ids::Id;

    fn id(n: u128) -> Id {
        Id(uuid::Uuid::from_u128(n))
    }

    fn day(d: u32) -> Day {
        Day::new(2021, 3, d).unwrap()
    }

    fn wanted(role: Role, programme: Option<u128>, kommun: Option<&str>) -> Wanted {
        Wanted {
            programme_id: programme.map(id),
            kommunkod: kommun.map(str::to_owned),
            ..Wanted::new(id(9), role, id(1), None, day(10))
        }
    }

    fn scope(role: Role, place: Place) -> Scope {
        Scope { grants: vec![Grant { role: role.as_str(), place }] }
    }

    fn held(role: Role) -> AssignmentRow {
        let ctx = Context::example();
        AssignmentRow::new(&ctx, &wanted(role, Some(1), Some("2582")))
    }

    #[test]
    fn nobody_grants_a_role_that_comes_with_another_resource() {
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

    #[test]
    fn a_coordinator_grants_attester_and_reader_only_in_their_own_kommun() {
        let boden = scope(Coordinator, Place::Kommun(id(1), "2582".into()));
        for role in Role::ALL {
            let own = may_grant(&boden, &wanted(*role, Some(1), Some("2582"))).is_ok();
            assert_eq!(own, matches!(role, Attester | KommunReader), "{role}");
            assert!(may_grant(&boden, &wanted(*role, Some(1), Some("0114"))).is_err(), "{role} elsewhere");
            assert!(
                may_grant(&boden, &wanted(*role, Some(2), Some("2582"))).is_err(),
                "{role} in another programme"
            );
            assert!(may_grant(&boden, &wanted(*role, Some(1), None)).is_err(), "{role} in the programme");
        }
    }

    #[test]
    fn a_manager_appoints_the_attesters_of_the_owner_but_not_of_a_kommun() {
        let manager = scope(ProgrammeManager, Place::Programme(id(1)));
        let (owners, bodens) = (wanted(Attester, Some(1), None), wanted(Attester, Some(1), Some("2582")));
        assert!(may_grant(&manager, &owners).is_ok() && may_grant(&manager, &bodens).is_err());
        assert!(may_end(&manager, &held(Attester)).is_err());
        for role in [Coordinator, Registrar, ProcessSupporter] {
            assert!(may_grant(&manager, &wanted(role, Some(1), Some("2582"))).is_ok(), "{role}");
        }
    }

    #[test]
    fn only_an_administrator_makes_an_administrator() {
        let admin = scope(SystemAdmin, Place::Everywhere);
        let manager = scope(ProgrammeManager, Place::Programme(id(1)));
        assert!(may_grant(&admin, &wanted(SystemAdmin, None, None)).is_ok());
        assert!(may_grant(&manager, &wanted(SystemAdmin, None, None)).is_err());
        assert!(may_grant(&admin, &wanted(Economist, Some(1), None)).is_err());
    }

    #[test]
    fn a_role_is_refused_in_every_kind_of_place_but_its_own() {
        for role in Role::ALL {
            let fits = |programme: bool, kommun: bool| match holds(*role) {
                Holds::Installation => !programme && !kommun,
                Holds::Programme => programme && !kommun,
                Holds::Kommun => programme && kommun,
                Holds::Organisation => programme,
            };
            for (programme, kommun) in [(false, false), (true, false), (true, true), (false, true)] {
                let mut it = wanted(*role, programme.then_some(1), kommun.then_some("2582"));
                it.valid_to = Some(day(20));
                assert_eq!(faults(&it).is_empty(), fits(programme, kommun), "{role} {programme} {kommun}");
            }
        }
    }

    #[test]
    fn an_auditor_has_a_last_day_and_no_role_is_backdated() {
        assert_eq!(faults(&wanted(Auditor, Some(1), None)).len(), 1);
        assert_eq!(day_faults(&wanted(Economist, Some(1), None), day(11)).len(), 1);
        assert!(day_faults(&wanted(Economist, Some(1), None), day(10)).is_empty());
    }

    #[test]
    fn a_role_ends_yesterday_at_the_earliest_and_only_once() {
        let row = held(Coordinator);
        assert!(with_last_day(&row, Some(day(9)), day(10)).is_ok());
        assert_eq!(with_last_day(&row, Some(day(8)), day(10)).unwrap_err().code, Code::InvalidInput);
        assert!(with_last_day(&row, None, day(10)).is_ok());
        let ended = AssignmentRow { valid_to: Some(day(9)), ..row };
        assert_eq!(with_last_day(&ended, None, day(10)).unwrap_err().code, Code::StateConflict);
    }

    #[test]
    fn a_role_that_comes_with_another_resource_ends_with_it() {
        let manager = scope(ProgrammeManager, Place::Programme(id(1)));
        let boden = scope(Coordinator, Place::Kommun(id(1), "2582".into()));
        assert!(may_end(&manager, &held(Applicant)).is_ok());
        assert!(may_end(&manager, &held(Participant)).is_err());
        assert!(may_end(&boden, &held(Applicant)).is_err());
        assert!(may_end(&boden, &held(Coordinator)).is_err());
        assert!(may_end(&boden, &held(Attester)).is_ok());
    }
}
