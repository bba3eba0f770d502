//! A programme's states, what each step requires, and the order of its deadlines (guide §3). Pure.

use std::collections::BTreeSet;

use super::ProgrammeState::{self, *};
use super::{Decision, Profile, ProgrammeRow, SentPlan};
use crate::identity::policy::Role;
use crate::platform::db::sql::Json;
use crate::platform::moment::{Day, Instant};
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::{Need, Transition, Workflow};
use crate::programmes::settings::SelectionStage;

const MANAGER: &[&str] = &[Role::ProgrammeManager.as_str()];

/// The table of a programme's states.
pub const WORKFLOW: Workflow<ProgrammeState> = Workflow {
    initial: &[Draft],
    end: &[Completed, Cancelled],
    transitions: &[
        Transition::by(&[Draft], Scheduled, MANAGER),
        Transition::clock(&[Scheduled], Open),
        Transition::clock(&[Open], Closed),
        Transition::clock(&[Closed], Selecting),
        Transition::by(&[Selecting], Decided, MANAGER),
        Transition::effect(&[Selecting], Decided, "the announcement of an adopted selection"),
        Transition::by(&[Decided], Running, MANAGER).requiring(&[Need::always("decision")]),
        Transition::by(&[Running], Completed, MANAGER),
        Transition::by(&[Draft, Scheduled, Open, Closed, Selecting, Decided, Running], Cancelled, MANAGER)
            .with_comment(),
    ],
};

/// The states in which the places are given and applications still move.
pub const SELECTION_STATES: &[ProgrammeState] = &[Open, Closed, Selecting];

/// The states in which the places are given, so that anyone may know who has them.
pub const ANNOUNCED_STATES: &[ProgrammeState] = &[Decided, Running, Completed];

/// The step that the clock takes now, if any. Places can be given once the pool is complete: after the letters, or, if the
/// settings say so, after the answers that follow the meeting.
pub fn due(programme: &ProgrammeRow, stage: SelectionStage, now: Instant) -> Option<ProgrammeState> {
    let pool_complete = match stage {
        SelectionStage::AfterLetters => programme.avsiktsforklaring_deadline,
        SelectionStage::AfterMeeting => programme.confirmation_deadline,
    };
    let (at, to) = match programme.status {
        Scheduled => (programme.opens_at, Open),
        Open => (programme.interest_deadline, Closed),
        Closed => (pool_complete, Selecting),
        _ => return None,
    };
    (at <= now).then_some(to)
}

/// The row with what a step of the clock publishes for good: the programme when it opens, the seed when nobody can use it
/// any more.
pub fn published(mut programme: ProgrammeRow, to: ProgrammeState, now: Instant) -> ProgrammeRow {
    match to {
        Open => programme.opened_at = Some(now),
        Selecting => programme.seed_shown_at = Some(now),
        _ => {}
    }
    programme
}

/// The errors of ESF's decision, which running requires: its day lies in the future.
pub fn decision_faults(decision: &Decision, today: Day) -> Vec<FieldError> {
    let words = Localized::fixed("Ligger i framtiden.", "Lies in the future.");
    let fault = FieldError::new("/data/decision/decidedOn", "inTheFuture", words);
    (decision.decided_on > today).then_some(fault).into_iter().collect()
}

/// Whether the last day of work has passed, which completing requires.
pub fn is_over(programme: &ProgrammeRow, today: Day) -> bool {
    programme.ends_on < today
}

/// 409 unless the last day of work has passed.
pub fn check_over(programme: &ProgrammeRow, today: Day) -> Result<(), Problem> {
    if is_over(programme, today) {
        return Ok(());
    }
    let words =
        Localized::fixed("Sista arbetsdagen har inte passerat.", "The last day of work has not passed.");
    Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new("/endsOn", "notYet", words)]))
}

/// The row of a new programme with the older one's goals and quotas. Pins are not copied: they concern the kommuner of one call.
pub fn with_plan_of(mut programme: ProgrammeRow, older: &ProgrammeRow) -> ProgrammeRow {
    programme.selection_plan = Some(Json(older.plan().without_pins()));
    programme
}

