//! When there is a task, how its title is built, and how tasks are ordered. Pure.

use super::TaskCode::{self, *};
use crate::calls::applications::ApplicationState;
use crate::calls::avsiktsforklaringar::LetterState;
use crate::calls::selection_proposals::ProposalState;
use crate::goals::milestones::{self, MilestoneState};
use crate::platform::moment::{Day, Instant};
use crate::platform::text::Localized;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};
use crate::time::months::MonthState;
use crate::time::time_entries::EntryState;
use crate::time::time_reports::TimeReportState;

/// A task before it is translated for the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The kind of task.
    pub code: TaskCode,
    /// The subject of the task, after the colon of the title.
    pub about: Option<Localized>,
    /// When the task should be done.
    pub due_at: Option<Instant>,
    /// Path below the base path.
    pub path: String,
    /// How many objects the task is about.
    pub count: i64,
    /// The kommun, if it is not that of the caller's role.
    pub kommunkod: Option<String>,
    /// The relation of the link that does it, and the step.
    pub by: (Option<&'static str>, Option<&'static str>),
    /// What tells it from other tasks of its kind with the same object.
    pub part: &'static str,
}

impl Waiting {
    /// A task about one object.
    pub fn one(code: TaskCode, path: impl Into<String>) -> Self {
        Self {
            code,
            about: None,
            due_at: None,
            path: path.into(),
            count: 1,
            part: "",
            kommunkod: None,
            by: way(code),
        }
    }

    /// A task about `count` objects; none if the count is 0.
    pub fn some(code: TaskCode, count: i64, path: impl Into<String>) -> Option<Self> {
        (count > 0).then(|| Self { count, ..Self::one(code, path) })
    }

    /// Sets the due time.
    pub fn due(self, at: Instant) -> Self {
        Self { due_at: Some(at), ..self }
    }

    /// Sets the step that does it.
    pub fn by_step(self, to: &'static str) -> Self {
        Self { by: (Some(CHANGE), Some(to)), ..self }
    }

    /// Sets the link that does it.
    pub fn by_link(self, rel: &'static str) -> Self {
        Self { by: (Some(rel), None), ..self }
    }

    /// Sets the subject.
    pub fn about(self, words: Localized) -> Self {
        Self { about: Some(words), ..self }
    }

    /// The title: "Milstolpar att granska: Boden (3)".
    pub fn title(&self) -> Localized {
        let label = self.code.label();
        let (mut sv, mut en) = (label.sv.into_owned(), label.en.into_owned());
        if let Some(about) = &self.about {
            sv = format!("{sv}: {}", about.sv);
            en = format!("{en}: {}", about.en);
        }
        if self.count > 1 {
            sv = format!("{sv} ({})", self.count);
            en = format!("{en} ({})", self.count);
        }
        Localized::new(sv, en)
    }
}

const CHANGE: &str = "changeStatus";

/// How a task is done: the relation of the link, and the step. Where it depends on the thing, the task says so itself.
fn way(code: TaskCode) -> (Option<&'static str>, Option<&'static str>) {
    let to = |state| (Some(CHANGE), Some(state));
    let link = |rel| (Some(rel), None);
    match code {
        ProgrammeToDecide => to(ProgrammeState::Decided.as_str()),
        ProgrammeToStart => to(ProgrammeState::Running.as_str()),
        SelectionToCompute => link("selection"),
        SelectionToPropose => to(ProposalState::Proposed.as_str()),
        SelectionToAdopt => to(ProposalState::Adopted.as_str()),
        SelectionToAnnounce => to(ProposalState::Announced.as_str()),
        PlaceToFill => to(ApplicationState::Selected.as_str()),
        ApplicationsToAnswer => link(CHANGE),
        ContactToReview => link("decideContact"),
        ApplicationToComplete => to(ApplicationState::Submitted.as_str()),
        InterestToConfirm => to(ApplicationState::Confirmed.as_str()),
        LetterToWrite => link("writeLetter"),
        LetterToRework => to(LetterState::Draft.as_str()),
        LetterToSign => link("sign"),
        EntriesToConfirm => to(EntryState::Recorded.as_str()),
        ReportToSign | ReportReturned => to(TimeReportState::Signed.as_str()),
        ReportToDeclareEmpty => to(TimeReportState::Empty.as_str()),
        ReportsToAttest => to(TimeReportState::Attested.as_str()),
        MonthToSubmit => link("submit"),
        ReportsToApprove => to(TimeReportState::Approved.as_str()),
        MonthsToLock => to(MonthState::Locked.as_str()),
        MilestonesToReview => to(MilestoneState::Approved.as_str()),
        // What is missing is written before the step is taken.
        ProgrammeToSchedule | LetterToSend | MilestoneLate | MilestoneReturned | MilestoneDue => {
            link("update")
        }
        EntriesToDescribe => link("timeEntries"),
        // Roles are granted to people; what keeps a programme from being completed lies elsewhere.
        StaffingGap | ProgrammeToComplete => (None, None),
    }
}

/// The sort key: the nearest due time first, then tasks without one, each in the order of the code list.
pub fn urgency(waiting: &Waiting) -> (Instant, usize) {
    let never = Instant::from_millis(i64::MAX);
    let place = TaskCode::ALL.iter().position(|code| *code == waiting.code);
    (waiting.due_at.unwrap_or(never), place.unwrap_or(usize::MAX))
}

