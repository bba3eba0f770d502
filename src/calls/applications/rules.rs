//! An application's states, what each step requires, what the clock does, and who may change which field (guide §3). Pure.

mod contact;
mod fields;
mod places;

use super::ApplicationState::{self, *};
use super::{ApplicationRow, EndReason};
use crate::identity::policy::Role;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::{Need, Transition, Workflow};
use crate::programmes::programme::{ProgrammeRow, ProgrammeState, SELECTION_STATES};
use crate::programmes::settings::SelectionStage;

pub use contact::{check_undecided, decided, decision_faults, undecided};
pub use fields::{FieldGroup, check_any_open, check_open, check_roles, invitation_faults, respond_by_faults};
pub use places::{
    HOLDS_A_PLACE, check_free_place, check_letter, check_pool, has_been_placed, is_awaited, is_deviation,
    is_in_pool, letters_still_open, next, public_reason_faults, still_has_time,
};

const MANAGER: &[&str] = &[Role::ProgrammeManager.as_str()];
const KOMMUN: &[&str] = &[Role::Applicant.as_str(), Role::Coordinator.as_str()];

/// The live states: a kommun has at most one such application in a programme (`applications_live_key`).
pub const LIVE: [ApplicationState; 12] = [
    Submitted,
    ChangesRequested,
    Invited,
    Confirmed,
    Qualified,
    NotQualified,
    Selected,
    Reserve,
    NotSelected,
    Participating,
    Completed,
    Terminated,
];

/// The live states before taking part. Such an application ends when the programme is cancelled.
pub const UNDER_WAY: [ApplicationState; 9] = [
    Submitted,
    ChangesRequested,
    Invited,
    Confirmed,
    Qualified,
    NotQualified,
    Selected,
    Reserve,
    NotSelected,
];

/// How many days the link that proves an address is valid. An application that is unverified for longer expires.
pub const UNVERIFIED_DAYS: i64 = 7;

const ANNOUNCED: &str = "the decision on the places: a selection is announced, or all are taken in";

/// The member of `data` with a later last day for the kommun's answer.
pub const ANSWER: &str = "respondBy";

/// The member of `data` that tells all kommuner of the call why another kommun than the best replacement gets a place.
pub const PUBLIC_REASON: &str = "publicReason";

/// The states of an application and the transitions between them.
pub const WORKFLOW: Workflow<ApplicationState> = Workflow {
    initial: &[Unverified, Submitted],
    end: &[Expired, Merged, Rejected, Declined, Completed, Terminated, Withdrawn],
    transitions: &[
        Transition::effect(&[Unverified], Submitted, "the use of the mailed link"),
        Transition::effect(
            &[Unverified],
            Merged,
            "the use of the mailed link when the kommun has a live application",
        ),
        Transition::clock(&[Unverified], Expired),
        Transition::by(&[Submitted], ChangesRequested, MANAGER).with_comment(),
        Transition::by(&[Submitted], Invited, MANAGER)
            .requiring(&[Need::when(ANSWER, "the last day for the kommun's answer has passed")]),
        Transition::by(&[Submitted], Rejected, MANAGER).with_comment(),
        Transition::by(&[ChangesRequested], Submitted, KOMMUN).no_decision(),
        Transition::by(&[Invited], Confirmed, KOMMUN).no_decision(),
        Transition::by(&[Invited], Declined, KOMMUN).no_decision(),
        Transition::clock(&[Invited], Declined),
        Transition::effect(&[Confirmed], Qualified, "the receipt of a letter in time"),
        Transition::clock(&[Confirmed], NotQualified),
        Transition::effect(&[NotQualified], Qualified, "the registration of a letter that came in time"),
        Transition::by(&[NotQualified], Qualified, MANAGER).with_comment(),
        Transition::effect(&[Qualified], Confirmed, "the return, revocation or change of the letter"),
        Transition::effect(&[Qualified, Confirmed], Selected, ANNOUNCED),
        Transition::effect(&[Qualified, Confirmed], Reserve, ANNOUNCED),
        Transition::effect(&[Qualified, Confirmed], NotSelected, ANNOUNCED),
        Transition::clock(&[Selected], NotQualified),
        Transition::effect(&[Selected], Participating, "the start of the programme"),
        Transition::by(&[Selected], Declined, KOMMUN).no_decision(),
        Transition::by(&[Reserve, NotSelected], Selected, MANAGER).requiring(&[Need::when(
            PUBLIC_REASON,
            "another kommun than the best replacement gets the place",
        )]),
        Transition::by(&[Reserve], NotSelected, MANAGER),
        Transition::by(&[Participating], Completed, MANAGER),
        Transition::by(&[Participating], Terminated, MANAGER).with_comment(),
        Transition::effect(&[Participating], Terminated, "the cancellation of the programme"),
        Transition::by(
            &[Submitted, ChangesRequested, Invited, Confirmed, Qualified, Reserve],
            Withdrawn,
            KOMMUN,
        )
        .no_decision(),
        Transition::effect(&UNDER_WAY, Rejected, "the end of the call or the cancellation of the programme"),
    ],
};

/// Whether a letter may be written for an application in this state: from the invitation until the work begins.
pub fn letter_may_be_written(application: ApplicationState) -> bool {
    matches!(application, Invited | Confirmed | Qualified | NotQualified | Selected | Reserve | NotSelected)
}

/// The deadline for the kommun to say whether it is still interested.
pub fn answer_by(application: &ApplicationRow, programme: &ProgrammeRow) -> Instant {
    application.respond_by.unwrap_or(programme.confirmation_deadline)
}

