//! A letter's states, who makes each step, and what a send, a signature and a registration of paper ask for (guide §3).
//! Pure.

use super::LetterState::{self, *};
use super::Signer;
use super::requests::PaperSigner;
use crate::calls::applications::ApplicationState;
use crate::identity::policy::Role;
use crate::identity::roles::SignerRole;
use crate::identity::signatures::{SignatureMethod, SignatureRow};
use crate::platform::codes::Codes as _;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::workflow::{Transition, Workflow};
use crate::programmes::programme::ProgrammeState;

const APPLICANT: &[&str] = &[Role::Applicant.as_str()];
const MANAGER: &[&str] = &[Role::ProgrammeManager.as_str()];
const SIGNER: &[&str] = &[Role::Signatory.as_str()];

/// A letter on its way; an application has at most one of these.
pub const UNDER_WAY: &[LetterState] = &[Draft, SentForSignature, PartlySigned, Signed, Returned, Declined];

/// The table of a letter's states.
pub const WORKFLOW: Workflow<LetterState> = Workflow {
    initial: &[Draft],
    end: &[Revoked, Superseded],
    transitions: &[
        Transition::by(&[Draft], SentForSignature, APPLICANT),
        Transition::effect(&[SentForSignature], PartlySigned, "the first signature"),
        Transition::effect(&[PartlySigned], Signed, "the second signature"),
        Transition::effect(&[Signed], Received, "the second signature"),
        Transition::by(&[Draft, SentForSignature, PartlySigned, Expired], Received, MANAGER),
        Transition::by(&[PartlySigned, Signed, Received], Returned, MANAGER).with_comment(),
        Transition::by(&[SentForSignature, PartlySigned], Declined, SIGNER).with_comment(),
        Transition::by(&[Returned, Declined], Draft, APPLICANT),
        Transition::effect(
            &[SentForSignature, PartlySigned, Signed, Received, Returned, Declined],
            Draft,
            "a change of the text or the signers",
        ),
        Transition::by(&[Received], Revoked, APPLICANT),
        Transition::effect(&[Received], Superseded, "a newer letter's receipt"),
        Transition::clock(UNDER_WAY, Expired),
    ],
};

/// Who signs a letter.
pub const SIGNER_ROLES: [SignerRole; 2] = [SignerRole::MunicipalDirector, SignerRole::ExecutiveBoardChair];

/// Version of what a signer agrees to: that the kommun binds itself to the text that the signature names.
pub const STATEMENT_VERSION: &str = "1";

/// Whether the clock ends the letter now.
pub fn is_due(status: LetterState, deadline: Instant, now: Instant) -> bool {
    UNDER_WAY.contains(&status) && deadline <= now
}

/// When a letter must be received: the programme's day, or a later one that the application was given.
pub fn deadline(programmes: Instant, respond_by: Option<Instant>) -> Instant {
    respond_by.map_or(programmes, |later| programmes.max(later))
}

/// Whether letters still count: from `decided` on a received letter stays as it is.
pub fn is_before_decided(programme: ProgrammeState) -> bool {
    matches!(
        programme,
        ProgrammeState::Draft
            | ProgrammeState::Scheduled
            | ProgrammeState::Open
            | ProgrammeState::Closed
            | ProgrammeState::Selecting
    )
}

/// Whether an application still waits for the decision on the places.
pub fn is_open(application: ApplicationState) -> bool {
    matches!(
        application,
        ApplicationState::Invited
            | ApplicationState::Confirmed
            | ApplicationState::Qualified
            | ApplicationState::NotQualified
    )
}

/// Whether a step that a person asks for leads on towards a receipt, which the application must still take.
pub fn asks_the_application(to: LetterState) -> bool {
    matches!(to, Draft | SentForSignature | Received)
}

/// Whether the text and the signers may still be changed.
pub fn is_writable(status: LetterState) -> bool {
    !matches!(status, Expired | Revoked | Superseded)
}

