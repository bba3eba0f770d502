//! Tests of a report's rules, over every state, step, role and combination of facts.

use super::TimeReportRow;
use super::TimeReportState::{self, *};
use super::rules::{self, Facts, Line, WORKFLOW};
use proptest::prelude::*;

use crate::identity::policy::Role;
use crate::platform::auth::scope::HasKeys as _;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::Code;
use crate::programmes::programme::staffing::{Gap, Staff};
use crate::team::Organisation;
use crate::team::participants::ParticipantRow;
use crate::time::months::MissingReport;

fn report(status: TimeReportState) -> TimeReportRow {
    let ctx = Context::example();
    TimeReportRow { status, ..TimeReportRow::new(&ctx, &ParticipantRow::example(&ctx), ctx.now.month()) }
}

/// Every combination of facts.
fn all_facts() -> Vec<Facts> {
    let bit = |number: u32, at: u32| number >> at & 1 == 1;
    let facts = |n| Facts {
        may_not_decide: bit(n, 0),
        may_not_attest: bit(n, 0) && bit(n, 10),
        may_not_register: bit(n, 1),
        belongs_to_owner: bit(n, 2),
        is_economists: bit(n, 3),
        has_left: bit(n, 4),
        requires_attest: bit(n, 5),
        is_on_paper: false,
        is_signed_before: bit(n, 6),
        is_month_closed: bit(n, 7),
        has_rest_days: false,
        has_time: bit(n, 8),
        has_entries: bit(n, 8),
        is_incomplete: bit(n, 11),
        can_still_sign: bit(n, 9),
    };
    (0..4096).map(facts).collect()
}

/// Calls `each` with every state, every step that the table has from it, every role and every combination of facts.
fn everywhere(mut each: impl FnMut(TimeReportState, TimeReportState, &'static str, Facts)) {
    let facts = all_facts();
    for row in WORKFLOW.transitions {
        for from in row.from {
            for role in Role::ALL {
                for facts in &facts {
                    each(*from, row.to, role.as_str(), *facts);
                }
            }
        }
    }
}

fn takes(from: TimeReportState, to: TimeReportState, role: &'static str, facts: Facts) -> bool {
    rules::requested(from, to, &[role], Some("därför"), facts).is_ok()
        && rules::check_possible(from, to, facts).is_ok()
        && !(facts.is_month_closed && rules::depends_on_month(from, to, facts.is_signed_before))
        && (to != Signed || (facts.has_time && !facts.is_incomplete))
        && !(to == Empty && facts.has_entries)
}

#[test]
fn the_offered_steps_are_the_possible_ones() {
    everywhere(|from, to, role, facts| {
        let is_offered = rules::allowed(from, &[role], facts).iter().any(|step| step.to == to.as_str());
        assert_eq!(is_offered, takes(from, to, role, facts), "{from} → {to} by {role} {facts:?}");
    });
}

#[test]
fn nobody_attests_returns_approves_or_registers_their_own() {
    let by_themself = |to| matches!(to, Signed | Open | Empty);
    everywhere(|from, to, role, facts| {
        if !takes(from, to, role, facts) {
            return;
        }
        let is_own_step = role == "participant" && by_themself(to);
        let registers =
            matches!(role, "coordinator" | "programmeManager") && (from == Unsigned || to == Unsigned);
        let attests = from == Signed && matches!(to, Attested | Returned);
        assert!(!facts.may_not_decide || is_own_step || registers || attests, "{from} → {to} by {role}");
        assert!(!facts.may_not_attest || !attests, "{from} → {to} by {role}");
        assert!(!facts.may_not_register || !registers, "{from} → {to} by {role}");
    });
}

#[test]
fn an_unsigned_report_can_continue_whether_the_person_has_left_or_not() {
    for has_left in [false, true] {
        let facts = Facts { has_left, has_time: true, ..Facts::default() };
        let steps: Vec<String> =
            rules::allowed(Unsigned, &["coordinator"], facts).into_iter().map(|step| step.to).collect();
        let expected: &[&str] = if has_left { &["signed"] } else { &["open"] };
        assert_eq!(steps.len(), expected.len());
        assert!(expected.iter().all(|step| steps.iter().any(|found| found == step)), "{steps:?}");
    }
}

#[test]
fn the_attest_of_a_day_of_rest_requires_a_comment() {
    for has_rest_days in [false, true] {
        let facts = Facts { has_rest_days, requires_attest: true, ..Facts::default() };
        let steps = rules::allowed(Signed, &["attester"], facts);
        let attest = steps.iter().find(|step| step.to == "attested").unwrap();
        assert_eq!(attest.requires_comment, has_rest_days);
    }
}

#[test]
fn a_manager_acts_only_for_the_owners_staff_and_for_economists() {
    everywhere(|from, to, role, facts| {
        if role == "programmeManager" && takes(from, to, role, facts) {
            assert!(facts.belongs_to_owner || facts.is_economists, "{from} → {to} {facts:?}");
            assert!(to != Approved || facts.is_economists);
        }
    });
}

#[test]
fn only_five_roles_ever_move_a_report() {
    everywhere(|from, to, role, facts| {
        if takes(from, to, role, facts) {
            assert!(
                ["participant", "attester", "coordinator", "economist", "programmeManager"].contains(&role)
            );
        }
    });
}

#[test]
fn an_approved_report_is_never_taken_back() {
    everywhere(|from, to, role, facts| {
        assert!(!(from.is_approved() && takes(from, to, role, facts)), "{from} → {to} by {role}");
    });
}

#[test]
fn own_work_has_its_own_code() {
    let own = Facts { may_not_decide: true, may_not_attest: true, requires_attest: true, ..Facts::default() };
    let code =
        |from, to, held: &[&'static str]| rules::requested(from, to, held, Some("x"), own).unwrap_err().code;
    assert_eq!(code(Signed, Attested, &["participant", "attester"]), Code::OwnWork);
    assert_eq!(code(Reported, Approved, &["economist"]), Code::OwnWork);
    assert_eq!(code(Signed, Attested, &["participant"]), Code::NotYours);
    assert_eq!(code(Open, Attested, &["attester"]), Code::TransitionNotAllowed);
}

#[test]
fn steps_back_and_leaving_unsigned_need_a_comment() {
    let left = Facts { has_left: true, ..Facts::default() };
    for (from, to, role) in
        [(Signed, Returned, "attester"), (Reported, Returned, "economist"), (Open, Unsigned, "coordinator")]
    {
        let problem = rules::requested(from, to, &[role], None, left).unwrap_err();
        assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::InvalidInput, "/comment"));
    }
}

