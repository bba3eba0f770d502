//! The requirements on an entry, who may change it, and its warnings. Pure.

use super::EntryState::{self, *};
use super::store::DayEntry;
use super::{EntryKind, EntryRow, EntrySource};
use crate::identity::policy::Role;
use crate::platform::moment::Day;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::{Transition, Workflow};
use crate::programmes::programme::ProgrammeRow;
use crate::programmes::settings::SettingsContent;
use crate::reference::calendar;
use crate::team::employments::EmploymentRow;
use crate::team::participants::ParticipantRow;

const PERSON: &[&str] = &[Role::Participant.as_str()];
const ANYONE_OF_THEM: &[&str] =
    &[Role::Participant.as_str(), Role::Coordinator.as_str(), Role::ProgrammeManager.as_str()];

/// The workflow of an entry. Only the person confirms it; others may void the entries that they may change (see
/// [`may_change`]).
pub const WORKFLOW: Workflow<EntryState> = Workflow {
    initial: &[Proposed, Recorded],
    end: &[Voided],
    transitions: &[
        Transition::by(&[Proposed], Recorded, PERSON).no_decision(),
        Transition::by(&[Proposed], Voided, ANYONE_OF_THEM).no_decision(),
        Transition::by(&[Recorded], Voided, PERSON).no_decision(),
        Transition::effect(&[Proposed], Voided, "time-reports left unsigned"),
    ],
};

/// The minutes of a day.
const DAY_MINUTES: i64 = 24 * 60;

/// The facts that an entry is checked against.
pub struct Facts<'a> {
    /// The programme.
    pub programme: &'a ProgrammeRow,
    /// The participant whose time it is.
    pub participant: &'a ParticipantRow,
    /// The person's employments at the participant's employer. Without any, this rule is skipped: none is registered yet.
    pub employments: &'a [EmploymentRow],
    /// The settings of the day of the work.
    pub settings: &'a SettingsContent,
    /// Today in Sweden.
    pub today: Day,
}

/// Every error of an entry.
pub fn faults(entry: &EntryRow, facts: &Facts<'_>) -> Vec<FieldError> {
    let day = entry.work_date;
    let (programme, participant) = (facts.programme, facts.participant);
    let is_employed = facts.employments.is_empty() || facts.employments.iter().any(|post| post.holds_on(day));
    let activities = &facts.settings.activities;
    let activity = activities.iter().find(|activity| activity.code == entry.activity_code);
    let is_travel = activity.is_some_and(|activity| activity.is_travel);
    let codes = || activities.iter().map(|activity| activity.code.as_str()).collect::<Vec<_>>().join(", ");
    let rules = [
        (
            day <= facts.today,
            "/workDate",
            "inTheFuture",
            Localized::fixed("Dagen har inte varit än.", "The day lies in the future."),
        ),
        (
            (programme.starts_on..=programme.ends_on).contains(&day),
            "/workDate",
            "outsideProgramme",
            Localized::new(
                format!("Programmet pågår {}–{}.", programme.starts_on, programme.ends_on),
                format!("The programme runs {}–{}.", programme.starts_on, programme.ends_on),
            ),
        ),
        (
            participant.holds_on(day),
            "/workDate",
            "outsideParticipation",
            Localized::fixed("Personen deltar inte den dagen.", "The person does not take part on that day."),
        ),
        (
            is_employed,
            "/workDate",
            "outsideEmployment",
            Localized::fixed(
                "Ingen registrerad anställning gäller den dagen.",
                "No registered employment is valid on that day.",
            ),
        ),
        (
            activity.is_some(),
            "/activityCode",
            "unknown",
            Localized::new(
                format!("Aktiviteterna är {}.", codes()),
                format!("The activities are {}.", codes()),
            ),
        ),
        (
            !is_travel || entry.kind != EntryKind::Joint,
            "/kind",
            "travelIsNeverJoint",
            Localized::fixed("Resa är aldrig gemensam tid.", "Travel is never joint time."),
        ),
    ];
    let broken = rules.into_iter().filter(|(holds, ..)| !holds);
    broken.map(|(_, pointer, code, words)| FieldError::new(pointer, code, words)).collect()
}

