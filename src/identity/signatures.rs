//! Signatures: one type for letters, reports and attests (guide §3). A signature covers the SHA-256 of the exact text, and the
//! version of the statement that the signer agreed to. When the signed text changes, the signature is voided, never deleted.
//! The audit trail records both, in the chain of the signed object.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::identity::roles::SignerRole;
use crate::platform::audit::verification::verified::{StoredRows, StoredValue, Verified};
use crate::platform::audit::{Audited, Chain};
use crate::platform::db::Db;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::sets::{InsertRows, parts};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::part::Part;
use crate::platform::problem::Problem;
use crate::platform::relations::{Relation, RelationSource, Thing};
use crate::platform::stored::Stored;
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};
use crate::schema::signatures;

/// What signatures bring to the program.
pub const PART: Part = Part {
    code_lists: &[SignatureMethod::LIST],
    hooks: |hooks| hooks.add::<dyn RelationSource>(Arc::new(OfSignatures)),
    ..Part::audited::<Kept>()
};

crate::codes! {
    /// The ways to sign (guide §3).
    pub enum SignatureMethod as "signatureMethods" {
        /// A simple electronic signature with the person's account.
        Account = "account", "eget konto", "own account";
        /// A signed paper, registered by somebody who has checked it.
        InkScan = "inkScan", "papper", "paper";
        /// An uploaded signed PDF.
        AdesPdf = "adesPdf", "signerad PDF", "signed PDF";
        /// Reserved until a signing service is connected.
        BankId = "bankId", "BankID", "BankID";
    }
}

/// A signature as stored.
#[derive(Clone, Debug, Serialize, Queryable, Selectable, Insertable)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = signatures, treat_none_as_default_value = false)]
pub struct SignatureRow {
    /// Identity.
    pub id: Id,
    /// The type of the signed object: `avsiktsforklaring`, `timeReport`.
    pub subject_type: String,
    /// The signed object.
    pub subject_id: Id,
    /// The version of its text, or the round of signing.
    pub subject_version: i32,
    /// The capacity in which the person signed.
    pub signer_role: SignerRole,
    /// The signer, if the signer has an account.
    pub person_id: Option<Id>,
    /// The signer's name at the time of signing.
    pub name: String,
    /// The signer's title at the time of signing.
    pub title: Option<String>,
    /// How it was signed.
    pub method: SignatureMethod,
    /// SHA-256 of the signed text, hex.
    pub sha256: String,
    /// Version of the statement that the signer agreed to.
    pub statement_version: String,
    /// The delegation of a deputy.
    pub delegation_ref: Option<String>,
    /// The uploaded evidence.
    pub evidence_file_id: Option<Id>,
    /// When it was signed.
    pub signed_at: Instant,
    /// When the paper was received.
    pub received_at: Option<Instant>,
    /// Whether a later change or a return has voided it.
    pub is_void: bool,
    /// Who has checked the paper.
    pub checked_by: Option<String>,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = Signature::example)]
pub struct Signature {
    /// The capacity in which the person signed.
    pub signer_role: SignerRole,
    /// The signer, if the signer has an account.
    pub person_id: Option<Id>,
    /// The signer's name at the time of signing; with an account one that was held for at least a day.
    pub name: String,
    /// The signer's title at the time of signing.
    pub title: Option<String>,
    /// How it was signed.
    pub method: SignatureMethod,
    /// SHA-256 of the signed text, 64 hex digits.
    pub sha256: String,
    /// Version of the statement that the signer agreed to.
    pub statement_version: String,
    /// Version of the text, or round of signing.
    pub text_version: i32,
    /// The delegation of a deputy.
    pub delegation_ref: Option<String>,
    /// The uploaded evidence.
    pub evidence_file_id: Option<Id>,
    /// When it was signed.
    pub signed_at: Instant,
    /// When the paper was received.
    pub received_at: Option<Instant>,
    /// Whether a later change or a return has voided it.
    pub is_void: bool,
    /// Who has checked the paper.
    pub checked_by: Option<String>,
}