#[test]
fn every_state_is_reached_from_the_first() {
    let mut reached = WORKFLOW.initial.to_vec();
    for _ in TimeReportState::ALL {
        for row in WORKFLOW.transitions {
            if row.from.iter().any(|from| reached.contains(from)) && !reached.contains(&row.to) {
                reached.push(row.to);
            }
        }
    }
    assert_eq!(reached.len(), TimeReportState::ALL.len());
}

#[test]
fn only_a_first_signature_depends_on_the_month() {
    assert!(rules::depends_on_month(Open, Signed, false));
    assert!(!rules::depends_on_month(Open, Signed, true));
    assert!(!rules::depends_on_month(Returned, Signed, true));
    assert!(!rules::depends_on_month(Returned, Empty, true));
    for is_signed_before in [false, true] {
        for (from, to) in [(Open, Empty), (Empty, Open), (Unsigned, Open), (Unsigned, Signed)] {
            assert!(rules::depends_on_month(from, to, is_signed_before));
        }
    }
}

#[test]
fn the_missing_of_a_lock_are_awaited_and_listed_once() {
    let ctx = Context::example();
    let (maja, nils, stranger) = (ctx.new_id(), ctx.new_id(), ctx.new_id());
    let listed = |who: &[_]| -> Vec<MissingReport> {
        who.iter().map(|id| MissingReport { participant_id: *id, reason: "Sjuk.".into() }).collect()
    };
    assert!(rules::missing_faults(&listed(&[nils, maja]), &[maja, nils]).is_empty());
    let faults = rules::missing_faults(&listed(&[maja, stranger, maja]), &[maja, nils]);
    let told: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
    assert_eq!(
        told,
        [("/data/missing/1/participantId", "notAwaited"), ("/data/missing/2/participantId", "notUnique")]
    );
}

/// Whether the rules let a person's time be settled: one other person attests it, another approves it.
fn can_be_settled(person: Id, staff: &Staff, belongs_to_owner: bool, requires_attest: bool) -> bool {
    let facts = Facts {
        belongs_to_owner,
        requires_attest,
        is_economists: staff.economists.contains(&person),
        ..Facts::default()
    };
    let takes = |by: Id, to, facts: Facts| {
        let held = [
            ("attester", &staff.attesters),
            ("economist", &staff.economists),
            ("programmeManager", &staff.managers),
        ];
        let held = held.into_iter().filter(|(_, people)| people.contains(&by)).map(|(role, _)| role);
        let from = if to == Attested { Signed } else { Reported };
        let held: Vec<&'static str> = held.collect();
        let may_not_decide = by == person || facts.may_not_decide;
        let may_not_attest = by == person;
        rules::requested(from, to, &held, None, Facts { may_not_decide, may_not_attest, ..facts }).is_ok()
    };
    let all = || [&staff.attesters, &staff.economists, &staff.managers].into_iter().flatten().copied();
    let approved = |attester: Option<Id>| {
        all().any(|by| takes(by, Approved, Facts { may_not_decide: attester == Some(by), ..facts }))
    };
    if requires_attest {
        all().any(|by| takes(by, Attested, facts) && approved(Some(by)))
    } else {
        approved(None)
    }
}