/// The error of a new programme whose profile is not that of the older one that it gets its settings from.
pub fn profile_fault(programme: &ProgrammeRow, older: &ProgrammeRow) -> Option<FieldError> {
    let words = Localized::new(
        format!("Inställningarna kopieras från ett program med profilen {}.", older.profile),
        format!("The settings are copied from a programme whose profile is {}.", older.profile),
    );
    (programme.profile != older.profile).then(|| FieldError::new("/profile", "wrongProfile", words))
}

/// 409 when dates, places or the selection plan would change in a programme that is no longer planned.
pub fn check_plan(before: &ProgrammeRow, after: &ProgrammeRow) -> Result<(), Problem> {
    let plan = |row: &ProgrammeRow| {
        let deadlines = [
            row.opens_at,
            row.interest_deadline,
            row.info_meeting_at,
            row.confirmation_deadline,
            row.avsiktsforklaring_deadline,
        ];
        (row.places, row.starts_on, row.ends_on, deadlines, row.plan())
    };
    if matches!(before.status, Draft | Scheduled) || plan(before) == plan(after) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict)
        .detail(
            "Datum, platser och urvalsplan ändras bara medan programmet är utkast eller planerat.",
            "Dates, places and the selection plan change only while the programme is a draft or scheduled.",
        )
        .member("currentStatus", before.status.as_str()))
}

/// The errors of the dates of a changed programme; one that is scheduled must not have passed deadlines either.
pub fn plan_faults(programme: &ProgrammeRow, now: Instant) -> Vec<FieldError> {
    match programme.status {
        Scheduled => scheduling_faults(programme, now),
        _ => date_faults(programme),
    }
}

/// The errors of the selection plan; `known` are the kommuner of the register among those that it pins.
pub fn selection_faults(plan: &SentPlan, places: i32, known: &BTreeSet<String>) -> Vec<FieldError> {
    let below =
        |fault: FieldError| FieldError { pointer: format!("/selectionPlan{}", fault.pointer), ..fault };
    plan.faults(places, known).into_iter().map(below).collect()
}

/// The errors of the order of the dates.
pub fn date_faults(programme: &ProgrammeRow) -> Vec<FieldError> {
    let p = programme;
    let steps = [
        ("/interestDeadline", p.opens_at < p.interest_deadline, "opensAt"),
        ("/infoMeetingAt", p.opens_at < p.info_meeting_at, "opensAt"),
        ("/confirmationDeadline", p.info_meeting_at < p.confirmation_deadline, "infoMeetingAt"),
        ("/confirmationDeadline", p.interest_deadline < p.confirmation_deadline, "interestDeadline"),
        (
            "/avsiktsforklaringDeadline",
            p.confirmation_deadline <= p.avsiktsforklaring_deadline,
            "confirmationDeadline",
        ),
        ("/startsOn", p.avsiktsforklaring_deadline <= p.starts_on.start(), "avsiktsforklaringDeadline"),
        ("/endsOn", p.starts_on <= p.ends_on, "startsOn"),
    ];
    let wrong = steps.into_iter().filter(|(_, is_right, _)| !is_right);
    wrong
        .map(|(pointer, _, before)| {
            let detail =
                Localized::new(format!("Ska ligga efter {before}."), format!("Must come after {before}."));
            FieldError::new(pointer, "wrongOrder", detail)
        })
        .collect()
}

/// What prevents scheduling: deadlines that are out of order or have passed.
pub fn scheduling_faults(programme: &ProgrammeRow, now: Instant) -> Vec<FieldError> {
    let mut faults = date_faults(programme);
    if programme.interest_deadline <= now {
        let words =
            Localized::fixed("Sista dag för intresse har passerat.", "The deadline for interest has passed.");
        faults.push(FieldError::new("/interestDeadline", "inThePast", words));
    }
    faults
}