/// The person's other entries of the day, in minutes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DayMinutes {
    /// In all programmes.
    pub everywhere: i64,
    /// In this programme.
    pub here: i64,
}

/// The minutes of the person's other entries on the day of an entry. For a recorded entry these are the recorded entries in all
/// programmes: proposals do not count, so that nobody can fill another person's day with them. For a proposal, the
/// participant's other proposals count too. If the proposal is by somebody else, only this participant's entries count, so that
/// an error does not reveal how long the person worked elsewhere.
pub fn other_minutes(entry: &EntryRow, day: &[DayEntry], is_person: bool) -> DayMinutes {
    let is_proposal = entry.status == Proposed;
    let counts = |other: &&DayEntry| {
        let is_participants = other.participant_id == entry.participant_id;
        let has_state =
            other.status == Recorded || (is_proposal && other.status == Proposed && is_participants);
        other.id != entry.id && has_state && (!is_proposal || is_person || is_participants)
    };
    let mut sums = DayMinutes::default();
    for other in day.iter().filter(counts) {
        sums.everywhere += i64::from(other.minutes);
        if other.programme_id == entry.programme_id {
            sums.here += i64::from(other.minutes);
        }
    }
    sums
}

/// An error if the day would exceed 24 hours in all programmes together, or the programme's daily cap (in hours). The remaining
/// minutes would reveal time in other programmes, so only the person is told them.
pub fn day_fault(
    minutes: i32,
    others: DayMinutes,
    cap_hours: Option<i32>,
    is_person: bool,
) -> Option<(Code, FieldError)> {
    let minutes = i64::from(minutes);
    if others.everywhere + minutes > DAY_MINUTES {
        let left = (DAY_MINUTES - others.everywhere).max(0);
        let words = if is_person {
            Localized::new(
                format!("Av dygnet återstår {left} minuter, alla program sammanräknade."),
                format!("{left} minutes of the day are left, counting all programmes."),
            )
        } else {
            Localized::fixed(
                "Så mycket tid ryms inte i personens dygn.",
                "With this entry the person's day would exceed 24 hours.",
            )
        };
        return Some((
            Code::DailyHoursExceeded,
            FieldError::new("/minutes", Code::DailyHoursExceeded.as_str(), words),
        ));
    }
    let cap = i64::from(cap_hours?) * 60;
    if others.here + minutes <= cap {
        return None;
    }
    let left = (cap - others.here).max(0);
    let words = Localized::new(
        format!("Programmets tak är {} timmar per dag; {left} minuter återstår.", cap / 60),
        format!("The programme's cap is {} hours a day; {left} minutes are left.", cap / 60),
    );
    Some((Code::DailyCapExceeded, FieldError::new("/minutes", Code::DailyCapExceeded.as_str(), words)))
}

/// 422 with all errors of an entry. If the minutes of the day are the only error, the problem has the code of that error.
pub fn check(mut faults: Vec<FieldError>, day: Option<(Code, FieldError)>) -> Result<(), Problem> {
    match day {
        Some((code, fault)) if faults.is_empty() => Err(Problem::new(code).errors(vec![fault])),
        day => {
            faults.extend(day.map(|(_, fault)| fault));
            Code::InvalidInput.refuse_any(faults)
        }
    }
}

/// Whether the caller may change or void an entry. The person always may. Others may only if it is a proposal, and not a copy
/// that the person made.
pub fn may_change(entry: &EntryRow, is_person: bool) -> bool {
    is_person || (entry.status == Proposed && entry.source != EntrySource::Manual)
}

/// The warnings of an entry, each with a stable code.
pub fn warnings(entry: &EntryRow) -> Vec<(&'static str, Localized)> {
    let mut warnings = Vec::new();
    if entry.status == Voided {
        return warnings;
    }
    if let Some(rest) = calendar::rest_day(entry.work_date.0) {
        let words = Localized::new(
            format!("Dagen är {}; attestanten ska kommentera.", rest.sv),
            format!("The day is {}; the attester must comment.", rest.en),
        );
        warnings.push(("restDay", words));
    }
    if entry.description.is_none() {
        let words = Localized::fixed(
            "Beskrivning behövs innan rapporten undertecknas.",
            "A description is needed before the report is signed.",
        );
        warnings.push(("descriptionMissing", words));
    }
    warnings
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
