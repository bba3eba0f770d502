//! The requirements on a participant, and who sees which of its fields (guide §1, §4). Pure.

use crate::identity::policy::Role;
use crate::platform::moment::{Day, Month};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::programmes::programme::ProgrammeRow;
use crate::team::{self, FinancingForm, Organisation, Period};

/// The errors of the days: out of order, or outside the programme.
pub fn date_faults(period: Period, programme: &ProgrammeRow) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let of_programme = Period::new(programme.starts_on, Some(programme.ends_on));
    let mut outside = |pointer: &str| {
        let words = Localized::new(
            format!("Programmet pågår {}–{}.", programme.starts_on, programme.ends_on),
            format!("The programme runs {}–{}.", programme.starts_on, programme.ends_on),
        );
        faults.push(FieldError::new(pointer, "outsideProgramme", words));
    };
    if !of_programme.holds(period.from) {
        outside("/validFrom");
    }
    if period.to.is_some_and(|last| last > programme.ends_on) {
        outside("/validTo");
    }
    faults.extend(team::order_fault(period));
    faults
}

/// Whether no more time is expected from a participation: its last day is in a locked month, or before the programme starts
/// (this marks a participation that never began).
pub fn is_settled(period: Period, starts_on: Day, locked: &[Month]) -> bool {
    period.to.is_some_and(|last| last < starts_on || locked.contains(&last.month()))
}

/// 403 unless one of the caller's roles in the team may add such a participant: a coordinator adds members of their own kommun,
/// a programme manager the owner's staff and the coordinators of kommuner (guide §1, "Granting").
pub fn may_add(roles: &[&str], organisation: Organisation, is_coordinator: bool) -> Result<(), Problem> {
    let is_by_manager = organisation == Organisation::Owner || is_coordinator;
    let granter = if is_by_manager { Role::ProgrammeManager } else { Role::Coordinator };
    if roles.contains(&granter.as_str()) {
        return Ok(());
    }
    let problem = Problem::new(Code::NotYours);
    Err(if is_by_manager {
        problem.detail(
            "Vem som är koordinator ändras av programmeManager.",
            "A programmeManager decides who is a coordinator.",
        )
    } else {
        problem.detail(
            "En kommuns medarbetare läggs till av kommunens coordinator; programmeManager lägger till \
             projektägarens egna och den som är koordinator.",
            "A kommun's members are added by the kommun's coordinator; a programmeManager adds the owner's staff and \
             the coordinators.",
        )
    })
}

/// An error for a coordinator among the owner's staff.
pub fn coordinator_fault(organisation: Organisation, is_coordinator: bool) -> Option<FieldError> {
    let words = Localized::fixed("Bara en kommun har koordinatorer.", "Only a kommun has coordinators.");
    let is_wrong = is_coordinator && organisation == Organisation::Owner;
    is_wrong.then(|| FieldError::new("/isCoordinator", "wrongPlace", words))
}

/// How a person's time is paid for: the time of a kommun's members is always co-financing; that of the owner's staff is a
/// direct cost, or co-financing if it is requested and the programme's settings allow it (guide §4).
pub fn financing_form(
    organisation: Organisation,
    wanted: Option<FinancingForm>,
    owner_in_kind_allowed: bool,
) -> Result<FinancingForm, FieldError> {
    let (usual, is_other_allowed) = match organisation {
        Organisation::Kommun => (FinancingForm::CoFinancing, false),
        Organisation::Owner => (FinancingForm::DirectCost, owner_in_kind_allowed),
    };
    match wanted {
        Some(other) if other != usual && !is_other_allowed => {
            let words = match organisation {
                Organisation::Kommun => Localized::fixed(
                    "En kommuns medarbetare är alltid medfinansiering.",
                    "The time of a kommun's members is always co-financing.",
                ),
                Organisation::Owner => Localized::fixed(
                    "Programmets inställningar medger inte att projektägarens tid är medfinansiering.",
                    "The programme's settings do not allow co-financing for the owner's staff.",
                ),
            };
            Err(FieldError::new("/financingForm", "notAllowed", words))
        }
        wanted => Ok(wanted.unwrap_or(usual)),
    }
}

/// Which of a participant's sensitive fields a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Work e-mail.
    pub email: bool,
    /// Employee number.
    pub employee_number: bool,
}

