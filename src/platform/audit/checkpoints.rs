//! Checkpoints (guide §6): a job writes a signed copy of the heads of all chains. It protects against somebody who can write to
//! the database, deletes the last events of a chain and resets its head: the rest of the chain would still verify, but it is
//! shorter than the checkpoint says. Checkpoints are numbered, and each holds the digest of the one before, so that none can
//! be taken away. The last ones can, together with what they cover: therefore they are also written to a file
//! (`outside`), and an auditor can keep copies. The key that signs them is not in the database
//! ([`RecordKeys`]).

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::store::GENESIS;
use crate::platform::auth::record_keys::RecordKeys;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::schema::{audit_chains, audit_checkpoints, audit_events};
use crate::platform::ids::{Id, hex, sha256_hex};
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};

/// The last event of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Head {
    /// Its sequence number.
    pub sequence: i64,
    /// Its hash.
    pub hash: String,
}

/// The heads of chains by their names.
pub type Heads = BTreeMap<String, Head>;

/// A checkpoint as it is stored. Those of earlier versions have no number; the first numbered one covers them.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_checkpoints, treat_none_as_default_value = false)]
pub struct CheckpointRow {
    /// Its id.
    pub id: Id,
    /// When it was made.
    pub at: Instant,
    /// The heads as JSON text.
    pub heads: String,
    /// The signature of its text, base64url.
    pub signature: String,
    /// The key that signed it.
    pub kid: String,
    /// Its number, from 1 without gaps.
    pub number: Option<i64>,
    /// The digest of the one before.
    pub previous: Option<String>,
}

/// A checkpoint as it is kept outside the database: in the file of `CHECKPOINT_DIR`, or by somebody who asked for it.
/// That one may hold only the heads that they may read; the signature covers the SHA-256 of all heads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptCheckpoint {
    /// Its number.
    pub number: i64,
    /// Its id.
    pub id: Id,
    /// When it was made.
    pub at: Instant,
    /// The digest of the one before.
    pub previous: String,
    /// SHA-256 of all heads.
    pub heads_sha256: String,
    /// The heads, or some of them.
    pub heads: Heads,
    /// The key that signed it.
    pub kid: String,
    /// The signature.
    pub signature: String,
}

impl KeptCheckpoint {
    /// The text that is signed: five lines.
    pub fn signed_text(&self) -> String {
        let Self { number, id, at, previous, heads_sha256, .. } = self;
        format!("{number}\n{previous}\n{id}\n{at}\n{heads_sha256}")
    }

    /// What the next checkpoint holds of this one: the SHA-256 of the signed text, the key and the signature, each on a line
    /// of its own.
    pub fn digest(&self) -> String {
        sha256_hex(&format!("{}\n{}\n{}", self.signed_text(), self.kid, self.signature))
    }

    /// Whether this is a copy of it, which may hold only some of the heads.
    pub(super) fn is_copied_in(&self, copy: &Self) -> bool {
        copy.digest() == self.digest()
            && copy.heads.iter().all(|(chain, head)| self.heads.get(chain) == Some(head))
    }
}

impl CheckpointRow {
    /// As it is kept outside; none when it has no number or its heads cannot be read.
    pub fn kept(&self) -> Option<KeptCheckpoint> {
        Some(KeptCheckpoint {
            number: self.number?,
            id: self.id,
            at: self.at,
            previous: self.previous.clone()?,
            heads_sha256: sha256_hex(&self.heads),
            heads: serde_json::from_str(&self.heads).ok()?,
            kid: self.kid.clone(),
            signature: self.signature.clone(),
        })
    }
}

/// The order of the chain; those without a number come first.
fn in_order() -> audit_checkpoints::BoxedQuery<'static, crate::platform::db::MultiBackend> {
    audit_checkpoints::table
        .order((audit_checkpoints::number, audit_checkpoints::at, audit_checkpoints::id))
        .into_boxed()
}

/// The digest of the checkpoints without a number: what the first numbered one holds as the digest of the one before.
pub(super) fn digest_of_old(rx: &mut Rx<'_>) -> Result<String, Problem> {
    let rows: Vec<CheckpointRow> = in_order()
        .filter(audit_checkpoints::number.is_null())
        .select(CheckpointRow::as_select())
        .load(rx.db)?;
    if rows.is_empty() {
        return Ok(GENESIS.to_owned());
    }
    let mut hash = Sha256::new();
    for row in rows {
        hash.update(format!("{}\n{}\n{}\n{}\n{}\n", row.id, row.at, row.heads, row.kid, row.signature));
        hash.update(row.previous.unwrap_or_default());
    }
    Ok(hex(&hash.finalize()))
}

