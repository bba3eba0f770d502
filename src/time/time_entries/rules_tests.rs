//! Tests of an entry's rules.

use proptest::prelude::*;

use super::*;
use crate::platform::context::Context;
use crate::programmes::programme::Profile;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn programme() -> ProgrammeRow {
    ProgrammeRow::example(&Context::example()).unwrap()
}

fn participant() -> ParticipantRow {
    ParticipantRow {
        valid_from: day("2021-02-01"),
        valid_to: Some(day("2021-11-30")),
        ..ParticipantRow::example(&Context::example())
    }
}

fn employment() -> EmploymentRow {
    EmploymentRow { valid_from: day("2021-03-01"), ..EmploymentRow::example(&Context::example()).unwrap() }
}

fn entry(work_date: &str, kind: EntryKind, activity: &str, minutes: i32) -> EntryRow {
    EntryRow {
        work_date: day(work_date),
        month: day(work_date).month(),
        minutes,
        kind,
        activity_code: activity.into(),
        description: None,
        ..EntryRow::example(&Context::example())
    }
}

/// The code of the travel activity.
const TRAVEL: &str = "travel";

fn codes(entry: &EntryRow, employments: &[EmploymentRow]) -> Vec<&'static str> {
    let (programme, participant) = (programme(), participant());
    let settings = SettingsContent::of(Profile::Esf20142020);
    let facts = Facts {
        programme: &programme,
        participant: &participant,
        employments,
        settings: &settings,
        today: day("2021-12-15"),
    };
    faults(entry, &facts).into_iter().map(|fault| fault.code).collect()
}

#[test]
fn an_ordinary_day_is_in_order() {
    let activity = SettingsContent::of(Profile::Esf20142020).activities[0].code.clone();
    assert!(codes(&entry("2021-03-15", EntryKind::Own, &activity, 60), &[]).is_empty());
    assert!(codes(&entry("2021-03-15", EntryKind::Own, &activity, 60), &[employment()]).is_empty());
}

#[test]
fn all_errors_are_reported_together() {
    let wrong = entry("2023-01-01", EntryKind::Joint, "travelling", 60);
    let told = codes(&wrong, &[employment()]);
    assert_eq!(told, ["inTheFuture", "outsideProgramme", "outsideParticipation", "unknown"]);
}

#[test]
fn the_first_and_last_days_of_participation_and_employment_count() {
    let on = |date| codes(&entry(date, EntryKind::Own, TRAVEL, 60), &[]);
    assert_eq!(on("2021-01-31"), ["outsideParticipation"]);
    assert!(on("2021-02-01").is_empty());
    assert!(on("2021-11-30").is_empty());
    assert_eq!(on("2021-12-01"), ["outsideParticipation"]);
    let employed = |date| codes(&entry(date, EntryKind::Own, TRAVEL, 60), &[employment()]);
    assert_eq!(employed("2021-02-28"), ["outsideEmployment"]);
    assert!(employed("2021-03-01").is_empty());
}

#[test]
fn travel_is_never_joint() {
    assert_eq!(codes(&entry("2021-03-15", EntryKind::Joint, TRAVEL, 60), &[]), ["travelIsNeverJoint"]);
    assert!(codes(&entry("2021-03-15", EntryKind::Own, TRAVEL, 60), &[]).is_empty());
}

#[test]
fn the_day_has_its_own_code_unless_there_are_other_errors() {
    let over = || day_fault(1, DayMinutes { everywhere: 1440, here: 0 }, None, true);
    assert_eq!(check(Vec::new(), over()).unwrap_err().code, Code::DailyHoursExceeded);
    let other = FieldError::new("/kind", "x", Localized::fixed("", ""));
    let both = check(vec![other], over()).unwrap_err();
    assert_eq!((both.code, both.errors.len()), (Code::InvalidInput, 2));
    assert!(check(Vec::new(), None).is_ok());
}

#[test]
fn only_the_person_is_told_what_is_left_of_the_day() {
    let told = |is_person| {
        let (_, fault) = day_fault(48, DayMinutes { everywhere: 1393, here: 0 }, None, is_person).unwrap();
        fault.detail.sv.contains("47")
    };
    assert!(told(true) && !told(false));
}

#[test]
fn others_change_only_proposals() {
    for status in [Proposed, Recorded, Voided] {
        for source in
            [EntrySource::Manual, EntrySource::Coordinator, EntrySource::Attendance, EntrySource::Import]
        {
            let row = EntryRow { status, source, ..entry("2021-03-15", EntryKind::Own, TRAVEL, 60) };
            assert!(may_change(&row, true));
            assert_eq!(may_change(&row, false), status == Proposed && source != EntrySource::Manual);
        }
    }
}

#[test]
fn rest_days_and_missing_descriptions_give_warnings_unless_voided() {
    let told = |row: &EntryRow| warnings(row).into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    let mut row = entry("2021-04-02", EntryKind::Own, TRAVEL, 60);
    assert_eq!(told(&row), ["restDay", "descriptionMissing"]);
    row.description = Some("Möte".into());
    assert_eq!(told(&row), ["restDay"]);
    row.status = Voided;
    assert!(told(&row).is_empty());
}

proptest! {
    #[test]
    fn no_day_exceeds_its_limits(
        others in 0..2000_i64,
        here in 0..2000_i64,
        minutes in 1..1441_i32,
        cap in prop::option::of(1..25_i32),
    ) {
        let day = DayMinutes { everywhere: others.max(here), here };
        let is_over_day = day.everywhere + i64::from(minutes) > 1440;
        let is_over_cap = cap.is_some_and(|cap| here + i64::from(minutes) > i64::from(cap) * 60);
        let code = day_fault(minutes, day, cap, true).map(|(code, _)| code);
        prop_assert_eq!(day_fault(minutes, day, cap, false).map(|(code, _)| code), code);
        let expected = match (is_over_day, is_over_cap) {
            (true, _) => Some(Code::DailyHoursExceeded),
            (false, true) => Some(Code::DailyCapExceeded),
            (false, false) => None,
        };
        prop_assert_eq!(code, expected);
    }
}
