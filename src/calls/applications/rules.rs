//! An application's states, what each step asks for, what the clock does, and who may change which field (guide §3). Pure.

use super::ApplicationState::{self, *};
use super::{ApplicationRow, EndReason};
use crate::identity::policy::Role;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::{Transition, Workflow};
use crate::programmes::programme::{ProgrammeRow, ProgrammeState, SELECTION_STATES};
use crate::programmes::settings::SelectionStage;

const MANAGER: &[&str] = &[Role::ProgrammeManager.as_str()];
const KOMMUN: &[&str] = &[Role::Applicant.as_str(), Role::Coordinator.as_str()];

const APPLICANT: &[&str] = &[Role::Applicant.as_str()];
const APPLICANT_AND_MANAGER: &[&str] = &[Role::Applicant.as_str(), Role::ProgrammeManager.as_str()];

/// Live: at most one per kommun and programme (`applications_live_key`).
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

/// Live, and not yet at the end of the way: what ends when the programme is called off.
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

/// Those that hold or have held one of the programme's places. A terminated one has given it back.
pub const HOLDS_A_PLACE: [ApplicationState; 3] = [Selected, Participating, Completed];

/// How long the link to prove an address, and an application without proof, lasts.
pub const UNVERIFIED_DAYS: i64 = 7;

const ANNOUNCED: &str = "the places are given: announced, or all taken in";

/// The table of an application's states.
pub const WORKFLOW: Workflow<ApplicationState> = Workflow {
    initial: &[Unverified, Submitted],
    end: &[Expired, Merged, Rejected, Declined, Completed, Terminated, Withdrawn],
    transitions: &[
        Transition::effect(&[Unverified], Submitted, "the mailed link is used"),
        Transition::effect(
            &[Unverified],
            Merged,
            "the mailed link is used and the kommun has a live application",
        ),
        Transition::clock(&[Unverified], Expired),
        Transition::by(&[Submitted], ChangesRequested, MANAGER).with_comment(),
        Transition::by(&[Submitted], Invited, MANAGER),
        Transition::by(&[Submitted], Rejected, MANAGER).with_comment(),
        Transition::by(&[ChangesRequested], Submitted, KOMMUN),
        Transition::by(&[Invited], Confirmed, KOMMUN),
        Transition::by(&[Invited], Declined, KOMMUN),
        Transition::clock(&[Invited], Declined),
        Transition::effect(&[Confirmed], Qualified, "a letter is received in time"),
        Transition::clock(&[Confirmed], NotQualified),
        Transition::effect(&[NotQualified], Qualified, "a letter that came in time is registered afterwards"),
        Transition::by(&[NotQualified], Qualified, MANAGER).with_comment(),
        Transition::effect(&[Qualified], Confirmed, "the received letter is returned, revoked or changed"),
        Transition::effect(&[Qualified, Confirmed], Selected, ANNOUNCED),
        Transition::effect(&[Qualified, Confirmed], Reserve, ANNOUNCED),
        Transition::effect(&[Qualified, Confirmed], NotSelected, ANNOUNCED),
        Transition::clock(&[Selected], NotQualified),
        Transition::effect(&[Selected], Participating, "the programme runs"),
        Transition::by(&[Selected], Declined, KOMMUN),
        Transition::by(&[Reserve, NotSelected], Selected, MANAGER),
        Transition::by(&[Reserve], NotSelected, MANAGER),
        Transition::by(&[Participating], Completed, MANAGER),
        Transition::by(&[Participating], Terminated, MANAGER).with_comment(),
        Transition::effect(&[Participating], Terminated, "the programme is called off"),
        Transition::by(
            &[Submitted, ChangesRequested, Invited, Confirmed, Qualified, Reserve],
            Withdrawn,
            KOMMUN,
        ),
        Transition::effect(&UNDER_WAY, Rejected, "the call has ended, or the programme is called off"),
    ],
};

/// Whether a letter may be written for it: from the invitation on, until the work begins.
pub fn letter_may_be_written(application: ApplicationState) -> bool {
    matches!(application, Invited | Confirmed | Qualified | NotQualified | Selected | Reserve | NotSelected)
}

/// Until when the kommun says whether it is still interested.
pub fn answer_by(application: &ApplicationRow, programme: &ProgrammeRow) -> Instant {
    application.respond_by.unwrap_or(programme.confirmation_deadline)
}

/// What the clock needs to know besides the application and its programme.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// At which point the pool is taken.
    pub stage: SelectionStage,
    /// Until when the letter must be received.
    pub letter_deadline: Instant,
    /// Whether one was, or the manager has given a reason for letting the kommun have its place without.
    pub letter_in_time: bool,
    /// Whether a link that proves the address can still be used.
    pub has_open_link: bool,
}

/// The step that the clock makes now, if any, and why.
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
        // With the pool taken after the letters nobody has a place without one.
        Selected if letter_missed && facts.stage == SelectionStage::AfterMeeting => {
            Some((NotQualified, Some(EndReason::LetterMissing)))
        }
        _ => None,
    }
}

/// Whether the letter's deadline has passed without one.
pub fn has_missed_the_letter(facts: &Facts, now: Instant) -> bool {
    !facts.letter_in_time && facts.letter_deadline <= now
}

/// Whether the announcement has said what becomes of it, a place or none yet.
pub fn has_been_placed(status: ApplicationState) -> bool {
    matches!(status, Selected | Reserve | NotSelected)
}

