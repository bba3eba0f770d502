//! When something waits, for whom it is said, and in which order. Pure.

use super::TaskCode::{self, *};
use crate::calls::applications::ApplicationState;
use crate::calls::avsiktsforklaringar::LetterState;
use crate::goals::milestones::{self, MilestoneState};
use crate::platform::codes::Codes as _;
use crate::platform::moment::{Day, Instant};
use crate::platform::text::Localized;
use crate::programmes::programme::{ProgrammeRow, ProgrammeState};

/// A task before it is put into words: what waits, where, until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What kind of task.
    pub code: TaskCode,
    /// What it is about, after the colon of the title.
    pub about: Option<Localized>,
    /// When it should be done.
    pub due_at: Option<Instant>,
    /// Path below the base path.
    pub path: String,
    /// How many things wait.
    pub count: i64,
}

impl Waiting {
    /// One thing that waits.
    pub fn one(code: TaskCode, path: impl Into<String>) -> Self {
        Self { code, about: None, due_at: None, path: path.into(), count: 1 }
    }

    /// Some things that wait, unless there are none.
    pub fn some(code: TaskCode, count: i64, path: impl Into<String>) -> Option<Self> {
        (count > 0).then(|| Self { count, ..Self::one(code, path) })
    }

    /// With when it should be done.
    pub fn due(self, at: Instant) -> Self {
        Self { due_at: Some(at), ..self }
    }

    /// With what it is about.
    pub fn about(self, words: Localized) -> Self {
        Self { about: Some(words), ..self }
    }

    /// "Milstolpar att granska: Boden (3)".
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

/// What comes first: the nearest due, then what has no date, each in the order of the code list.
pub fn urgency(waiting: &Waiting) -> (Instant, usize) {
    let never = Instant::from_millis(i64::MAX);
    let place = TaskCode::ALL.iter().position(|code| *code == waiting.code);
    (waiting.due_at.unwrap_or(never), place.unwrap_or(usize::MAX))
}

/// The step that a programme waits for its manager to take, and until when. `qualified`: how many have qualified.
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

/// What an application waits for its applicant to do with it.
pub fn application_step(status: ApplicationState) -> Option<TaskCode> {
    match status {
        ApplicationState::ChangesRequested => Some(ApplicationToComplete),
        ApplicationState::Invited => Some(InterestToConfirm),
        _ => None,
    }
}

/// What an application's letters wait for the applicant to do: `letters` are the states of all that were written.
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

/// How long before its day a milestone is named, in days.
pub const MILESTONE_DAYS: i64 = 30;

/// What a milestone waits for its coordinator to do, if its day is near.
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
    fn titles_name_what_and_how_many() {
        let one =
            Waiting::one(MilestoneLate, "/x").about(Localized::fixed("policydokument", "policy document"));
        assert_eq!(one.title().sv, "Försenad milstolpe: policydokument");
        let many = Waiting::some(MilestonesToReview, 3, "/x").unwrap();
        assert_eq!(many.title().en, "Milestones to review (3)");
        assert_eq!(Waiting::some(MilestonesToReview, 0, "/x"), None);
    }

    #[test]
    fn a_milestone_is_named_from_thirty_days_before_until_it_is_submitted() {
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
    fn a_letter_is_written_then_sent_and_reworked_when_it_comes_back() {
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
        fn what_has_a_date_comes_before_what_has_none(millis in 0_i64..4_000_000_000_000) {
            let dated = Waiting::one(MilestonesToReview, "/x").due(Instant::from_millis(millis));
            let undated = Waiting::one(ProgrammeToSchedule, "/x");
            prop_assert!(urgency(&dated) < urgency(&undated));
        }
    }
}