/// What a reader with these roles sees. A team member sees neither field. Attesters and process supporters see the e-mail. All
/// other roles see both fields. A person sees both of their own (`is_own`), and a coordinator sees the e-mail of coordinators
/// in other kommuner (`is_colleague`).
pub fn sight(roles: &[&str], is_own: bool, is_colleague: bool) -> Sight {
    let beyond =
        |limited: &[Role]| roles.iter().any(|role| limited.iter().all(|other| other.as_str() != *role));
    Sight {
        email: is_own || is_colleague || beyond(&[Role::Participant]),
        employee_number: is_own || beyond(&[Role::Participant, Role::Attester, Role::ProcessSupporter]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::context::Context;
    use proptest::prelude::*;

    fn programme() -> ProgrammeRow {
        ProgrammeRow::example(&Context::example()).unwrap()
    }

    fn period(from: &str, to: Option<&str>) -> Period {
        Period::new(from.parse().unwrap(), to.map(|text| text.parse().unwrap()))
    }

    #[test]
    fn the_days_lie_in_the_programme() {
        let programme = programme();
        assert!(date_faults(period("2021-01-01", Some("2022-12-31")), &programme).is_empty());
        assert!(date_faults(period("2022-12-31", None), &programme).is_empty());
        let faults = date_faults(period("2020-12-31", Some("2023-01-01")), &programme);
        assert_eq!(
            faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(),
            ["/validFrom", "/validTo"]
        );
        assert_eq!(date_faults(period("2021-03-02", Some("2021-03-01")), &programme)[0].code, "wrongOrder");
    }

    #[test]
    fn a_kommun_never_has_direct_costs() {
        let form = |organisation, wanted, allowed| financing_form(organisation, wanted, allowed).ok();
        for allowed in [false, true] {
            assert_eq!(form(Organisation::Kommun, None, allowed), Some(FinancingForm::CoFinancing));
            assert_eq!(form(Organisation::Kommun, Some(FinancingForm::DirectCost), allowed), None);
            assert_eq!(form(Organisation::Owner, None, allowed), Some(FinancingForm::DirectCost));
        }
        assert_eq!(form(Organisation::Owner, Some(FinancingForm::CoFinancing), false), None);
        assert_eq!(
            form(Organisation::Owner, Some(FinancingForm::CoFinancing), true),
            Some(FinancingForm::CoFinancing)
        );
    }

    #[test]
    fn a_team_member_sees_neither_email_nor_employee_number() {
        let seen = |roles: &[&str], own| {
            let sight = sight(roles, own, false);
            (sight.email, sight.employee_number)
        };
        assert_eq!(seen(&["participant"], false), (false, false));
        assert_eq!(seen(&["participant"], true), (true, true));
        assert_eq!(seen(&["participant", "attester"], false), (true, false));
        assert_eq!(seen(&["processSupporter"], false), (true, false));
        for role in ["programmeManager", "economist", "auditor", "coordinator"] {
            assert_eq!(seen(&["participant", role], false), (true, true), "{role}");
        }
        assert_eq!(seen(&[], false), (false, false));
        let coordinator_elsewhere = sight(&[], false, true);
        assert!(coordinator_elsewhere.email && !coordinator_elsewhere.employee_number);
    }

    #[test]
    fn coordinators_add_their_team_and_managers_the_staff() {
        let may = |roles: &[&str], organisation, is_coordinator| {
            may_add(roles, organisation, is_coordinator).is_ok()
        };
        let (manager, coordinator) = ("programmeManager", "coordinator");
        assert!(may(&[manager], Organisation::Owner, false) && may(&[manager], Organisation::Kommun, true));
        assert!(!may(&[manager], Organisation::Kommun, false));
        assert!(may(&[coordinator], Organisation::Kommun, false));
        assert!(!may(&[coordinator], Organisation::Kommun, true));
        assert!(may(&[manager, coordinator], Organisation::Kommun, false));
    }

    #[test]
    fn a_participation_is_settled_when_the_month_of_its_last_day_is_locked() {
        let starts_on = "2021-01-01".parse().unwrap();
        let locked: Vec<Month> = ["2021-01", "2021-03"].iter().map(|month| month.parse().unwrap()).collect();
        let settled = |from, to| is_settled(period(from, to), starts_on, &locked);
        assert!(settled("2021-01-01", Some("2021-01-20")) && settled("2021-01-01", Some("2021-03-31")));
        assert!(!settled("2021-01-01", Some("2021-02-20")) && !settled("2021-01-01", None));
        assert!(settled("2020-12-31", Some("2020-12-31")));
    }

    proptest! {
        #[test]
        fn accepted_days_lie_in_the_programme(from in -400_i64..1200, length in prop::option::of(-10_i64..900)) {
            let programme = programme();
            let from = Day::new(2021, 1, 1).unwrap().plus_days(from);
            let period = Period::new(from, length.map(|n| from.plus_days(n)));
            let last = period.to.unwrap_or(programme.ends_on);
            let lies_within = programme.starts_on <= from && from <= last && last <= programme.ends_on;
            prop_assert_eq!(date_faults(period, &programme).is_empty(), lies_within);
        }
    }
}