/// The sentence that every mail and document of a programme carries (guide §6).
pub fn funding_sentence(profile: Profile) -> Localized {
    match profile {
        Profile::Esf20142020 => Localized::fixed(
            "Europeiska unionen – Europeiska socialfonden. Projektet finansieras av Europeiska socialfonden.",
            "European Union – European Social Fund. The project is financed by the European Social Fund.",
        ),
        Profile::EsfPlus20212027 => {
            Localized::fixed("Medfinansieras av Europeiska unionen.", "Co-funded by the European Union.")
        }
    }
}

/// 409 unless the programme is decided or running. Teams and employments change only then: before that the places are not
/// given, after it what was paid for stands.
pub fn check_not_over(programme: &ProgrammeRow) -> Result<(), Problem> {
    if matches!(programme.status, Decided | Running) {
        return Ok(());
    }
    let status = programme.status;
    let words = Localized::new(
        format!("Team och anställningar ändras när programmet är decided eller running, inte {status}."),
        format!("Teams and employments change while the programme is decided or running, not {status}."),
    );
    Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new("/programmeId", "wrongState", words)]))
}

/// 409 unless the programme is running: work is entered, changed and judged only then.
pub fn check_running(programme: &ProgrammeRow) -> Result<(), Problem> {
    if programme.status == ProgrammeState::Running {
        return Ok(());
    }
    let words = Localized::fixed("Programmet pågår inte.", "The programme is not running.");
    Err(Problem::new(Code::StateConflict)
        .errors(vec![FieldError::new("/programmeId", "notRunning", words)])
        .member("currentStatus", programme.status.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::context::Context;

    /// The programme of the offer (guide §3).
    fn offer() -> ProgrammeRow {
        ProgrammeRow::example(&Context::example()).unwrap()
    }

    #[test]
    fn the_dates_of_the_offer_are_in_order() {
        assert!(date_faults(&offer()).is_empty());
    }

    #[test]
    fn every_date_out_of_order_is_named() {
        let mut programme = offer();
        programme.interest_deadline = programme.opens_at;
        programme.ends_on = programme.starts_on.plus_days(-1);
        let pointers: Vec<_> = date_faults(&programme).into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/interestDeadline", "/endsOn"]);
    }

    #[test]
    fn the_clock_opens_exactly_at_the_instant() {
        let mut programme = offer();
        programme.status = Scheduled;
        let stage = SelectionStage::AfterLetters;
        assert_eq!(due(&programme, stage, programme.opens_at.plus_millis(-1)), None);
        assert_eq!(due(&programme, stage, programme.opens_at), Some(Open));
    }

    #[test]
    fn the_pool_is_complete_after_the_letters_or_after_the_meeting() {
        let mut programme = offer();
        programme.status = Closed;
        let answers = programme.confirmation_deadline;
        assert_eq!(due(&programme, SelectionStage::AfterLetters, answers), None);
        assert_eq!(due(&programme, SelectionStage::AfterMeeting, answers.plus_millis(-1)), None);
        assert_eq!(due(&programme, SelectionStage::AfterMeeting, answers), Some(Selecting));
        let letters = programme.avsiktsforklaring_deadline;
        assert_eq!(due(&programme, SelectionStage::AfterLetters, letters), Some(Selecting));
    }

    #[test]
    fn opening_makes_the_programme_public_and_selecting_its_seed() {
        let now = offer().opens_at;
        let shown = |to| {
            let row = published(offer(), to, now);
            (row.opened_at, row.seed_shown_at)
        };
        assert_eq!(shown(Open), (Some(now), None));
        assert_eq!(shown(Closed), (None, None));
        assert_eq!(shown(Selecting), (None, Some(now)));
    }

    #[test]
    fn a_decision_is_not_in_the_future() {
        let today = offer().starts_on;
        let on = |decided_on| Decision {
            body: "ESF-rådet".into(),
            decided_on,
            paragraph: None,
            registry_number: "2020/00373".into(),
        };
        let pointers = |decision: &Decision| -> Vec<String> {
            decision_faults(decision, today).into_iter().map(|fault| fault.pointer).collect()
        };
        assert!(pointers(&on(today)).is_empty());
        assert_eq!(pointers(&on(today.plus_days(1))), ["/data/decision/decidedOn"]);
    }
}
