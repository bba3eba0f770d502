//! Whether those who hold the roles on a day can do everything without judging their own work (guide §1). Pure.

use crate::identity::policy::Role;
use crate::identity::roles::AssignmentRow;
use crate::platform::ids::Id;
use crate::platform::moment::Day;
use crate::platform::text::Localized;

/// An action that nobody may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Nobody leads the programme and submits the owner's month.
    Manager,
    /// Nobody approves reports and locks months.
    Economist,
    /// Nobody submits the kommun's month.
    Coordinator,
    /// No other person may attest somebody's time.
    Attester,
    /// Nobody except the attester may approve somebody's time.
    Approver,
}

impl Gap {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Gap::Manager => "managerMissing",
            Gap::Economist => "economistMissing",
            Gap::Coordinator => "coordinatorMissing",
            Gap::Attester => "attesterMissing",
            Gap::Approver => "secondApproverMissing",
        }
    }

    /// What it means for the owner's staff, and from which day unless that has come.
    pub fn words(self, from: Day, today: Day) -> Localized {
        let (sv, en) = match self {
            Gap::Manager => (
                "Ingen projektledare: projektägarens månader kan inte lämnas in",
                "No programme manager: the owner's months cannot be submitted",
            ),
            Gap::Economist => {
                ("Ingen ekonom: månader kan inte godkännas", "No economist: months cannot be approved")
            }
            Gap::Coordinator => ("Ingen koordinator", "No coordinator"),
            Gap::Attester => (
                "Ingen annan kan attestera någon av projektägarens medarbetare",
                "No other person can attest the time of somebody of the owner's staff",
            ),
            Gap::Approver => (
                "Ingen annan än den som attesterar kan godkänna någon av projektägarens medarbetare",
                "Nobody except the attester can approve the time of somebody of the owner's staff",
            ),
        };
        if from <= today {
            return Localized::new(format!("{sv}."), format!("{en}."));
        }
        Localized::new(format!("{sv} (från {from})."), format!("{en} (from {from})."))
    }
}

/// The days between `from` and `last` on which the gaps can differ from the day before: `from` itself, each first day of a
/// role or of settings, and each day after the last day of a role.
pub fn days(from: Day, last: Day, held: &[AssignmentRow], settings: &[Day]) -> Vec<Day> {
    let begin = held.iter().map(|row| row.valid_from);
    let ended = held.iter().filter_map(|row| row.valid_to).map(|last| last.plus_days(1));
    let turns = begin.chain(ended).chain(settings.iter().copied());
    let mut days: Vec<Day> = turns.filter(|day| from < *day && *day <= last).collect();
    days.push(from);
    days.sort_unstable();
    days.dedup();
    days
}

/// Each gap with the first of the days on which it exists.
pub fn first_of(days: &[Day], gaps_on: impl Fn(Day) -> Vec<Gap>) -> Vec<(Gap, Day)> {
    let mut first: Vec<(Gap, Day)> = Vec::new();
    for day in days {
        for gap in gaps_on(*day) {
            if !first.iter().any(|(known, _)| *known == gap) {
                first.push((gap, *day));
            }
        }
    }
    first
}

/// Who holds which role on one day, among the owner's staff or in one kommun.
#[derive(Clone, Debug, Default)]
pub struct Staff {
    /// SKR's programme managers.
    pub managers: Vec<Id>,
    /// SKR's economists.
    pub economists: Vec<Id>,
    /// The kommun's coordinators.
    pub coordinators: Vec<Id>,
    /// Those who attest.
    pub attesters: Vec<Id>,
    /// Those who report time.
    pub participants: Vec<Id>,
}