proptest! {
    // The staffing gaps of a programme are exactly the reports that these rules leave unsettled.
    #[test]
    fn a_staffing_gap_is_a_report_that_nobody_can_settle(
        owners in prop::collection::vec((0..4_usize, 0..4_usize), 0..7),
        kommuns in prop::collection::vec((0..4_usize, 0..2_usize), 0..6),
        requires_attest: bool,
    ) {
        let ctx = Context::example();
        let people = [ctx.new_id(), ctx.new_id(), ctx.new_id(), ctx.new_id()];
        let mut staff = Staff::default();
        for (person, role) in owners {
            let place = [
                &mut staff.managers, &mut staff.economists, &mut staff.attesters, &mut staff.participants,
            ];
            place.into_iter().nth(role).unwrap().push(people[person]);
        }
        let all: Vec<Id> =
            [&staff.participants, &staff.managers, &staff.economists].into_iter().flatten().copied().collect();
        let is_stuck = all.iter().any(|person| !can_be_settled(*person, &staff, true, requires_attest));
        let gaps = staff.owner_gaps(requires_attest);
        let is_told = gaps.iter().any(|gap| matches!(gap, Gap::Attester | Gap::Approver | Gap::Economist));
        prop_assert_eq!(is_told, is_stuck || staff.economists.is_empty());

        // A kommun's team, with an economist at SKR who is not a member.
        let mut team = Staff { economists: vec![ctx.new_id()], ..Staff::default() };
        for (person, role) in kommuns {
            let place = if role == 0 { &mut team.attesters } else { &mut team.participants };
            place.push(people[person]);
        }
        let is_stuck = team.participants.iter().any(|who| !can_be_settled(*who, &team, false, requires_attest));
        let has_nobody = requires_attest && team.attesters.is_empty();
        let is_told = team.kommun_gaps(requires_attest).contains(&Gap::Attester);
        prop_assert_eq!(is_told, is_stuck || has_nobody);
    }
}

#[test]
fn a_report_is_either_missing_ready_or_past_submission() {
    for status in TimeReportState::ALL {
        for requires_attest in [false, true] {
            let (missing, ready) =
                (rules::is_missing(*status, requires_attest), rules::is_ready(*status, requires_attest));
            assert!(!(missing && ready), "{status}");
            if rules::is_settled(*status) {
                assert!(!missing && !ready, "{status}");
            }
        }
    }
    assert!(rules::is_ready(Signed, false) && rules::is_missing(Signed, true));
}

#[test]
fn the_newest_approved_version_counts_else_the_first() {
    let version = |number, status| TimeReportRow { report_version: number, ..report(status) };
    let counting = |versions: &[TimeReportRow]| rules::counting(versions).unwrap().report_version;
    assert_eq!(counting(&[version(1, Signed)]), 1);
    assert_eq!(counting(&[version(1, Locked), version(2, Open)]), 1);
    assert_eq!(counting(&[version(1, Locked), version(2, Approved), version(3, Signed)]), 2);
}

fn line(day: &str) -> Line {
    let ctx = Context::example();
    Line { id: ctx.new_id(), work_date: day.parse().unwrap(), is_proposed: false, has_description: true }
}

#[test]
fn every_incomplete_entry_is_named() {
    let lines = [
        line("2021-03-01"),
        Line { is_proposed: true, ..line("2021-03-02") },
        Line { is_proposed: true, has_description: false, ..line("2021-03-03") },
    ];
    let codes: Vec<_> = rules::incomplete(&lines).into_iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["proposed", "proposed", "descriptionMissing"]);
}

#[test]
fn attesting_time_on_a_day_of_rest_requires_a_comment() {
    assert!(rules::check_rest_days(&[line("2021-03-05")], None).is_ok());
    // A Saturday, and Good Friday.
    for day in ["2021-03-06", "2021-04-02"] {
        assert_eq!(rules::check_rest_days(&[line(day)], Some(" ")).unwrap_err().code, Code::InvalidInput);
        assert!(rules::check_rest_days(&[line(day)], Some("Arbetade in en ledig dag")).is_ok());
    }
}

#[test]
fn a_step_back_removes_the_signatures() {
    let ctx = Context::example();
    let mut signed = report(Reported);
    signed.content_sha256 = Some("x".to_owned());
    signed.signed_at = Some(ctx.now);
    signed.attested_by = Some(ctx.new_id());
    signed.submission_id = Some(ctx.new_id());
    let back = rules::without_signatures(signed);
    assert_eq!(
        (back.sign_round, back.signed_at, back.attested_by, back.submission_id),
        (2, None, None, None)
    );
    assert_eq!(back.content_sha256, None);
}

#[test]
fn a_report_of_the_owners_staff_has_no_kommun() {
    let owners = TimeReportRow { organisation: Organisation::Owner, kommunkod: None, ..report(Open) };
    assert!(owners.keys().belongs_to_owner);
    assert!(!report(Open).keys().belongs_to_owner);
}
