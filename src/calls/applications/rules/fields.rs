//! The rules of an application's fields: who may change them and when, and the deadlines that a request may set.

use super::MANAGER;
use crate::calls::applications::ApplicationState::{self, *};
use crate::identity::policy::Role;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::programmes::programme::ProgrammeRow;

const APPLICANT: &[&str] = &[Role::Applicant.as_str()];
const APPLICANT_AND_MANAGER: &[&str] = &[Role::Applicant.as_str(), Role::ProgrammeManager.as_str()];

/// A group of fields that the same roles may change in the same states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldGroup {
    /// What the kommun writes about itself.
    Content,
    /// The contact's name, coordinator and case number.
    Contact,
    /// Who the contact is. The manager hands an application over with a reason (`contact-decisions`).
    ContactAddress,
    /// The kommun's own deadline for its answer.
    Deadline,
    /// Whether the kommun came to the meeting.
    Attendance,
}

impl FieldGroup {
    /// The roles that may change these fields.
    pub const fn roles(self) -> &'static [&'static str] {
        match self {
            Self::Content | Self::ContactAddress => APPLICANT,
            Self::Contact => APPLICANT_AND_MANAGER,
            Self::Deadline | Self::Attendance => MANAGER,
        }
    }

    /// The states in which they may be changed.
    pub const fn states(self) -> &'static [ApplicationState] {
        match self {
            Self::Content => &[Submitted, ChangesRequested, Invited],
            Self::Contact | Self::ContactAddress => &[
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

/// The groups, each with its own roles and states.
const GROUPS: [FieldGroup; 5] = [
    FieldGroup::Content,
    FieldGroup::Contact,
    FieldGroup::ContactAddress,
    FieldGroup::Deadline,
    FieldGroup::Attendance,
];

/// 409 unless one of these roles may change some field in this state.
pub fn check_any_open(status: ApplicationState, roles: &[&str]) -> Result<(), Problem> {
    let is_theirs = |group: &FieldGroup| group.roles().iter().any(|role| roles.contains(role));
    if GROUPS.iter().any(|group| is_theirs(group) && group.states().contains(&status)) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict)
        .detail(
            format!("I tillståndet {status} ändrar du inget i anmälan."),
            format!("You change nothing in an application that is {status}."),
        )
        .member("currentStatus", status.as_str()))
}

type Fields = [(&'static str, FieldGroup)];

/// 403 with every field that these roles may not change.
pub fn check_roles(fields: &Fields, roles: &[&str]) -> Result<(), Problem> {
    let others = fields.iter().filter(|(_, group)| !group.roles().iter().any(|role| roles.contains(role)));
    let faults = others.map(|(pointer, group)| {
        let names = group.roles().join(", ");
        let words =
            Localized::new(format!("Ändras av: {names}."), format!("Can be changed only by: {names}."));
        FieldError::new(*pointer, "otherRole", words)
    });
    Code::NotYours.refuse_any(faults.collect())
}

/// 409 with every field that cannot be changed in this state.
pub fn check_open(fields: &Fields, status: ApplicationState) -> Result<(), Problem> {
    let closed = fields.iter().filter(|(_, group)| !group.states().contains(&status));
    let faults = closed.map(|(pointer, group)| {
        let names = group.states().iter().map(|state| state.as_str()).collect::<Vec<_>>().join(", ");
        let words =
            Localized::new(format!("Ändras bara i: {names}."), format!("Can be changed only in: {names}."));
        FieldError::new(*pointer, "closed", words)
    });
    Code::StateConflict
        .refuse_any(faults.collect())
        .map_err(|problem| problem.member("currentStatus", status.as_str()))
}

/// The errors of a later deadline (`respondBy`) that is sent with a change of state. Only an invitation may have one.
pub fn invitation_faults(
    to: ApplicationState,
    respond_by: Instant,
    programme: &ProgrammeRow,
    now: Instant,
) -> Vec<FieldError> {
    if to == Invited {
        return respond_by_faults("/data/respondBy", respond_by, programme, now);
    }
    let words =
        Localized::fixed("respondBy anges bara vid invited.", "respondBy can be sent only with invited.");
    vec![FieldError::new("/data/respondBy", "notHere", words)]
}

/// The errors of one kommun's own deadline. It must be in the future and not before the programme's deadline.
pub fn respond_by_faults(
    pointer: &str,
    respond_by: Instant,
    programme: &ProgrammeRow,
    now: Instant,
) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if respond_by <= now {
        let words = Localized::fixed("Har redan passerat.", "Has already passed.");
        faults.push(FieldError::new(pointer, "inThePast", words));
    }
    if respond_by < programme.confirmation_deadline {
        let words = Localized::fixed(
            "Ska inte ligga före programmets sista dag för svar.",
            "Must not be before the programme's confirmation deadline.",
        );
        faults.push(FieldError::new(pointer, "tooEarly", words));
    }
    faults
}