/// The status change that the manager of a programme should make, and its due time. `qualified` is the number of qualified
/// applications.
pub fn programme_step(
    programme: &ProgrammeRow,
    qualified: i64,
    today: Day,
) -> Option<(TaskCode, Option<Instant>)> {
    let start = Some(programme.starts_on.start());
    match programme.status {
        ProgrammeState::Draft => Some((ProgrammeToSchedule, Some(programme.opens_at))),
        ProgrammeState::Selecting if (1..=i64::from(programme.places)).contains(&qualified) => {
            Some((ProgrammeToDecide, start))
        }
        ProgrammeState::Decided => Some((ProgrammeToStart, start)),
        ProgrammeState::Running if programme.ends_on < today => Some((ProgrammeToComplete, None)),
        _ => None,
    }
}

/// What the applicant must do with an application. The kommun answers after the information meeting, until `answer_by`.
pub fn application_step(
    status: ApplicationState,
    info_meeting_at: Instant,
    answer_by: Instant,
    now: Instant,
) -> Option<TaskCode> {
    match status {
        ApplicationState::ChangesRequested => Some(ApplicationToComplete),
        ApplicationState::Invited if info_meeting_at <= now && now < answer_by => Some(InterestToConfirm),
        _ => None,
    }
}

/// What a person does next with their own report, by its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnStep {
    /// Confirm this many proposed entries.
    Confirm(i64),
    /// Say what was done.
    Describe,
    /// Sign.
    Sign,
    /// Declare that there is nothing to report.
    DeclareEmpty,
}

/// What a person does next with their own report. `proposed`: how many entries wait for confirmation.
pub fn own_step(proposed: i64, is_incomplete: bool, has_entries: bool) -> OwnStep {
    match (proposed, is_incomplete, has_entries) {
        (1.., ..) => OwnStep::Confirm(proposed),
        (_, true, _) => OwnStep::Describe,
        (_, false, true) => OwnStep::Sign,
        (_, false, false) => OwnStep::DeclareEmpty,
    }
}

/// What the applicant must do with the letters of an application. `letters` are the states of all its letters.
pub fn letter_step(application: ApplicationState, letters: &[LetterState]) -> Option<TaskCode> {
    if !matches!(application, ApplicationState::Confirmed | ApplicationState::Selected) {
        return None;
    }
    let has = |states: &[LetterState]| letters.iter().any(|letter| states.contains(letter));
    if has(&[LetterState::Returned, LetterState::Declined]) {
        return Some(LetterToRework);
    }
    if has(&[LetterState::Draft]) {
        return Some(LetterToSend);
    }
    let is_under_way = has(&[
        LetterState::SentForSignature,
        LetterState::PartlySigned,
        LetterState::Signed,
        LetterState::Received,
    ]);
    (!is_under_way).then_some(LetterToWrite)
}

/// How many days before its due date a milestone becomes a task.
pub const MILESTONE_DAYS: i64 = 30;

/// What the coordinator must do with a milestone, if its due date is near.
pub fn milestone_step(status: MilestoneState, due_on: Day, today: Day) -> Option<TaskCode> {
    match status {
        MilestoneState::Returned => Some(MilestoneReturned),
        _ if milestones::is_late(status, due_on, today) => Some(MilestoneLate),
        MilestoneState::Planned | MilestoneState::InProgress if due_on <= today.plus_days(MILESTONE_DAYS) => {
            Some(MilestoneDue)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_title_has_the_subject_and_the_count() {
        let one =
            Waiting::one(MilestoneLate, "/x").about(Localized::fixed("policydokument", "policy document"));
        assert_eq!(one.title().sv, "Försenad milstolpe: policydokument");
        let many = Waiting::some(MilestonesToReview, 3, "/x").unwrap();
        assert_eq!(many.title().en, "Milestones to review (3)");
        assert_eq!(Waiting::some(MilestonesToReview, 0, "/x"), None);
    }

    #[test]
    fn a_milestone_is_a_task_from_thirty_days_before_until_it_is_submitted() {
        let due = day("2021-06-30");
        let step = |status, today: &str| milestone_step(status, due, day(today));
        assert_eq!(step(MilestoneState::Planned, "2021-05-30"), None);
        assert_eq!(step(MilestoneState::Planned, "2021-05-31"), Some(MilestoneDue));
        assert_eq!(step(MilestoneState::InProgress, "2021-06-30"), Some(MilestoneDue));
        assert_eq!(step(MilestoneState::InProgress, "2021-07-01"), Some(MilestoneLate));
        assert_eq!(step(MilestoneState::Returned, "2021-01-01"), Some(MilestoneReturned));
        for settled in [MilestoneState::Submitted, MilestoneState::Approved, MilestoneState::NotApplicable] {
            assert_eq!(step(settled, "2022-01-01"), None);
        }
    }

    #[test]
    fn a_letter_is_written_then_sent_and_reworked_when_it_is_returned() {
        let confirmed = |letters: &[LetterState]| letter_step(ApplicationState::Confirmed, letters);
        assert_eq!(confirmed(&[]), Some(LetterToWrite));
        assert_eq!(confirmed(&[LetterState::Revoked]), Some(LetterToWrite));
        assert_eq!(confirmed(&[LetterState::Draft]), Some(LetterToSend));
        assert_eq!(confirmed(&[LetterState::PartlySigned]), None);
        assert_eq!(confirmed(&[LetterState::Declined]), Some(LetterToRework));
        assert_eq!(letter_step(ApplicationState::Qualified, &[]), None);
    }

    proptest! {
        #[test]
        fn a_task_with_a_due_time_comes_first(millis in 0_i64..4_000_000_000_000) {
            let dated = Waiting::one(MilestonesToReview, "/x").due(Instant::from_millis(millis));
            let undated = Waiting::one(ProgrammeToSchedule, "/x");
            prop_assert!(urgency(&dated) < urgency(&undated));
        }
    }
}