/// Whether the kommun can no longer answer, so that an invitation gives it a later day.
pub fn needs_later_answer(application: &ApplicationRow, programme: &ProgrammeRow, now: Instant) -> bool {
    answer_by(application, programme) <= now
}

/// The deadline for receiving the kommun's letter: the programme's, or a later one that the application was given.
pub fn letter_deadline(application: &ApplicationRow, programme: &ProgrammeRow) -> Instant {
    let programmes = programme.avsiktsforklaring_deadline;
    application.respond_by.map_or(programmes, |later| programmes.max(later))
}

/// 409 when a letter that is begun now would expire at once. Whoever registers paper (the programme manager) still can: what
/// came in time counts.
pub fn check_in_time_for_letter(deadline: Instant, roles: &[&str], now: Instant) -> Result<(), Problem> {
    if now < deadline || roles.iter().any(|role| MANAGER.contains(role)) {
        return Ok(());
    }
    Err(Problem::new(Code::DeadlinePassed))
}

/// The facts that a step of the clock depends on, besides the application and its programme.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// When the pool is taken: after the meeting or after the letters.
    pub stage: SelectionStage,
    /// The deadline for receiving the letter.
    pub letter_deadline: Instant,
    /// Whether the letter was received in time, or the manager gave a reason why the kommun needs none.
    pub letter_in_time: bool,
    /// Whether a link to prove the address can still be used.
    pub has_open_link: bool,
}

/// The step that the clock makes now, if there is one, and the reason.
pub fn due(
    application: &ApplicationRow,
    programme: &ProgrammeRow,
    facts: &Facts,
    now: Instant,
) -> Option<(ApplicationState, Option<EndReason>)> {
    let letter_missed = has_missed_the_letter(facts, now);
    let unproved = application.created_at.plus_days(UNVERIFIED_DAYS) <= now && !facts.has_open_link;
    match application.status {
        Unverified if unproved => Some((Expired, None)),
        Invited if answer_by(application, programme) <= now => Some((Declined, Some(EndReason::NoAnswer))),
        Confirmed if letter_missed => Some((NotQualified, Some(EndReason::LetterMissing))),
        // When the pool is taken after the letters, everybody with a place has a letter.
        Selected if letter_missed && facts.stage == SelectionStage::AfterMeeting => {
            Some((NotQualified, Some(EndReason::LetterMissing)))
        }
        _ => None,
    }
}

/// Whether the letter's deadline has passed without a letter.
pub fn has_missed_the_letter(facts: &Facts, now: Instant) -> bool {
    !facts.letter_in_time && facts.letter_deadline <= now
}

/// The programme's states in which the step to `to` may be made; none when it may be made in any state. When the pool is
/// taken after the meeting, the clock can disqualify a kommun in a decided programme. There it can also be qualified again.
fn programme_states(to: ApplicationState, stage: SelectionStage) -> Option<&'static [ProgrammeState]> {
    const UNTIL_DECIDED: &[ProgrammeState] =
        &[ProgrammeState::Open, ProgrammeState::Closed, ProgrammeState::Selecting, ProgrammeState::Decided];
    match to {
        Qualified if stage == SelectionStage::AfterMeeting => Some(UNTIL_DECIDED),
        Qualified => Some(SELECTION_STATES),
        Selected => Some(&[ProgrammeState::Decided, ProgrammeState::Running]),
        _ => None,
    }
}

/// Whether the programme's state allows the step.
pub fn is_offered(to: ApplicationState, programme: ProgrammeState, stage: SelectionStage) -> bool {
    programme_states(to, stage).is_none_or(|states| states.contains(&programme))
}

/// 409 when the time or the programme's state forbids a step that a person asks for. The workflow has allowed it.
pub fn allow(
    application: &ApplicationRow,
    programme: &ProgrammeRow,
    stage: SelectionStage,
    to: ApplicationState,
    now: Instant,
) -> Result<(), Problem> {
    let too_late = needs_later_answer(application, programme, now);
    let is_answer = application.status == Invited && matches!(to, Confirmed | Declined);
    match to {
        Invited | Confirmed if too_late => Err(Problem::new(Code::DeadlinePassed).detail(
            "Sista dag för kommunens svar har passerat; projektledaren kan ange en senare i respondBy.",
            "The deadline for the kommun's answer has passed; the programme manager can give a later one in respondBy.",
        )),
        _ if is_answer && now < programme.info_meeting_at => {
            let words = Localized::fixed(
                "Svaret ges efter informationsmötet. Vill kommunen inte vara med tas anmälan tillbaka (withdrawn).",
                "The answer is given after the information meeting. A kommun that does not want to take part withdraws \
                 its application (withdrawn).",
            );
            Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new("/programme/infoMeetingAt", "notYet", words)]))
        }
        _ => programme_states(to, stage).map_or(Ok(()), |states| check_programme_state(programme, states)),
    }
}

/// A copy of the application for its next step, without the code of why it had ended. The reason for which the manager
/// registered it is also kept in its notes.
pub fn without_end_reason(row: &ApplicationRow) -> ApplicationRow {
    let mut row = row.clone();
    row.reason = row.reason.filter(|reason| EndReason::from_code(reason).is_none());
    row
}

/// 409 unless the programme is in one of the states.
pub fn check_programme_state(programme: &ProgrammeRow, states: &[ProgrammeState]) -> Result<(), Problem> {
    if states.contains(&programme.status) {
        return Ok(());
    }
    let names = states.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(", ");
    let words = Localized::new(
        format!("Programmet är {}; det ska vara något av {names}.", programme.status),
        format!("The programme is {}; it must be one of {names}.", programme.status),
    );
    Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new(
        "/programme/status",
        "wrongState",
        words,
    )]))
}

#[cfg(test)]
mod tests;
