//! A letter's states, who makes each step, and what sending, signing and registering on paper require (guide §3). Pure.

use super::LetterState::{self, *};
use super::Signer;
use super::requests::{LetterChangeData, PaperSigner};
use super::store::LetterRow;
use crate::calls::applications::{self, ApplicationRow, ApplicationState};
use crate::identity::policy::Role;
use crate::identity::roles::SignerRole;
use crate::identity::signatures::{SignatureMethod, SignatureRow};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::Localized;
use crate::platform::visible::is_blank;
use crate::platform::workflow::{Need, Transition, Workflow};
use crate::programmes::programme::ProgrammeState;

const APPLICANT: &[&str] = &[Role::Applicant.as_str()];
const MANAGER: &[&str] = &[Role::ProgrammeManager.as_str()];
const SIGNER: &[&str] = &[Role::Signatory.as_str()];

/// The states of a letter under way; an application has at most one such letter.
pub const UNDER_WAY: &[LetterState] = &[Draft, SentForSignature, PartlySigned, Signed, Returned, Declined];

/// The states of a letter and the transitions between them.
pub const WORKFLOW: Workflow<LetterState> = Workflow {
    initial: &[Draft],
    end: &[Revoked, Superseded],
    transitions: &[
        Transition::by(&[Draft], SentForSignature, APPLICANT).no_decision(),
        Transition::effect(&[SentForSignature], PartlySigned, "the first signature"),
        Transition::effect(&[PartlySigned], Signed, "the second signature"),
        Transition::effect(&[Signed], Received, "the second signature"),
        Transition::by(&[Draft, SentForSignature, PartlySigned, Expired], Received, MANAGER)
            .requiring(&[Need::always("receivedAt"), Need::always("signers")]),
        Transition::by(&[PartlySigned, Signed, Received], Returned, MANAGER).with_comment(),
        Transition::by(&[SentForSignature, PartlySigned], Declined, SIGNER).with_comment().no_decision(),
        Transition::by(&[Returned, Declined], Draft, APPLICANT).no_decision(),
        Transition::effect(
            &[SentForSignature, PartlySigned, Signed, Received, Returned, Declined],
            Draft,
            "a change of the text or the signers",
        ),
        Transition::by(&[Received], Revoked, APPLICANT).no_decision(),
        Transition::effect(&[Received], Superseded, "a newer letter's receipt"),
        Transition::clock(UNDER_WAY, Expired),
    ],
};

/// The capacities in which a letter is signed.
pub const SIGNER_ROLES: [SignerRole; 2] = [SignerRole::MunicipalDirector, SignerRole::ExecutiveBoardChair];

/// Version of the statement that a signer agrees to: that the kommun commits itself to the text that the signature names.
pub const STATEMENT_VERSION: &str = "1";

/// Whether the clock ends the letter now.
pub fn is_due(status: LetterState, deadline: Instant, now: Instant) -> bool {
    UNDER_WAY.contains(&status) && deadline <= now
}

/// Whether the programme is not decided yet. From `decided` on, a received letter no longer changes.
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

/// Whether an application in this state still waits for the decision on the places.
pub fn is_open(application: ApplicationState) -> bool {
    matches!(
        application,
        ApplicationState::Invited
            | ApplicationState::Confirmed
            | ApplicationState::Qualified
            | ApplicationState::NotQualified
    )
}

/// Whether a step that a person asks for leads towards a receipt. The application must still be able to take the letter.
pub fn asks_the_application(to: LetterState) -> bool {
    matches!(to, Draft | SentForSignature | Received)
}

/// Whether the letter is a draft that was never sent, by the number of its steps.
pub fn is_unsent(letter: &LetterRow, steps: usize) -> bool {
    letter.status == Draft && steps == 0
}

/// Whether the letter can be signed.
pub fn is_signable(status: LetterState) -> bool {
    matches!(status, SentForSignature | PartlySigned)
}

/// The errors of the signers: a role that does not sign, a role or an address twice, an applicant's address.
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

/// The errors that keep a letter from being sent: a missing signer, or a signer who may not sign.
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

/// 422 for a method that the programme does not accept, or that cannot be used here.
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

/// The signatures that are valid for the letter's present text.
pub fn valid(signatures: &[SignatureRow], text_version: i32) -> impl Iterator<Item = &SignatureRow> {
    signatures.iter().filter(move |signature| !signature.is_void && signature.subject_version == text_version)
}

