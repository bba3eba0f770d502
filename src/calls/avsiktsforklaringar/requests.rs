//! The requests that begin, change, move on and sign a letter.

use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::Signer;
use super::store::LetterRow;
use crate::identity::roles::SignerRole;
use crate::identity::signatures::SignatureMethod;
use crate::platform::http::body::Change;
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::moment::{Day, Instant};
use crate::platform::values::{Line, Name, Sha256Hex, Text};
use crate::platform::workflow::StepData;

/// A letter to begin.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewLetter::example)]
pub struct NewLetter {
    /// The application that it belongs to.
    pub application_id: Id,
    /// The whole text; by default a text with the offer's commitments and the programme's numbers.
    #[serde(default)]
    #[validate(nested)]
    pub text: Option<Text<20_000>>,
    /// The signers; both are needed when the letter is sent.
    #[serde(default)]
    #[schema(max_items = 2)]
    #[validate(nested)]
    pub signers: Option<Vec<Signer>>,
}

impl NewLetter {
    /// An example for OpenAPI.
    pub(super) fn example() -> Value {
        json!({"applicationId": "0175a2e1-7c00-7000-8000-000000000001", "signers": Signer::examples()})
    }
}

/// A change of a letter.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = LetterPatch::example)]
pub struct LetterPatch {
    /// The whole text.
    #[serde(default)]
    #[schema(value_type = Text<20_000>)]
    #[validate(nested)]
    pub text: Change<Text<20_000>>,
    /// All signers.
    #[serde(default)]
    #[schema(value_type = Vec<Signer>, max_items = 2)]
    #[validate(nested)]
    pub signers: Change<Vec<Signer>>,
}

impl LetterPatch {
    /// An example for OpenAPI.
    pub(super) fn example() -> Value {
        json!({"signers": Signer::examples()})
    }

    /// The changed row.
    pub fn apply(self, mut row: LetterRow) -> LetterRow {
        let Self { text, signers } = self;
        text.map(String::from).apply(&mut row.text);
        signers.apply(&mut row.signers.0);
        row
    }
}

/// What the registration of a letter on paper adds to the change of state.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = LetterChangeData::example)]
pub struct LetterChangeData {
    /// When the paper came to SKR. This, or a later signature with an account, decides whether the letter came in time.
    pub received_at: Instant,
    /// The people who have signed the paper; a person who signed with an account may be left out.
    #[schema(min_items = 1, max_items = 2)]
    #[validate(nested)]
    pub signers: Vec<PaperSigner>,
}

impl LetterChangeData {
    /// An example for OpenAPI.
    fn example() -> Value {
        json!({
            "receivedAt": "2020-11-13T09:30:00Z",
            "signers": [
                {"signerRole": "municipalDirector", "name": "Kommundirektör Boden", "signedOn": "2020-11-11"},
                {"signerRole": "executiveBoardChair", "name": "Ordförande Boden", "signedOn": "2020-11-12"},
            ],
        })
    }

    /// An example of a registration on paper, for OpenAPI.
    pub(super) fn request_example() -> Value {
        json!({"to": "received", "data": Self::example()})
    }
}

impl StepData for LetterChangeData {
    fn given(&self) -> Vec<&'static str> {
        let Self { received_at: _, signers: _ } = self;
        vec!["receivedAt", "signers"]
    }
}

/// A person who has signed on paper.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PaperSigner {
    /// `municipalDirector` or `executiveBoardChair`, each once.
    pub signer_role: SignerRole,
    /// The name on the paper.
    #[validate(nested)]
    pub name: Name,
    /// The title on the paper; by default that of the named signer if it is the same person.
    #[serde(default)]
    #[validate(nested)]
    pub title: Option<Line<200>>,
    /// For a deputy: the delegation by which they have signed.
    #[serde(default)]
    #[validate(nested)]
    pub delegation_ref: Option<Line<200>>,
    /// The date of the signature.
    pub signed_on: Day,
}

/// A request to sign.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = NewSignature::example)]
pub struct NewSignature {
    /// The method; only `account` is accepted here.
    pub method: SignatureMethod,
    /// The letter's `textSha256`, which names the text that was read.
    #[validate(nested)]
    pub sha256: Sha256Hex,
    /// For a deputy: the delegation by which they sign.
    #[serde(default)]
    #[validate(nested)]
    pub delegation_ref: Option<Line<200>>,
}

impl NewSignature {
    /// An example for OpenAPI.
    pub(super) fn example() -> Value {
        json!({"method": "account", "sha256": sha256_hex("Avsiktsförklaring")})
    }
}