/// Stores the current heads as the next checkpoint.
pub fn write(tx: &mut Tx<'_>, keys: &RecordKeys) -> Result<(), Problem> {
    let heads = heads(&mut tx.as_read())?;
    let text = serde_json::to_string(&heads).map_err(Problem::internal)?;
    let last = newest(&mut tx.as_read())?;
    let mut next = KeptCheckpoint {
        number: last.as_ref().and_then(|row| row.number).unwrap_or(0) + 1,
        id: tx.ctx.new_id(),
        at: tx.ctx.written,
        previous: match last {
            Some(row) => {
                row.kept().ok_or_else(|| Problem::internal("the last checkpoint is unreadable"))?.digest()
            }
            None => digest_of_old(&mut tx.as_read())?,
        },
        heads_sha256: sha256_hex(&text),
        heads,
        kid: String::new(),
        signature: String::new(),
    };
    (next.kid, next.signature) = keys.sign(&next.signed_text())?;
    let row = CheckpointRow {
        id: next.id,
        at: next.at,
        heads: text,
        signature: next.signature,
        kid: next.kid,
        number: Some(next.number),
        previous: Some(next.previous),
    };
    diesel::insert_into(audit_checkpoints::table).values(&row).kept().execute(tx.db)?;
    Ok(())
}

/// The newest checkpoint with a number.
pub fn newest(rx: &mut Rx<'_>) -> Result<Option<CheckpointRow>, Problem> {
    let numbered = audit_checkpoints::table.filter(audit_checkpoints::number.is_not_null());
    let last = numbered.order(audit_checkpoints::number.desc()).select(CheckpointRow::as_select());
    Ok(last.first(rx.db).optional()?)
}

/// Whether the newest checkpoint holds every head as it is.
pub fn covers_all(rx: &mut Rx<'_>) -> Result<bool, Problem> {
    let now = heads(rx)?;
    Ok(newest(rx)?.and_then(|row| row.kept()).is_some_and(|kept| kept.heads == now))
}

/// The heads of all chains, as they are now.
pub(super) fn heads(rx: &mut Rx<'_>) -> Result<Heads, Problem> {
    let heads = audit_chains::table
        .select((audit_chains::name, audit_chains::head_sequence, audit_chains::head_hash))
        .load::<(String, i64, String)>(rx.db)?;
    Ok(heads.into_iter().map(|(name, sequence, hash)| (name, Head { sequence, hash })).collect())
}

/// The heads of all chains as they were at a time, by the times of their events.
pub(super) fn heads_at(rx: &mut Rx<'_>, at: Instant) -> Result<Heads, Problem> {
    let mut then = Heads::new();
    for name in heads(rx)?.into_keys() {
        let last = audit_events::table
            .filter(audit_events::chain.eq(name.clone()))
            .filter(audit_events::at.le(at))
            .order(audit_events::sequence.desc())
            .select((audit_events::sequence, audit_events::hash));
        if let Some((sequence, hash)) = last.first(rx.db).optional()? {
            then.insert(name, Head { sequence, hash });
        }
    }
    Ok(then)
}

/// The number of the newest checkpoint that was made until a time.
pub(super) fn newest_until(rx: &mut Rx<'_>, at: Instant) -> Result<Option<i64>, Problem> {
    let until = audit_checkpoints::table.filter(audit_checkpoints::at.le(at));
    let number = until.order(audit_checkpoints::number.desc()).select(audit_checkpoints::number);
    Ok(number.filter(audit_checkpoints::number.is_not_null()).first(rx.db).optional()?.flatten())
}

/// At most so many checkpoints after a number, in their order.
pub fn after(rx: &mut Rx<'_>, number: i64, limit: i64) -> Result<Vec<CheckpointRow>, Problem> {
    let later = in_order().filter(audit_checkpoints::number.assume_not_null().gt(number));
    Ok(later.limit(limit).select(CheckpointRow::as_select()).load(rx.db)?)
}

/// Which checkpoints a key has signed: its `kid`, and the first and the last number.
pub fn signers(rx: &mut Rx<'_>) -> Result<Vec<(String, i64, i64)>, Problem> {
    use diesel::dsl::{max, min};
    let numbered = audit_checkpoints::table.filter(audit_checkpoints::number.is_not_null());
    let signers = numbered
        .group_by(audit_checkpoints::kid)
        .select((audit_checkpoints::kid, min(audit_checkpoints::number), max(audit_checkpoints::number)))
        .load::<(String, Option<i64>, Option<i64>)>(rx.db)?;
    let mut signers: Vec<_> = signers
        .into_iter()
        .map(|(kid, first, last)| (kid, first.unwrap_or_default(), last.unwrap_or_default()))
        .collect();
    signers.sort_by_key(|signer| signer.1);
    Ok(signers)
}

/// The checkpoint of a number, if the database has it.
pub fn numbered(rx: &mut Rx<'_>, number: i64) -> Result<Option<KeptCheckpoint>, Problem> {
    let row = after(rx, number - 1, 1)?.into_iter().next().filter(|row| row.number == Some(number));
    Ok(row.and_then(|row| row.kept()))
}