/// Whether this role, or this person in any role, has signed the present text.
pub fn has_signed(signatures: &[SignatureRow], text_version: i32, role: SignerRole, person: Id) -> bool {
    valid(signatures, text_version).any(|given| given.signer_role == role || given.person_id == Some(person))
}

/// Whether both roles have signed the present text when `role` signs now.
pub fn completes(signatures: &[SignatureRow], text_version: i32, role: SignerRole) -> bool {
    SIGNER_ROLES.into_iter().all(|needed| {
        needed == role || valid(signatures, text_version).any(|given| given.signer_role == needed)
    })
}

/// Whether two names are equal, apart from case and spaces.
pub fn is_same_name(a: &str, b: &str) -> bool {
    let plain = |name: &str| name.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>();
    plain(a) == plain(b)
}

/// The signatures with accounts that stay valid when a paper with these signers is registered: those of other roles.
pub fn beside_paper<'s>(
    given: &'s [SignatureRow],
    text_version: i32,
    signers: &'s [PaperSigner],
) -> impl Iterator<Item = &'s SignatureRow> {
    valid(given, text_version)
        .filter(|row| signers.iter().all(|signer| signer.signer_role != row.signer_role))
}

/// When a letter on paper counts as received: when the paper came, or when the last signature with an account was given.
pub fn complete_at<'s>(paper: Instant, beside: impl Iterator<Item = &'s SignatureRow>) -> Instant {
    beside.map(|row| row.signed_at).fold(paper, Instant::max)
}

/// The errors of a registration on paper. `beside`: the signatures with accounts that stay valid.
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
        let on_paper = signers.iter().take(index).map(|other| &*other.name);
        let mut others = on_paper.chain(beside.iter().map(|row| row.name.as_str()));
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

/// 422 when a letter that came after its deadline is registered without a comment.
pub fn check_lateness(received_at: Instant, deadline: Instant, comment: Option<&str>) -> Result<(), Problem> {
    if received_at <= deadline || comment.is_some_and(|comment| !is_blank(comment)) {
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

/// 422 when `data` is sent with another step than the registration of paper.
pub fn check_data_expected(to: LetterState, data: Option<&LetterChangeData>) -> Result<(), Problem> {
    if data.is_none() || to == Received {
        return Ok(());
    }
    let words = Localized::fixed("Tas bara med när to är received.", "Is accepted only when to is received.");
    Err(Problem::new(Code::InvalidInput).errors(vec![FieldError::new("/data", "notAccepted", words)]))
}

/// 409 when the programme does not accept signatures on paper.
pub fn check_paper_accepted(accepted: &[SignatureMethod]) -> Result<(), Problem> {
    if accepted.contains(&SignatureMethod::InkScan) {
        return Ok(());
    }
    Err(Problem::new(Code::StateConflict).detail(
        "Programmet godtar inte underskrifter på papper.",
        "The programme does not accept signatures on paper.",
    ))
}

/// The title of somebody who signed on paper: the title on the paper, or that of the named signer if it is the same
/// person. A deputy does not get the title of the person whom they represent.
pub fn title_on_paper(letter: &LetterRow, signer: &PaperSigner) -> Option<String> {
    let named = letter.signer(signer.signer_role).filter(|named| is_same_name(&named.name, &signer.name));
    signer.title.as_ref().or(named.map(|named| &named.title)).cloned().map(String::from)
}

/// 409 when the application has not been invited yet, or has ended.
pub fn check_may_be_written(application: &ApplicationRow) -> Result<(), Problem> {
    if applications::letter_may_be_written(application.status) {
        return Ok(());
    }
    let status = application.status.as_str();
    Err(Problem::new(Code::StateConflict)
        .detail(
            format!("Intresseanmälan är i tillståndet {status}; avsiktsförklaringen hör till tiden från invited till beslutet."),
            format!("The application is {status}; a letter can be written from invited until the decision."),
        )
        .member("currentStatus", status))
}

/// 409 unless `sha256` is that of the letter's present text.
pub fn check_text(letter: &LetterRow, sha256: &str) -> Result<(), Problem> {
    if letter.text_sha256 == sha256 {
        return Ok(());
    }
    Err(Problem::new(Code::TextChanged)
        .detail(
            format!("Texten är nu version {} med sha256 {}.", letter.text_version, letter.text_sha256),
            format!("The text is now version {} with sha256 {}.", letter.text_version, letter.text_sha256),
        )
        .member("textSha256", letter.text_sha256.as_str())
        .member("textVersion", letter.text_version))
}

#[cfg(test)]
mod tests;
