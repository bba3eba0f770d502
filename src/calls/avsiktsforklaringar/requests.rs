//! What is sent to write, change, move on and sign a letter.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::Signer;
use crate::identity::people;
use crate::identity::roles::SignerRole;
use crate::identity::signatures::SignatureMethod;
use crate::platform::http::body::Change;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::moment::{Day, Instant};

/// A change of a letter's state.
/// A letter to begin.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewLetter::example)]
pub struct NewLetter {
    /// The application that it belongs to.
    pub application_id: Id,
    /// The whole text; when left out, the text of the offer's promises with the programme's numbers.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 20000, pattern = r"\S")]
    pub text: Option<String>,
    /// Who is to sign; both are needed when it is sent.
    #[serde(default)]
    #[schema(max_items = 2)]
    #[validate(nested)]
    pub signers: Option<Vec<Signer>>,
}

impl NewLetter {
    pub(super) fn example() -> Value {
        json!({"applicationId": "0175a2e1-7c00-7000-8000-000000000001", "signers": Signer::examples()})
    }
}

/// What may be changed of a letter.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = LetterPatch::example)]
pub struct LetterPatch {
    /// The whole text.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, max_length = 20000, pattern = r"\S")]
    pub text: Change<String>,
    /// Who is to sign, all of them.
    #[serde(default)]
    #[schema(value_type = Vec<Signer>, max_items = 2)]
    #[validate(nested)]
    pub signers: Change<Vec<Signer>>,
}

impl LetterPatch {
    pub(super) fn example() -> Value {
        json!({"signers": Signer::examples()})
    }
}

/// Facts that registering a letter on paper takes.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = LetterChangeData::example)]
pub struct LetterChangeData {
    /// When the paper came to SKR; this, or a later signature with an account, decides whether the letter came in time.
    pub received_at: Instant,
    /// Who has signed the paper, as far as they have not signed with their accounts.
    #[schema(min_items = 1, max_items = 2)]
    #[validate(nested)]
    pub signers: Vec<PaperSigner>,
}

impl LetterChangeData {
    fn example() -> Value {
        json!({
            "receivedAt": "2020-11-13T09:30:00Z",
            "signers": [
                {"signerRole": "municipalDirector", "name": "Kommundirektör Boden", "signedOn": "2020-11-11"},
                {"signerRole": "executiveBoardChair", "name": "Ordförande Boden", "signedOn": "2020-11-12"},
            ],
        })
    }

    /// A registration of paper as a request, for OpenAPI.
    pub(super) fn request_example() -> Value {
        json!({"to": "received", "data": Self::example()})
    }
}

/// Somebody who has signed on paper.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PaperSigner {
    /// `municipalDirector` or `executiveBoardChair`, each once.
    pub signer_role: SignerRole,
    /// Name as it stands on the paper.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    #[validate(custom(function = "people::readable"))]
    pub name: String,
    /// Title as it stands on the paper; when left out, that of the named signer if it is the same person.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title: Option<String>,
    /// For a deputy: the delegation by which they have signed.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub delegation_ref: Option<String>,
    /// The day beside the signature.
    pub signed_on: Day,
}

/// A signature to give.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewSignature::example)]
pub struct NewSignature {
    /// How; only `account` is given here.
    pub method: SignatureMethod,
    /// The letter's `textSha256`, which says what was read.
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
    /// For a deputy: the delegation by which they sign.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub delegation_ref: Option<String>,
}

impl NewSignature {
    pub(super) fn example() -> Value {
        json!({"method": "account", "sha256": sha256_hex("Avsiktsförklaring")})
    }
}