impl From<SignatureRow> for Signature {
    fn from(row: SignatureRow) -> Self {
        Self {
            signer_role: row.signer_role,
            person_id: row.person_id,
            name: row.name,
            title: row.title,
            method: row.method,
            sha256: row.sha256,
            statement_version: row.statement_version,
            text_version: row.subject_version,
            delegation_ref: row.delegation_ref,
            evidence_file_id: row.evidence_file_id,
            signed_at: row.signed_at,
            received_at: row.received_at,
            is_void: row.is_void,
            checked_by: row.checked_by,
        }
    }
}

impl Signature {
    /// An example for OpenAPI.
    pub fn example() -> Value {
        json!(Self {
            signer_role: SignerRole::MunicipalDirector,
            person_id: Some(crate::platform::context::Context::example().new_id()),
            name: "Kommundirektör Boden".to_owned(),
            title: Some("Kommundirektör".to_owned()),
            method: SignatureMethod::Account,
            sha256: crate::platform::ids::sha256_hex("Avsiktsförklaring"),
            statement_version: "1".to_owned(),
            text_version: 1,
            delegation_ref: None,
            evidence_file_id: None,
            signed_at: Instant::from_millis(1_605_168_000_000),
            received_at: None,
            is_void: false,
            checked_by: None,
        })
    }
}

/// The signed object, with the audit chain in which its signatures are recorded.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Identity.
    pub id: Id,
    /// The audit chain.
    pub chain: Chain,
}

impl Subject {
    /// The stored row as the signed object.
    pub fn of<R: Stored>(row: &R) -> Self {
        Self { id: row.id(), chain: row.chain() }
    }
}

/// A signature with its audit chain. The row has no programme and kommun of its own.
#[derive(Serialize)]
struct Kept<'a> {
    #[serde(flatten)]
    row: &'a SignatureRow,
    #[serde(skip)]
    chain: &'a Chain,
}

impl Audited for Kept<'_> {
    const TYPE: &'static str = "signature";
    const LABEL: Localized = Localized::fixed("underskrift", "signature");
    const ACTIONS: &'static [&'static str] = &["voided"];

    fn audit_id(&self) -> String {
        self.row.id.to_string()
    }

    fn chain(&self) -> Chain {
        self.chain.clone()
    }
}

impl Verified for Kept<'_> {
    const ROWS: StoredRows = StoredRows {
        table: "signatures",
        count: |rx| Ok(signatures::table.count().get_result(rx.db)?),
        ids: |rx, after, limit| {
            let ids = signatures::table.order(signatures::id).limit(limit).select(signatures::id);
            Ok(match after {
                Some(after) => ids.filter(signatures::id.gt(after)).load(rx.db)?,
                None => ids.load(rx.db)?,
            })
        },
        these: |rx, ids| {
            let these = signatures::table.filter(signatures::id.one_of(ids.iter().copied()));
            stored_values(these.select(SignatureRow::as_select()).load(rx.db)?)
        },
        // What was signed never changes.
        compose: |_, _, _| Ok(false),
    };
}

/// The rows as the audit trail shows them. Only their events know their chain.
fn stored_values(rows: Vec<SignatureRow>) -> Result<Vec<StoredValue>, Problem> {
    let value = |row: SignatureRow| {
        Ok(StoredValue {
            id: row.id,
            chain: None,
            value: serde_json::to_value(&row).map_err(Problem::internal)?,
        })
    };
    rows.into_iter().map(value).collect()
}

/// Of these signed objects, each with the hash of its content, those with a valid signature on something else.
pub fn unproven(rx: &mut Rx<'_>, contents: &HashMap<Id, &str>) -> Result<Vec<Id>, Problem> {
    let given = unscoped_on(rx.db, contents.keys().copied().collect())?;
    let wrong = given.into_iter().filter(|row| {
        !row.is_void && contents.get(&row.subject_id).is_some_and(|sha256| *sha256 != row.sha256)
    });
    Ok(wrong.map(|row| row.subject_id).collect())
}

