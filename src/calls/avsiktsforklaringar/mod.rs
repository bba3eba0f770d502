//! Avsiktsförklaringar: the letter in which a kommun binds itself to take part, signed by its kommunchef and by
//! kommunstyrelsens ordförande (guide §3).
//!
//! The applicant writes it, names the two signers and sends it to them; each signs the exact text with their own account.
//! With the second signature it is received. A letter on paper is registered by the programme manager, who also may
//! return a letter. At its deadline the clock ends what is not received. A signer reads and signs that one letter and
//! sees nothing else.

mod facts;
mod jobs;
mod mails;
mod receiving;
mod requests;
pub mod routes;
mod rules;
mod shown;
mod signatures;
mod status_changes;
mod steps;
mod store;
mod text;
mod writing;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::calls::applications::LetterFacts;
use crate::identity::people;
use crate::identity::roles::SignerRole;
use crate::identity::signatures::Signature;
use crate::platform::audit::Audited as _;
use crate::platform::hooks::Hooks;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::platform::workflow::{AllowedTransition, WorkflowTable};
use std::sync::Arc;

pub use facts::Letters;
pub use jobs::expire_at_the_deadline;
pub use rules::WORKFLOW;
pub use store::LetterRow;

/// What it brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    code_lists: &[LetterState::LIST],
    audited: &[LetterRow::AUDITED],
    workflow: Some(WorkflowTable::of::<LetterRow>),
    jobs: &[Job { name: "avsiktsforklaringar", run: expire_at_the_deadline }],
    hooks,
};

crate::codes! {
    /// States of an avsiktsförklaring (guide §3).
    pub enum LetterState as "avsiktsforklaringStates" {
        /// Being written.
        Draft = "draft", "utkast", "draft";
        /// Waits for both signers.
        SentForSignature = "sentForSignature", "skickad för underskrift", "sent for signature";
        /// One has signed.
        PartlySigned = "partlySigned", "delvis undertecknad", "partly signed";
        /// Both have signed.
        Signed = "signed", "undertecknad", "signed";
        /// Signed by both and with SKR.
        Received = "received", "mottagen", "received";
        /// Sent back by the programme manager.
        Returned = "returned", "återsänd", "returned";
        /// A signer has said no.
        Declined = "declined", "avböjd", "declined";
        /// Not received at its deadline.
        Expired = "expired", "för sent", "expired";
        /// Taken back by the kommun.
        Revoked = "revoked", "återkallad", "revoked";
        /// A newer letter has been received.
        Superseded = "superseded", "ersatt", "superseded";
    }
}

/// Somebody who is to sign the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = Signer::example)]
pub struct Signer {
    /// `municipalDirector` or `executiveBoardChair`, each once.
    pub signer_role: SignerRole,
    /// Name.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    #[validate(custom(function = "people::readable"))]
    pub name: String,
    /// Title in the kommun's own words: "Kommundirektör".
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title: String,
    /// Work e-mail, to which the invitation goes.
    #[schema(format = "email", max_length = 254)]
    pub email: String,
}

impl Signer {
    /// An example for OpenAPI.
    pub fn example() -> serde_json::Value {
        serde_json::json!(Self::examples().first())
    }

    /// Both signers of a kommun, for examples in OpenAPI.
    fn examples() -> Vec<Self> {
        let signer = |signer_role, title: &str, email: &str| Self {
            signer_role,
            name: format!("{title} Boden"),
            title: title.to_owned(),
            email: email.to_owned(),
        };
        vec![
            signer(SignerRole::MunicipalDirector, "Kommundirektör", "kommundirektor.boden@example.org"),
            signer(SignerRole::ExecutiveBoardChair, "Ordförande", "ordforande.boden@example.org"),
        ]
    }
}

/// An avsiktsförklaring.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Avsiktsforklaring::example)]
pub struct Avsiktsforklaring {
    /// Identity.
    pub id: Id,
    /// The programme that it is for.
    pub programme_id: Id,
    /// The application that it belongs to.
    pub application_id: Id,
    /// The kommun that binds itself.
    pub kommunkod: String,
    /// State.
    pub status: LetterState,
    /// What the caller may do next.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// What is signed.
    pub text: String,
    /// SHA-256 of `text` in UTF-8, 64 hex digits; what a signature names.
    pub text_sha256: String,
    /// Raised by every change of the text or the signers.
    pub text_version: i32,
    /// It must be received by then.
    pub deadline: Instant,
    /// When it was received: the second signature, or the paper's arrival.
    pub received_at: Option<Instant>,
    /// Who is to sign.
    pub signers: Vec<Signer>,
    /// Who has signed, also what was voided since, the first first.
    pub signatures: Vec<Signature>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
    /// Where to go from here.
    #[serde(rename = "_links")]
    pub links: Vec<Link>,
}

/// A letter's path below the base path.
fn path(id: Id) -> String {
    format!("/avsiktsforklaringar/{id}")
}

/// What it answers to applications.
fn hooks(hooks: &mut Hooks) {
    hooks.add::<dyn LetterFacts>(Arc::new(Letters));
}
