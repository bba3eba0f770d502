//! The row of a letter, and the queries of letters and their signatures.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::Serialize;

use super::rules::{UNDER_WAY, WORKFLOW};
use super::{Avsiktsforklaring, LetterState, Signer};
use crate::identity::policy::LetterRead;
use crate::identity::roles::SignerRole;
use crate::identity::signatures::{Signature, SignatureMethod, SignatureRow};
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::db::sql::Json;
use crate::platform::db::{Db, MultiBackend};
use crate::platform::ids::{Id, sha256_hex};
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;
use crate::reference::Kommunkod;
use crate::schema::{avsiktsforklaringar, signatures};

/// A letter as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = avsiktsforklaringar, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct LetterRow {
    /// Identity.
    pub id: Id,
    /// The programme.
    pub programme_id: Id,
    /// The kommun.
    pub kommunkod: String,
    /// The application that it belongs to.
    pub application_id: Id,
    /// State.
    pub status: LetterState,
    /// The text that is signed.
    pub text: String,
    /// SHA-256 of the text.
    pub text_sha256: String,
    /// Raised by every change of text or signers.
    pub text_version: i32,
    /// The deadline for receiving it.
    pub deadline: Instant,
    /// When it was received.
    pub received_at: Option<Instant>,
    /// The people who are to sign.
    pub signers: Json<Vec<Signer>>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    LetterRow in avsiktsforklaringar as "avsiktsforklaring" ("avsiktsförklaring", "avsiktsförklaring"),
    chain |row| Chain::Kommun(row.programme_id, row.kommunkod.clone()),
    actions ["changed", "deadlineMoved", "deleted"],
    workflow WORKFLOW: LetterState,
    proof super::proof::unproven,
    signed is_signed,
    composed with_hash,
}

/// Whether somebody has signed it, in the system or on paper.
fn is_signed(letter: &LetterRow, rx: &mut Rx<'_>) -> Result<bool, Problem> {
    let valid = unscoped_signatures_on(letter.id).filter(signatures::is_void.eq(false));
    Ok(letter.received_at.is_some() || valid.count().get_result::<i64>(rx.db)? > 0)
}

/// The letter with the hash of its text, which is another version when it has changed.
fn with_hash(mut letter: LetterRow, before: &LetterRow, _: &mut Rx<'_>) -> Result<LetterRow, Problem> {
    letter.text_version += i32::from(letter.text != before.text);
    letter.text_sha256 = sha256_hex(&letter.text);
    Ok(letter)
}

crate::scope!(LetterRow in avsiktsforklaringar: programme_id, kommunkod, id);

crate::resource!(
    LetterRow as Avsiktsforklaring at "/avsiktsforklaringar/{avsiktsforklaringId}",
    read by LetterRead, shown by Avsiktsforklaring::show
);

impl LetterRow {
    /// The person who is to sign in a role.
    pub fn signer(&self, role: SignerRole) -> Option<&Signer> {
        self.signers.0.iter().find(|signer| signer.signer_role == role)
    }
}

crate::list! {
    /// `GET /avsiktsforklaringar`.
    pub struct LetterList: avsiktsforklaringar as LetterRow, shown as Avsiktsforklaring, by id: Id, default "-createdAt" {
        programmeId: programme_id => Id [filter];
        kommunkod: kommunkod => Kommunkod [filter, sort];
        applicationId: application_id => Id [filter];
        status: status => LetterState [filter];
        deadline: deadline => Instant [range, sort];
        createdAt: created_at => Instant [range, sort];
        updatedAt: updated_at => Instant [sort];
        updatedSince: updated_at => Instant [since];
    }
    drafts deleted
    shows { history; }
}

crate::list! {
    /// `GET /avsiktsforklaringar/{id}/signatures`.
    pub struct SignatureList: signatures as SignatureRow, shown as Signature without links, by id: Id, default "signedAt" {
        signerRole: signer_role => SignerRole [filter];
        method: method => SignatureMethod [filter];
        textVersion: subject_version => i32 [filter];
        isVoid: is_void => bool [filter];
        signedAt: signed_at => Instant [range, sort];
    }
}