/// Whether a signer may sign.
pub fn is_signable(status: LetterState) -> bool {
    matches!(status, SentForSignature | PartlySigned)
}

/// What is wrong with the signers as given: another role, a role or an address twice, the applicant's own address.
pub fn signer_faults(signers: &[Signer], applicants: &[String]) -> Vec<FieldError> {
    let mut faults = role_faults("/signers", signers.iter().map(|signer| signer.signer_role));
    for (index, signer) in signers.iter().enumerate() {
        let pointer = format!("/signers/{index}/email");
        let address = signer.email.to_lowercase();
        if signers.iter().take(index).any(|other| other.email.to_lowercase() == address) {
            let words = Localized::fixed("Två olika personer undertecknar.", "Two different people sign.");
            faults.push(FieldError::new(pointer.clone(), "notUnique", words));
        }
        if applicants.iter().any(|applicant| applicant.to_lowercase() == address) {
            let words =
                Localized::fixed("Den som ansöker undertecknar inte själv.", "The applicant does not sign.");
            faults.push(FieldError::new(pointer, "applicantsOwn", words));
        }
    }
    faults
}

fn role_faults(list: &str, roles: impl Iterator<Item = SignerRole>) -> Vec<FieldError> {
    let mut seen = Vec::new();
    let mut faults = Vec::new();
    for (index, role) in roles.enumerate() {
        let pointer = format!("{list}/{index}/signerRole");
        if !SIGNER_ROLES.contains(&role) {
            let words = Localized::fixed(
                "Avsiktsförklaringen undertecknas av municipalDirector och executiveBoardChair.",
                "The letter is signed by municipalDirector and executiveBoardChair.",
            );
            faults.push(FieldError::new(pointer, "invalidValue", words));
        } else if seen.contains(&role) {
            let words = Localized::fixed("Rollen förekommer två gånger.", "The role occurs twice.");
            faults.push(FieldError::new(pointer, "notUnique", words));
        }
        seen.push(role);
    }
    faults
}

/// What stands in the way of sending it: a signer who is missing, or one who may not sign.
pub fn sending_faults(signers: &[Signer], applicants: &[String]) -> Vec<FieldError> {
    let is_named = |role| signers.iter().any(|signer| signer.signer_role == role);
    let mut faults = missing("/signers", SIGNER_ROLES.into_iter().filter(|role| !is_named(*role)));
    faults.extend(signer_faults(signers, applicants));
    faults
}

fn missing(list: &str, roles: impl Iterator<Item = SignerRole>) -> Vec<FieldError> {
    roles
        .map(|role| {
            let (code, label) = (role.as_str(), role.label());
            let words = Localized::new(
                format!("{code} ({}) saknas.", label.sv),
                format!("{code} ({}) is missing.", label.en),
            );
            FieldError::new(list, "required", words)
        })
        .collect()
}

/// Refuses a method that is not accepted in the programme, or that is not given in the system.
pub fn check_method(method: SignatureMethod, accepted: &[SignatureMethod]) -> Result<(), Problem> {
    let fault = |code, sv, en| {
        Err(Problem::new(Code::InvalidInput).errors(vec![FieldError::new(
            "/method",
            code,
            Localized::fixed(sv, en),
        )]))
    };
    match method {
        SignatureMethod::Account if accepted.contains(&method) => Ok(()),
        SignatureMethod::Account => fault(
            "notAccepted",
            "Programmet godtar inte metoden.",
            "The programme does not accept the method.",
        ),
        SignatureMethod::InkScan => fault(
            "notAccepted",
            "En underskrift på papper registreras av projektledaren, med statusbytet till received.",
            "A signature on paper is registered by the programme manager, with the status change to received.",
        ),
        SignatureMethod::AdesPdf | SignatureMethod::BankId => {
            fault("notAccepted", "Metoden kan inte användas än.", "The method cannot be used yet.")
        }
    }
}

