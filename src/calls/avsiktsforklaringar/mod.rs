//! Avsiktsförklaringar: the letter in which a kommun commits itself to take part. Its kommunchef and the chair of
//! kommunstyrelsen sign it (guide §3).
//!
//! The applicant writes the letter, names the two signers and sends it to them. Each signs the exact text with their own
//! account; with the second signature the letter is received. The programme manager registers a letter on paper and may
//! return a letter. The clock ends a letter that is not received at its deadline. A signer reads and signs only that one
//! letter.

mod commands;
mod facts;
mod jobs;
mod mails;
mod pages;
mod proof;
mod readiness;
mod relations;
mod requests;
pub mod routes;
mod rules;
mod store;
mod text;
mod view;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::calls::applications::LetterFacts;
use crate::identity::roles::SignerRole;
use crate::identity::signatures::Signature;
use crate::platform::http::answer::Link;
use crate::platform::ids::Id;
use crate::platform::jobs::Job;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::platform::relations::RelationSource;
use crate::platform::values::{Email, Line, Name};
use crate::platform::workflow::{AllowedTransition, LastComment};

pub use readiness::unscoped_is_sendable;
pub use store::LetterRow;

/// What this resource brings to the program.
pub const PART: Part = Part {
    routes: routes::routes,
    pages: pages::PAGES,
    code_lists: &[LetterState::LIST],
    jobs: &[Job {
        name: "avsiktsforklaringar",
        run: |services| services.take_due_steps(store::unscoped_due, jobs::take_due_step),
    }],
    hooks: |hooks| {
        hooks.add::<dyn LetterFacts>(Arc::new(facts::Letters));
        hooks.add::<dyn RelationSource>(Arc::new(relations::OfLetters));
    },
    ..Part::of::<LetterRow>()
};

crate::codes! {
    /// States of an avsiktsförklaring (guide §3).
    pub enum LetterState as "avsiktsforklaringStates" {
        /// Being written.
        Draft = "draft", "utkast", "draft";
        /// Waits for both signers.
        SentForSignature = "sentForSignature", "skickad för underskrift", "sent for signature";
        /// One signer has signed.
        PartlySigned = "partlySigned", "delvis undertecknad", "partly signed";
        /// Both signers have signed.
        Signed = "signed", "undertecknad", "signed";
        /// Signed by both, and received by SKR.
        Received = "received", "mottagen", "received";
        /// Returned by the programme manager.
        Returned = "returned", "återsänd", "returned";
        /// A signer has declined.
        Declined = "declined", "avböjd", "declined";
        /// Not received at its deadline.
        Expired = "expired", "för sent", "expired";
        /// Revoked by the kommun.
        Revoked = "revoked", "återkallad", "revoked";
        /// A newer letter has been received.
        Superseded = "superseded", "ersatt", "superseded";
    }
}

/// A person who is to sign the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = Signer::example)]
pub struct Signer {
    /// `municipalDirector` or `executiveBoardChair`, each once.
    pub signer_role: SignerRole,
    /// Name.
    #[validate(nested)]
    pub name: Name,
    /// Title in the kommun's own words: "Kommundirektör".
    #[validate(nested)]
    pub title: Line<200>,
    /// Work e-mail, to which the invitation goes.
    #[validate(nested)]
    pub email: Email,
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
            name: Name(format!("{title} Boden")),
            title: title.into(),
            email: email.into(),
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
    /// The programme.
    pub programme_id: Id,
    /// The application that it belongs to.
    pub application_id: Id,
    /// The kommun.
    pub kommunkod: String,
    /// Its name.
    pub kommun_name: Option<String>,
    /// State.
    pub status: LetterState,
    /// What the caller may do next.
    pub allowed_transitions: Vec<AllowedTransition>,
    /// The text that is signed.
    pub text: String,
    /// SHA-256 of `text` in UTF-8, 64 hex digits. A signature names it.
    pub text_sha256: String,
    /// Raised by every change of the text or the signers.
    pub text_version: i32,
    /// The deadline for receiving it.
    pub deadline: Instant,
    /// When it was received: at the second signature, or when the paper came.
    pub received_at: Option<Instant>,
    /// The people who are to sign.
    pub signers: Vec<Signer>,
    /// The signatures, void ones included, oldest first.
    pub signatures: Vec<Signature>,
    /// The newest comment on a step: why it was returned or declined.
    pub last_comment: Option<LastComment>,
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

/// The path of a letter, below the base path.
fn path(id: Id) -> String {
    format!("/avsiktsforklaringar/{id}")
}