/// A letter's application, which never changes.
pub fn unscoped_application_of(db: &mut Db, id: Id) -> Result<Id, Problem> {
    let query = avsiktsforklaringar::table.find(id).select(avsiktsforklaringar::application_id);
    query.first(db).optional()?.ok_or_else(Problem::not_found)
}

/// The application's received letter; there is at most one.
pub fn unscoped_received(db: &mut Db, application_id: Id) -> Result<Option<LetterRow>, Problem> {
    let query = avsiktsforklaringar::table
        .filter(avsiktsforklaringar::application_id.eq(application_id))
        .filter(avsiktsforklaringar::status.eq(LetterState::Received));
    Ok(query.select(LetterRow::as_select()).first(db).optional()?)
}

/// Those of these applications that have a received letter, with its time; there is at most one.
pub fn unscoped_received_at(
    rx: &mut Rx<'_>,
    applications: Vec<Id>,
) -> Result<HashMap<Id, Option<Instant>>, Problem> {
    let received = avsiktsforklaringar::table
        .filter(avsiktsforklaringar::application_id.one_of(applications))
        .filter(avsiktsforklaringar::status.eq(LetterState::Received));
    let found = received.select((avsiktsforklaringar::application_id, avsiktsforklaringar::received_at));
    let found: Vec<(Id, Option<Instant>)> = found.load(rx.db)?;
    Ok(found.into_iter().collect())
}

/// The application's letter under way; there is at most one.
pub fn unscoped_under_way(db: &mut Db, application_id: Id) -> Result<Option<LetterRow>, Problem> {
    let query = avsiktsforklaringar::table
        .filter(avsiktsforklaringar::application_id.eq(application_id))
        .filter(avsiktsforklaringar::status.one_of(UNDER_WAY));
    Ok(query.select(LetterRow::as_select()).first(db).optional()?)
}

/// Every letter of these applications, the newest last: its id, its application, its state and its deadline.
pub fn unscoped_of_applications(
    rx: &mut Rx<'_>,
    applications: Vec<Id>,
) -> Result<Vec<(Id, Id, LetterState, Instant)>, Problem> {
    let query = avsiktsforklaringar::table
        .filter(avsiktsforklaringar::application_id.one_of(applications))
        .order((avsiktsforklaringar::created_at, avsiktsforklaringar::id))
        .select((
            avsiktsforklaringar::id,
            avsiktsforklaringar::application_id,
            avsiktsforklaringar::status,
            avsiktsforklaringar::deadline,
        ));
    Ok(query.load(rx.db)?)
}

/// The letters under way whose deadline has passed.
pub fn unscoped_due(rx: &mut Rx<'_>) -> Result<Vec<Id>, Problem> {
    let query = avsiktsforklaringar::table
        .filter(avsiktsforklaringar::status.one_of(UNDER_WAY))
        .filter(avsiktsforklaringar::deadline.le(rx.ctx.now))
        .order(avsiktsforklaringar::id);
    Ok(query.select(avsiktsforklaringar::id).load(rx.db)?)
}

/// The signatures on a letter that the caller may see.
pub fn unscoped_signatures_on(letter_id: Id) -> signatures::BoxedQuery<'static, MultiBackend> {
    signatures::table.filter(signatures::subject_id.eq(letter_id)).into_boxed()
}

/// The signers of all letters of some kommuner, in all programmes, with their kommun.
pub fn unscoped_signers_in(
    db: &mut Db,
    kommuner: Vec<String>,
) -> Result<Vec<(String, Json<Vec<Signer>>)>, Problem> {
    let letters = avsiktsforklaringar::table.filter(avsiktsforklaringar::kommunkod.one_of(kommuner));
    Ok(letters.select((avsiktsforklaringar::kommunkod, avsiktsforklaringar::signers)).load(db)?)
}
