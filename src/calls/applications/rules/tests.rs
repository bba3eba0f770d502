//! Tests of the rules: the workflow, the clock, the checks and the fields.

use proptest::prelude::*;

use super::*;
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::ids::Ids;
use crate::platform::moment::{Day, deadline};
use crate::platform::workflow::By;
use crate::programmes::programme::Profile;

fn at(text: &str) -> Instant {
    deadline(text).unwrap()
}

/// A programme with the dates of the offer (guide §3).
fn offer(status: ProgrammeState) -> ProgrammeRow {
    let now = at("2020-10-01");
    ProgrammeRow {
        id: Ids::seeded(1).id(now),
        name: "Utvecklingsnätverk".into(),
        description: String::new(),
        status,
        profile: Profile::Esf20142020,
        places: 12,
        starts_on: Day::new(2021, 1, 1).unwrap(),
        ends_on: Day::new(2022, 12, 31).unwrap(),
        opens_at: at("2020-10-05"),
        interest_deadline: at("2020-11-03"),
        info_meeting_at: at("2020-11-06T13:00:00+01:00"),
        confirmation_deadline: at("2020-11-10"),
        avsiktsforklaring_deadline: at("2020-11-15"),
        seed: None,
        seed_sha256: None,
        opened_at: None,
        seed_shown_at: None,
        esf_decision: None,
        cancellation_reason: None,
        selection_plan: None,
        copied_from: None,
        sort_name: String::new(),
        search_text: String::new(),
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

fn application(status: ApplicationState) -> ApplicationRow {
    let ctx = Context::example();
    let now = at("2020-10-20");
    ApplicationRow {
        id: ctx.new_id(),
        programme_id: offer(ProgrammeState::Open).id,
        kommunkod: "2582".into(),
        status,
        contact_name: "Strateg Boden".into(),
        contact_email: "strateg@boden.example.org".into(),
        contact_person_id: None,
        motivation: "Vi vill.".into(),
        maturity: 2,
        departments: Json(vec!["Inköp".into()]),
        coordinator_name: None,
        coordinator_email: None,
        known_social_enterprises: Json(Vec::new()),
        registry_number: None,
        received_at: now,
        respond_by: None,
        reason: None,
        is_late: false,
        attended_info_meeting: None,
        notes: Json(Vec::new()),
        search_text: String::new(),
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

const MANAGER_ROLE: &str = "programmeManager";

/// The table of the guide: from, to, by whom, and whether a comment is required.
const GUIDE: &[(&[ApplicationState], ApplicationState, &str, bool)] = &[
    (&[Unverified], Submitted, "effect", false),
    (&[Unverified], Merged, "effect", false),
    (&[Unverified], Expired, "clock", false),
    (&[Submitted], ChangesRequested, "manager", true),
    (&[Submitted], Invited, "manager", false),
    (&[Submitted], Rejected, "manager", true),
    (&[ChangesRequested], Submitted, "kommun", false),
    (&[Invited], Confirmed, "kommun", false),
    (&[Invited], Declined, "kommun", false),
    (&[Invited], Declined, "clock", false),
    (&[Confirmed], Qualified, "effect", false),
    (&[Confirmed], NotQualified, "clock", false),
    (&[NotQualified], Qualified, "effect", false),
    (&[NotQualified], Qualified, "manager", true),
    (&[Qualified], Confirmed, "effect", false),
    (&[Qualified, Confirmed], Selected, "effect", false),
    (&[Qualified, Confirmed], Reserve, "effect", false),
    (&[Qualified, Confirmed], NotSelected, "effect", false),
    (&[Selected], NotQualified, "clock", false),
    (&[Selected], Participating, "effect", false),
    (&[Selected], Declined, "kommun", false),
    (&[Reserve, NotSelected], Selected, "manager", false),
    (&[Reserve], NotSelected, "manager", false),
    (&[Participating], Completed, "manager", false),
    (&[Participating], Terminated, "manager", true),
    (&[Participating], Terminated, "effect", false),
    (&[Submitted, ChangesRequested, Invited, Confirmed, Qualified, Reserve], Withdrawn, "kommun", false),
    (
        &[
            Submitted,
            ChangesRequested,
            Invited,
            Confirmed,
            Qualified,
            NotQualified,
            Selected,
            Reserve,
            NotSelected,
        ],
        Rejected,
        "effect",
        false,
    ),
];

fn step_of_guide(from: ApplicationState, to: ApplicationState, who: &str) -> Option<bool> {
    let mut rows = GUIDE.iter();
    rows.find(|row| row.0.contains(&from) && row.1 == to && row.2 == who).map(|row| row.3)
}

fn who(by: By) -> &'static str {
    match by {
        By::Roles([MANAGER_ROLE]) => "manager",
        By::Roles(["applicant", "coordinator"]) => "kommun",
        By::Roles(_) => "nobody of the guide",
        By::Clock => "clock",
        By::Effect(_) => "effect",
    }
}

#[test]
fn the_workflow_equals_the_table_of_the_guide() {
    for row in WORKFLOW.transitions {
        for from in row.from {
            let found = step_of_guide(*from, row.to, who(row.by));
            assert_eq!(found, Some(row.requires_comment), "{from} → {} by {}", row.to, who(row.by));
        }
    }
    for (from, to, by, _) in GUIDE {
        let has = |state| {
            WORKFLOW
                .transitions
                .iter()
                .any(|row| row.from.contains(state) && row.to == *to && who(row.by) == *by)
        };
        assert!(from.iter().all(has), "{from:?} → {to} by {by} is missing");
    }
}

#[test]
fn every_role_may_take_exactly_the_steps_of_the_guide() {
    let roles = Role::ALL;
    for from in ApplicationState::ALL {
        for to in ApplicationState::ALL {
            for role in roles {
                let kind = match role {
                    Role::ProgrammeManager => "manager",
                    Role::Applicant | Role::Coordinator => "kommun",
                    _ => "other",
                };
                let may = step_of_guide(*from, *to, kind);
                let asked = WORKFLOW.requested(*from, *to, &[role.as_str()], Some("Därför."));
                assert_eq!(asked.is_ok(), may.is_some(), "{from} → {to} by {role}");
                let unsaid = WORKFLOW.requested(*from, *to, &[role.as_str()], None);
                assert_eq!(unsaid.is_ok(), may == Some(false), "{from} → {to} by {role} without a comment");
                let by_hand =
                    ["manager", "kommun"].iter().any(|kind| step_of_guide(*from, *to, kind).is_some());
                if let Err(problem) = asked {
                    let code = if by_hand { Code::NotYours } else { Code::TransitionNotAllowed };
                    assert_eq!(problem.code, code, "{from} → {to} by {role}");
                }
            }
        }
    }
}

#[test]
fn no_step_leads_out_of_an_end_state() {
    for end in [Merged, Expired, Rejected, Declined, Withdrawn, Completed, Terminated] {
        assert!(WORKFLOW.transitions.iter().all(|row| !row.from.contains(&end)), "{end}");
    }
}

#[test]
fn the_live_states_are_those_of_the_unique_index() {
    let ended = [Unverified, Merged, Expired, Rejected, Withdrawn, Declined];
    for state in ApplicationState::ALL {
        assert_eq!(LIVE.contains(state), !ended.contains(state), "{state}");
    }
    for tables in [
        include_str!("../../../../migrations/postgres/00000000000001_tables/up.sql"),
        include_str!("../../../../migrations/sqlite/00000000000001_tables/up.sql"),
    ] {
        let index = tables.split("applications_live_key").nth(1).unwrap().split(';').next().unwrap();
        assert!(ApplicationState::ALL.iter().all(|s| index.contains(&format!("'{s}'")) == ended.contains(s)));
    }
}

fn facts() -> Facts {
    Facts {
        stage: SelectionStage::AfterLetters,
        letter_deadline: at("2020-11-15"),
        letter_in_time: false,
        has_open_link: false,
    }
}

#[test]
fn an_unverified_application_expires_after_seven_days_unless_a_link_is_valid() {
    let (row, programme) = (application(Unverified), offer(ProgrammeState::Open));
    let seven = row.created_at.plus_days(7);
    assert_eq!(due(&row, &programme, &facts(), seven.plus_millis(-1)), None);
    assert_eq!(due(&row, &programme, &facts(), seven), Some((Expired, None)));
    let renewed = Facts { has_open_link: true, ..facts() };
    assert_eq!(due(&row, &programme, &renewed, seven), None);
}

#[test]
fn a_kommun_that_does_not_answer_in_time_declines() {
    let (mut row, programme) = (application(Invited), offer(ProgrammeState::Closed));
    let deadline = programme.confirmation_deadline;
    let no = Some((Declined, Some(EndReason::NoAnswer)));
    assert_eq!(due(&row, &programme, &facts(), deadline.plus_millis(-1)), None);
    assert_eq!(due(&row, &programme, &facts(), deadline), no);
    row.respond_by = Some(deadline.plus_days(2));
    assert_eq!(due(&row, &programme, &facts(), deadline), None);
    assert_eq!(due(&row, &programme, &facts(), deadline.plus_days(2)), no);
}

#[test]
fn no_letter_in_time_disqualifies() {
    let (row, programme) = (application(Confirmed), offer(ProgrammeState::Selecting));
    let missed = Some((NotQualified, Some(EndReason::LetterMissing)));
    let last = facts().letter_deadline;
    assert_eq!(due(&row, &programme, &facts(), last.plus_millis(-1)), None);
    assert_eq!(due(&row, &programme, &facts(), last), missed);
    let own = Facts { letter_deadline: last.plus_days(3), ..facts() };
    assert_eq!(due(&row, &programme, &own, last), None);
    let in_time = Facts { letter_in_time: true, ..facts() };
    assert_eq!(due(&row, &programme, &in_time, last.plus_days(30)), None);
    let (chosen, after_meeting) =
        (application(Selected), Facts { stage: SelectionStage::AfterMeeting, ..facts() });
    assert_eq!(due(&chosen, &programme, &facts(), last), None);
    assert_eq!(due(&chosen, &programme, &after_meeting, last), missed);
}

#[test]
fn the_pool_depends_on_the_stage() {
    for state in ApplicationState::ALL {
        assert_eq!(is_in_pool(*state, SelectionStage::AfterLetters), *state == Qualified);
        let both = matches!(state, Qualified | Confirmed);
        assert_eq!(is_in_pool(*state, SelectionStage::AfterMeeting), both);
    }
}

#[test]
fn the_answer_is_given_after_the_meeting_and_before_the_deadline() {
    let (row, programme) = (application(Invited), offer(ProgrammeState::Closed));
    let answer = |to, now: &str| {
        allow(&row, &programme, SelectionStage::AfterLetters, to, at(now)).map_err(|problem| problem.code)
    };
    for to in [Confirmed, Declined] {
        assert_eq!(answer(to, "2020-11-06T12:59:59+01:00"), Err(Code::StateConflict), "{to}");
        assert_eq!(answer(to, "2020-11-06T13:00:00+01:00"), Ok(()), "{to}");
    }
    assert_eq!(answer(Confirmed, "2020-11-10"), Err(Code::DeadlinePassed));
    // A kommun with a place may decline at any time; an application may be withdrawn before the meeting too.
    let early = at("2020-11-06T12:00:00+01:00");
    let stage = SelectionStage::AfterLetters;
    assert!(allow(&application(Selected), &programme, stage, Declined, early).is_ok());
    assert!(allow(&row, &programme, stage, Withdrawn, early).is_ok());
}

#[test]
fn an_invitation_after_the_deadline_needs_a_later_deadline() {
    let (mut row, programme) = (application(Submitted), offer(ProgrammeState::Closed));
    let now = at("2020-11-11");
    let stage = SelectionStage::AfterLetters;
    assert_eq!(allow(&row, &programme, stage, Invited, now).unwrap_err().code, Code::DeadlinePassed);
    row.respond_by = Some(at("2020-11-12"));
    assert!(allow(&row, &programme, stage, Invited, now).is_ok());
}

#[test]
fn places_are_given_in_a_decided_or_running_programme_only() {
    let now = at("2020-11-20");
    let (letters, meeting) = (SelectionStage::AfterLetters, SelectionStage::AfterMeeting);
    for state in ProgrammeState::ALL {
        let programme = offer(*state);
        let may = matches!(state, ProgrammeState::Decided | ProgrammeState::Running);
        let is_allowed = |from, stage, to| {
            let is_allowed = allow(&application(from), &programme, stage, to, now).is_ok();
            assert_eq!(is_offered(to, *state, stage), is_allowed, "{to} is offered or not in {state}");
            is_allowed
        };
        assert_eq!(is_allowed(Reserve, letters, Selected), may, "{state}");
        let before = SELECTION_STATES.contains(state);
        assert_eq!(is_allowed(NotQualified, letters, Qualified), before, "{state}");
        // After the meeting, the clock disqualifies also in a decided programme, and a letter can undo that.
        let undone = before || *state == ProgrammeState::Decided;
        assert_eq!(is_allowed(NotQualified, meeting, Qualified), undone, "{state}");
    }
}

#[test]
fn only_the_kommun_changes_its_content_until_it_has_confirmed() {
    let content = [("/motivation", FieldGroup::Content), ("/respondBy", FieldGroup::Deadline)];
    let refused = check_roles(&content, &["applicant"]).unwrap_err();
    assert_eq!((refused.code, refused.errors.len()), (Code::NotYours, 1));
    let refused = check_roles(&content, &["programmeManager"]).unwrap_err();
    assert_eq!(refused.errors[0].pointer, "/motivation");
    assert!(check_roles(&content, &["applicant", "programmeManager"]).is_ok());
    for state in ApplicationState::ALL {
        let open = matches!(state, Submitted | ChangesRequested | Invited);
        assert_eq!(check_open(&content[..1], *state).is_ok(), open, "{state}");
    }
}

#[test]
fn a_letter_can_be_written_from_the_invitation_on() {
    let open = [Invited, Confirmed, Qualified, NotQualified, Selected, Reserve, NotSelected];
    for state in ApplicationState::ALL {
        assert_eq!(letter_may_be_written(*state), open.contains(state), "{state}");
    }
}

fn any_state() -> impl Strategy<Value = ApplicationState> {
    prop::sample::select(ApplicationState::ALL)
}

proptest! {
    #[test]
    fn the_letters_deadline_is_the_later_one(programmes in 0_i64..2_000_000_000_000, other in proptest::option::of(0_i64..2_000_000_000_000)) {
        let programme = ProgrammeRow { avsiktsforklaring_deadline: Instant::from_millis(programmes), ..offer(ProgrammeState::Open) };
        let row = ApplicationRow { respond_by: other.map(Instant::from_millis), ..application(Confirmed) };
        prop_assert_eq!(letter_deadline(&row, &programme).millis(), programmes.max(other.unwrap_or(0)));
    }

    /// Whatever the times and the letter, the clock makes only steps that the workflow gives it, and none twice.
    #[test]
    fn the_clock_keeps_to_the_workflow(
        status in any_state(),
        days in -60_i64..120,
        respond_days in prop::option::of(-10_i64..40),
        letter_in_time: bool,
        has_open_link: bool,
        after_meeting: bool,
    ) {
        let programme = offer(ProgrammeState::Selecting);
        let mut row = application(status);
        row.respond_by = respond_days.map(|days| programme.confirmation_deadline.plus_days(days));
        let stage = if after_meeting { SelectionStage::AfterMeeting } else { SelectionStage::AfterLetters };
        let facts = Facts { stage, letter_deadline: programme.avsiktsforklaring_deadline, letter_in_time, has_open_link };
        let now = programme.interest_deadline.plus_days(days);
        if let Some((to, _)) = due(&row, &programme, &facts, now) {
            prop_assert!(WORKFLOW.automatic(status, to).is_ok());
            row.status = to;
            prop_assert_eq!(due(&row, &programme, &facts, now), None);
        }
    }

    /// No sequence of steps leads out of an end state.
    #[test]
    fn an_end_state_is_final(walk in prop::collection::vec(any_state(), 1..40)) {
        let mut state = Unverified;
        let mut has_ended = false;
        for to in walk {
            if WORKFLOW.transitions.iter().any(|row| row.from.contains(&state) && row.to == to) {
                prop_assert!(!has_ended, "{state} → {to}");
                state = to;
                has_ended = !LIVE.contains(&state) || matches!(state, Completed | Terminated);
            }
        }
    }
}