/// The signatures that count for the letter's present text.
pub fn valid(signatures: &[SignatureRow], text_version: i32) -> impl Iterator<Item = &SignatureRow> {
    signatures.iter().filter(move |signature| !signature.is_void && signature.subject_version == text_version)
}

/// Whether this role, or this person in another role, has signed the present text.
pub fn has_signed(signatures: &[SignatureRow], text_version: i32, role: SignerRole, person: Id) -> bool {
    valid(signatures, text_version).any(|given| given.signer_role == role || given.person_id == Some(person))
}

/// Whether both have signed, when `role` signs now.
pub fn completes(signatures: &[SignatureRow], text_version: i32, role: SignerRole) -> bool {
    SIGNER_ROLES.into_iter().all(|needed| {
        needed == role || valid(signatures, text_version).any(|given| given.signer_role == needed)
    })
}

/// Whether two names are one person's, as far as names tell.
pub fn is_same_name(a: &str, b: &str) -> bool {
    let plain = |name: &str| name.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
    plain(a) == plain(b)
}

/// The account signatures that still count when this paper is registered: those of the roles that are not on it.
pub fn beside_paper<'s>(
    given: &'s [SignatureRow],
    text_version: i32,
    signers: &'s [PaperSigner],
) -> impl Iterator<Item = &'s SignatureRow> {
    valid(given, text_version)
        .filter(|row| signers.iter().all(|signer| signer.signer_role != row.signer_role))
}

/// When a letter on paper counts as received: when the paper came, or with an account signature after that.
pub fn complete_at<'s>(paper: Instant, beside: impl Iterator<Item = &'s SignatureRow>) -> Instant {
    beside.map(|row| row.signed_at).fold(paper, Instant::max)
}

/// What is wrong with a registration of paper. `beside` are the account signatures that count beside it.
pub fn paper_faults(
    received_at: Instant,
    signers: &[PaperSigner],
    beside: &[&SignatureRow],
    now: Instant,
) -> Vec<FieldError> {
    let mut faults = role_faults("/data/signers", signers.iter().map(|signer| signer.signer_role));
    let is_covered = |role| {
        beside.iter().any(|row| row.signer_role == role)
            || signers.iter().any(|signer| signer.signer_role == role)
    };
    faults.extend(missing("/data/signers", SIGNER_ROLES.into_iter().filter(|role| !is_covered(*role))));
    if received_at > now {
        let words = Localized::fixed("Ligger i framtiden.", "Lies in the future.");
        faults.push(FieldError::new("/data/receivedAt", "inTheFuture", words));
    }
    for (index, signer) in signers.iter().enumerate() {
        let mut others =
            signers.iter().take(index).map(|s| &s.name).chain(beside.iter().map(|row| &row.name));
        if others.any(|name| is_same_name(name, &signer.name)) {
            let words = Localized::fixed("Två olika personer undertecknar.", "Two different people sign.");
            faults.push(FieldError::new(format!("/data/signers/{index}/name"), "notUnique", words));
        }
        if signer.signed_on > received_at.day() {
            let words =
                Localized::fixed("Undertecknad efter att den kom in.", "Signed after it was received.");
            faults.push(FieldError::new(format!("/data/signers/{index}/signedOn"), "wrongOrder", words));
        }
    }
    faults
}

/// A letter that came after its deadline is registered only with a reason.
pub fn check_lateness(received_at: Instant, deadline: Instant, comment: Option<&str>) -> Result<(), Problem> {
    if received_at <= deadline || comment.is_some_and(|comment| !comment.trim().is_empty()) {
        return Ok(());
    }
    let words = Localized::new(
        format!("Den kom efter sista dag ({deadline}); en kommentar måste säga varför den ändå tas emot."),
        format!(
            "It came after the deadline ({deadline}); a comment must say why it is received all the same."
        ),
    );
    Err(Problem::new(Code::InvalidInput).errors(vec![FieldError::new("/comment", "required", words)]))
}

#[cfg(test)]
mod tests;