/// Whether it is in the pool from which the places are given.
pub fn is_in_pool(status: ApplicationState, stage: SelectionStage) -> bool {
    status == Qualified || (status == Confirmed && stage == SelectionStage::AfterMeeting)
}

/// Whether a kommun still has time for its next step, so that the places cannot be given over its head.
pub fn is_awaited(status: ApplicationState) -> bool {
    matches!(status, Invited | Confirmed)
}

/// In which states of the programme somebody may take the step; nothing when in any. With the pool taken after the
/// meeting the clock disqualifies in a decided programme too, so that it is undone there too.
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

/// Whether the programme's state lets somebody take the step.
pub fn is_offered(to: ApplicationState, programme: ProgrammeState, stage: SelectionStage) -> bool {
    programme_states(to, stage).is_none_or(|states| states.contains(&programme))
}

/// What a step that a person asks for needs besides the table: the time, and the state of the programme.
pub fn allow(
    application: &ApplicationRow,
    programme: &ProgrammeRow,
    stage: SelectionStage,
    to: ApplicationState,
    now: Instant,
) -> Result<(), Problem> {
    let too_late = answer_by(application, programme) <= now;
    let is_answer = application.status == Invited && matches!(to, Confirmed | Declined);
    match to {
        Invited | Confirmed if too_late => Err(Problem::new(Code::DeadlinePassed).detail(
            "Sista dag för kommunens svar har passerat; projektledaren kan ange en senare i respondBy.",
            "The deadline for the kommun's answer has passed; the programme manager can give a later one in respondBy.",
        )),
        _ if is_answer && now < programme.info_meeting_at => {
            let words = Localized::fixed(
                "Svaret ges efter informationsmötet. Vill kommunen inte vara med tas anmälan tillbaka (withdrawn).",
                "The answer is given after the information meeting. A kommun that does not want to take part takes its application back (withdrawn).",
            );
            Err(Problem::new(Code::StateConflict).errors(vec![FieldError::new("/programme/infoMeetingAt", "notYet", words)]))
        }
        _ => programme_states(to, stage).map_or(Ok(()), |states| programme_in(programme, states)),
    }
}

/// 409 unless the programme is in one of the states.
pub fn programme_in(programme: &ProgrammeRow, states: &[ProgrammeState]) -> Result<(), Problem> {
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

/// Whether interest can be expressed now: 409 when not, and whether it is too early or too late.
pub fn takes_interest(programme: &ProgrammeRow, now: Instant) -> Result<(), Problem> {
    match programme.status {
        ProgrammeState::Open if now < programme.interest_deadline => Ok(()),
        ProgrammeState::Draft | ProgrammeState::Scheduled | ProgrammeState::Cancelled => {
            Err(Problem::new(Code::CallNotOpen))
        }
        _ => Err(Problem::new(Code::DeadlinePassed)),
    }
}

/// Fields that the same people may change at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldGroup {
    /// What the kommun says of itself.
    Content,
    /// Who is who, and the case number.
    Contact,
    /// The kommun's own time to answer.
    Deadline,
    /// Who came to the meeting.
    Attendance,
}

impl FieldGroup {
    /// Who may change these fields.
    pub const fn roles(self) -> &'static [&'static str] {
        match self {
            Self::Content => APPLICANT,
            Self::Contact => APPLICANT_AND_MANAGER,
            Self::Deadline | Self::Attendance => MANAGER,
        }
    }

    /// In which states.
    pub const fn states(self) -> &'static [ApplicationState] {
        match self {
            Self::Content => &[Submitted, ChangesRequested, Invited],
            Self::Contact => &[
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
            ],
            Self::Deadline => &[Submitted, ChangesRequested, Invited],
            Self::Attendance => &[
                Submitted,
                Invited,
                Confirmed,
                Declined,
                Qualified,
                NotQualified,
                Selected,
                Reserve,
                NotSelected,
                Participating,
            ],
        }
    }
}

type Fields = [(&'static str, FieldGroup)];

/// 403 naming the fields that somebody with these roles may not change.
pub fn are_ones_own(fields: &Fields, roles: &[&str]) -> Result<(), Problem> {
    let others = fields.iter().filter(|(_, group)| !group.roles().iter().any(|role| roles.contains(role)));
    let faults = others.map(|(pointer, group)| {
        let names = group.roles().join(", ");
        let words = Localized::new(format!("Ändras av: {names}."), format!("Changed by: {names}."));
        FieldError::new(*pointer, "otherRole", words)
    });
    Code::NotYours.refuse_any(faults.collect())
}

/// 409 naming the fields that the state has closed.
pub fn are_open(fields: &Fields, status: ApplicationState) -> Result<(), Problem> {
    let closed = fields.iter().filter(|(_, group)| !group.states().contains(&status));
    let faults = closed.map(|(pointer, group)| {
        let names = group.states().iter().map(|state| state.as_str()).collect::<Vec<_>>().join(", ");
        let words = Localized::new(format!("Ändras bara i: {names}."), format!("Changes only in: {names}."));
        FieldError::new(*pointer, "closed", words)
    });
    Code::StateConflict
        .refuse_any(faults.collect())
        .map_err(|problem| problem.member("currentStatus", status.as_str()))
}

#[cfg(test)]
mod tests;