impl Staff {
    /// The holders on a day among these assignments.
    pub fn on<'a>(day: Day, held: impl Iterator<Item = &'a AssignmentRow>) -> Self {
        let mut staff = Self::default();
        for row in held.filter(|row| row.holds_on(day)) {
            match row.role {
                Role::ProgrammeManager => staff.managers.push(row.person_id),
                Role::Economist => staff.economists.push(row.person_id),
                Role::Coordinator => staff.coordinators.push(row.person_id),
                Role::Attester => staff.attesters.push(row.person_id),
                Role::Participant => staff.participants.push(row.person_id),
                _ => {}
            }
        }
        staff
    }

    /// What the owner's staff cannot do. Managers and economists report time as all staff does.
    pub fn owner_gaps(&self, requires_attest: bool) -> Vec<Gap> {
        let mut gaps = Vec::new();
        gaps.extend(self.managers.is_empty().then_some(Gap::Manager));
        gaps.extend(self.economists.is_empty().then_some(Gap::Economist));
        let people = || self.participants.iter().chain(&self.managers).chain(&self.economists);
        let lacking = |gap| people().any(|person| self.lacks(*person, requires_attest) == Some(gap));
        gaps.extend(lacking(Gap::Attester).then_some(Gap::Attester));
        // Without any economist the gap is named already.
        let is_named = self.economists.is_empty();
        gaps.extend((!is_named && lacking(Gap::Approver)).then_some(Gap::Approver));
        gaps
    }

    /// What one member of the owner's staff lacks: another person who attests, and a third who approves. A manager may attest
    /// too, and approves only an economist's report.
    fn lacks(&self, person: Id, requires_attest: bool) -> Option<Gap> {
        let is_economist = self.economists.contains(&person);
        let of_managers: &[Id] = if is_economist { &self.managers } else { &[] };
        let approvers = || self.economists.iter().chain(of_managers).filter(|other| **other != person);
        let attesters = || self.attesters.iter().chain(&self.managers).filter(|other| **other != person);
        if requires_attest && attesters().next().is_none() {
            return Some(Gap::Attester);
        }
        let is_approved = if requires_attest {
            attesters().any(|attester| approvers().any(|approver| approver != attester))
        } else {
            approvers().next().is_some()
        };
        (!is_approved).then_some(Gap::Approver)
    }

    /// What a kommun's people cannot do. SKR's economists approve for every kommun.
    pub fn kommun_gaps(&self, requires_attest: bool) -> Vec<Gap> {
        let has_other = |person: &Id| self.attesters.iter().any(|attester| attester != person);
        let is_attested = !self.attesters.is_empty() && self.participants.iter().all(has_other);
        let mut gaps = Vec::new();
        gaps.extend(self.coordinators.is_empty().then_some(Gap::Coordinator));
        gaps.extend((requires_attest && !is_attested).then_some(Gap::Attester));
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::context::Context;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn people() -> [Id; 4] {
        let ctx = Context::example();
        [ctx.new_id(), ctx.new_id(), ctx.new_id(), ctx.new_id()]
    }

    fn held(person_id: Id, role: Role, from: &str, to: Option<&str>) -> AssignmentRow {
        let ctx = Context::example();
        AssignmentRow {
            id: ctx.new_id(),
            person_id,
            role,
            signer_role: None,
            programme_id: None,
            kommunkod: None,
            subject_id: None,
            valid_from: day(from),
            valid_to: to.map(day),
            granted_by: None,
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
            acknowledged_at: None,
        }
    }

    #[test]
    fn two_cannot_attest_and_approve_each_other() {
        let [manager, economist, third, _] = people();
        let mut staff = Staff { managers: vec![manager], economists: vec![economist], ..Staff::default() };
        // Nobody attests the manager's time; the economist's attester is the manager, who cannot approve it too.
        assert_eq!(staff.owner_gaps(true), [Gap::Attester, Gap::Approver]);
        assert!(staff.owner_gaps(false).is_empty());
        staff.attesters.push(third);
        assert!(staff.owner_gaps(true).is_empty());
    }

    #[test]
    fn one_person_with_two_roles_is_one_person() {
        let [both, ..] = people();
        let staff = Staff { managers: vec![both], economists: vec![both], ..Staff::default() };
        assert_eq!(staff.owner_gaps(true), [Gap::Attester]);
        assert_eq!(staff.owner_gaps(false), [Gap::Approver]);
    }

    #[test]
    fn a_kommuns_attester_who_takes_part_needs_another_attester() {
        let [attester, maja, ..] = people();
        let mut team = Staff { coordinators: vec![maja], attesters: vec![attester], ..Staff::default() };
        team.participants = vec![maja];
        assert!(team.kommun_gaps(true).is_empty());
        team.participants.push(attester);
        assert_eq!(team.kommun_gaps(true), [Gap::Attester]);
        assert!(team.kommun_gaps(false).is_empty());
        team.attesters.push(maja);
        assert!(team.kommun_gaps(true).is_empty());
        assert_eq!(Staff::default().kommun_gaps(true), [Gap::Coordinator, Gap::Attester]);
    }

    #[test]
    fn a_gap_begins_on_the_day_after_a_role_ends() {
        let [manager, economist, other, attester] = people();
        let held = [
            held(manager, Role::ProgrammeManager, "2020-10-01", None),
            held(economist, Role::Economist, "2020-10-01", Some("2021-02-28")),
            held(other, Role::Economist, "2021-04-01", None),
            held(attester, Role::Attester, "2020-10-01", None),
        ];
        let gaps = |from, last| {
            let days = days(day(from), day(last), &held, &[]);
            first_of(&days, |day| Staff::on(day, held.iter()).owner_gaps(true))
        };
        assert_eq!(gaps("2021-01-01", "2022-12-31"), [(Gap::Economist, day("2021-03-01"))]);
        assert_eq!(gaps("2021-08-01", "2022-12-31"), []);
        assert_eq!(gaps("2021-03-15", "2022-12-31"), [(Gap::Economist, day("2021-03-15"))]);
        assert_eq!(gaps("2021-01-01", "2021-02-28"), []);
    }

    proptest! {
        #[test]
        fn the_gaps_change_only_on_these_days(
            roles in prop::collection::vec((0..4_usize, 0..5_usize, 0..40_i64, prop::option::of(0..40_i64)), 0..8),
            from in 0..40_i64,
            length in 0..40_i64,
        ) {
            let (people, start) = (people(), day("2021-01-01"));
            let known = [Role::ProgrammeManager, Role::Economist, Role::Coordinator, Role::Attester, Role::Participant];
            let held: Vec<AssignmentRow> = roles
                .into_iter()
                .map(|(person, role, first, length)| AssignmentRow {
                    valid_from: start.plus_days(first),
                    valid_to: length.map(|length| start.plus_days(first + length)),
                    ..held(people[person], known[role], "2021-01-01", None)
                })
                .collect();
            let (from, last) = (start.plus_days(from), start.plus_days(from + length));
            let gaps_on = |day| Staff::on(day, held.iter()).owner_gaps(true);
            let every: Vec<Day> = (0..=length).map(|ahead| from.plus_days(ahead)).collect();
            prop_assert_eq!(first_of(&days(from, last, &held, &[]), gaps_on), first_of(&every, gaps_on));
        }
    }
}