/// Stores a signature. The database refuses a second valid signature of the same role on the same version.
pub fn insert(tx: &mut Tx<'_>, on: &Subject, row: &SignatureRow) -> Result<(), Problem> {
    insert_all(tx, &[(on.clone(), row.clone())])
}

/// Stores signatures: see [`insert`].
pub fn insert_all(tx: &mut Tx<'_>, given: &[(Subject, SignatureRow)]) -> Result<(), Problem> {
    let rows: Vec<SignatureRow> = given.iter().map(|(_, row)| row.clone()).collect();
    for part in parts(&rows) {
        let insert = |row| diesel::insert_into(signatures::table).values(row);
        InsertRows::new(part, insert).kept().execute(tx.db)?;
    }
    given.iter().try_for_each(|(on, row)| tx.audit_created(&Kept { row, chain: &on.chain }))
}

/// Voids all signatures on these objects.
pub fn void_all(tx: &mut Tx<'_>, on: &[Subject]) -> Result<(), Problem> {
    void(tx, on, |_| true)
}

/// Voids the signatures of one role on an object.
pub fn void_role(tx: &mut Tx<'_>, on: &Subject, role: SignerRole) -> Result<(), Problem> {
    void(tx, std::slice::from_ref(on), |row| row.signer_role == role)
}

fn void(
    tx: &mut Tx<'_>,
    subjects: &[Subject],
    is_meant: impl Fn(&SignatureRow) -> bool,
) -> Result<(), Problem> {
    if subjects.is_empty() {
        return Ok(());
    }
    let mut given = unscoped_on(tx.db, subjects.iter().map(|subject| subject.id).collect())?;
    given.retain(|row| !row.is_void && is_meant(row));
    diesel::update(signatures::table.filter(signatures::id.one_of(given.iter().map(|row| row.id))))
        .set(signatures::is_void.eq(true))
        .kept()
        .execute(tx.db)?;
    for row in given {
        let Some(subject) = subjects.iter().find(|subject| subject.id == row.subject_id) else { continue };
        let after = SignatureRow { is_void: true, ..row.clone() };
        let chain = &subject.chain;
        tx.audit_changed("voided", &Kept { row: &row, chain }, &Kept { row: &after, chain })?;
    }
    Ok(())
}

/// The signers of things.
struct OfSignatures;

impl RelationSource for OfSignatures {
    /// Whoever signed, also what is void now.
    fn find(
        &self,
        rx: &mut Rx<'_>,
        person: Id,
        things: &[Thing<'_>],
    ) -> Result<Vec<(Id, Relation)>, Problem> {
        let given = signatures::table
            .filter(signatures::subject_id.one_of(things.iter().map(|thing| thing.id)))
            .filter(signatures::person_id.assume_not_null().eq(person))
            .select((signatures::subject_id, signatures::signer_role, signatures::is_void));
        let given: Vec<(Id, SignerRole, bool)> = given.load(rx.db)?;
        let relation = |role, is_void| match role {
            SignerRole::Attester if is_void => Relation::AttestedBefore,
            _ => Relation::Signer,
        };
        Ok(given.into_iter().map(|(thing, role, is_void)| (thing, relation(role, is_void))).collect())
    }
}

/// All signatures on these objects, including void ones, oldest first.
pub fn unscoped_on(db: &mut Db, subject_ids: Vec<Id>) -> Result<Vec<SignatureRow>, Problem> {
    let rows = signatures::table.filter(signatures::subject_id.one_of(subject_ids));
    Ok(rows.order((signatures::signed_at, signatures::id)).select(SignatureRow::as_select()).load(db)?)
}
