//! What a participant must fulfil, and who sees how much of one (guide §1, §4). Pure.

use crate::identity::policy::Role;
use crate::platform::moment::{Day, Month};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};
use crate::team::{self, FinancingForm, Organisation, Period};

/// What is wrong with the days: out of order, or outside the programme.
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

/// Whether a participation is over for good: its last day lies in a month that is locked, or before the programme,
/// where one ends that never began.
pub fn is_settled(period: Period, starts_on: Day, locked: &[Month]) -> bool {
    period.to.is_some_and(|last| last < starts_on || locked.contains(&last.month()))
}

/// 403 unless one of the roles that somebody holds in the team adds such a participant: a coordinator adds the own
/// kommun's, a programme manager the owner's and a kommun's coordinators (guide §1, "Granting").
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
            "Who is a coordinator is changed by a programmeManager.",
        )
    } else {
        problem.detail(
            "En kommuns medarbetare läggs till av kommunens coordinator; programmeManager lägger till \
             projektägarens egna och den som är koordinator.",
            "A kommun's people are added by the kommun's coordinator; a programmeManager adds the owner's own and \
             who is a coordinator.",
        )
    })
}

/// The owner's people have no coordinator.
pub fn coordinator_fault(organisation: Organisation, is_coordinator: bool) -> Option<FieldError> {
    let words = Localized::fixed("Bara en kommun har koordinatorer.", "Only a kommun has coordinators.");
    let is_wrong = is_coordinator && organisation == Organisation::Owner;
    is_wrong.then(|| FieldError::new("/isCoordinator", "wrongPlace", words))
}

/// How a person's time is paid for: a kommun's people always co-finance; the owner's staff are a direct cost, unless the
/// programme's settings let their time count in kind (guide §4).
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
                    "A kommun's people are always co-financing.",
                ),
                Organisation::Owner => Localized::fixed(
                    "Programmets inställningar medger inte att projektägarens tid är medfinansiering.",
                    "The programme's settings do not let the owner's time be co-financing.",
                ),
            };
            Err(FieldError::new("/financingForm", "notAllowed", words))
        }
        wanted => Ok(wanted.unwrap_or(usual)),
    }
}

/// Whether people can be added now: once the places are given.
pub fn takes_new(programme: &ProgrammeRow) -> bool {
    matches!(programme.status, ProgrammeState::Decided | ProgrammeState::Running)
}

/// 409 when the programme is over, so that its teams no longer change.
pub fn check_live(programme: &ProgrammeRow) -> Result<(), Problem> {
    if takes_new(programme) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict).errors(vec![state_fault(programme)]))
}

/// That the programme's state does not let teams be changed.
fn state_fault(programme: &ProgrammeRow) -> FieldError {
    let status = programme.status;
    let words = Localized::new(
        format!("Team ändras när programmet är decided eller running, inte {status}."),
        format!("Teams change while the programme is decided or running, not {status}."),
    );
    FieldError::new("/programmeId", "wrongState", words)
}

/// Which of a participant's particulars a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Work e-mail.
    pub email: bool,
    /// Employee number.
    pub employee_number: bool,
}

/// What somebody sees who reads by these roles: a member of the team names and functions, staff the e-mail, those who
/// answer for the time report also the employee number; people see all of their own, and a coordinator how to reach
/// those of other kommuner (`is_colleague`).
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
    use crate::programmes::programme::Profile;
    use proptest::prelude::*;

    fn programme() -> ProgrammeRow {
        let ctx = Context::example();
        ProgrammeRow {
            id: ctx.new_id(),
            name: "Utvecklingsnätverk".into(),
            description: String::new(),
            status: ProgrammeState::Running,
            profile: Profile::Esf20142020,
            places: 12,
            starts_on: Day::new(2021, 1, 1).unwrap(),
            ends_on: Day::new(2022, 12, 31).unwrap(),
            opens_at: ctx.now,
            interest_deadline: ctx.now,
            info_meeting_at: ctx.now,
            confirmation_deadline: ctx.now,
            avsiktsforklaring_deadline: ctx.now,
            seed: None,
            seed_sha256: None,
            opened_at: None,
            seed_shown_at: None,
            esf_decision: None,
            cancellation_reason: None,
            sort_name: String::new(),
            search_text: String::new(),
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 1,
        }
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
    fn a_colleague_sees_neither_address_nor_number() {
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
    fn each_adds_their_own() {
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
        fn what_is_accepted_lies_in_the_programme(from in -400_i64..1200, length in prop::option::of(-10_i64..900)) {
            let programme = programme();
            let from = Day::new(2021, 1, 1).unwrap().plus_days(from);
            let period = Period::new(from, length.map(|n| from.plus_days(n)));
            let last = period.to.unwrap_or(programme.ends_on);
            let lies_within = programme.starts_on <= from && from <= last && last <= programme.ends_on;
            prop_assert_eq!(date_faults(period, &programme).is_empty(), lies_within);
        }
    }
}
