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

use super::restorations::{self, Restored};
use super::store::GENESIS;
use crate::platform::audit::unreadable::is_of_values;
use crate::platform::auth::record_keys::RecordKeys;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::schema::{audit_chains, audit_checkpoints};
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
fn digest_of_old(rx: &mut Rx<'_>) -> Result<String, Problem> {
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

/// At most so many checkpoints after a number, in their order.
pub fn after(rx: &mut Rx<'_>, number: i64, limit: i64) -> Result<Vec<CheckpointRow>, Problem> {
    let later = in_order().filter(audit_checkpoints::number.assume_not_null().gt(number));
    Ok(later.limit(limit).select(CheckpointRow::as_select()).load(rx.db)?)
}

/// What the checkpoints prove: the hash of events by chain and sequence, and the newest heads.
#[derive(Debug, Default)]
pub struct Proven {
    /// The verdict on the checkpoints themselves.
    pub verdict: CheckpointsVerdict,
    /// The newest checkpoint.
    pub newest: Option<KeptCheckpoint>,
    /// The restorations of a backup, and what was lost by them.
    pub restorations: Vec<Restored>,
    /// The hashes that some checkpoint holds, by chain and sequence.
    pub hashes: BTreeMap<String, BTreeMap<i64, String>>,
}

/// The result of verifying the checkpoints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckpointsVerdict {
    /// The number of checkpoints that were verified.
    pub checked: i64,
    /// The number of the newest one; absent when there is none yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub newest: Option<i64>,
    /// Its digest. Store it to find out later whether the newest checkpoints were deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub digest: Option<String>,
    /// How many copies from outside the database they were compared with.
    pub compared: i64,
    /// The number of the first checkpoint with a fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub first_fault: Option<i64>,
    /// The fault: `number` (one is missing or too many), `previous` (it does not continue the one before), `signature`,
    /// `heads` (they cannot be read), `unreadable` (a value of it or of a later one is none that the program would write), `copy` (it differs from a copy that was kept outside the database, or is missing).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub fault: Option<String>,
}

impl Proven {
    fn fault(&mut self, number: i64, fault: &str) {
        let verdict = &mut self.verdict;
        if verdict.fault.is_none() {
            (verdict.first_fault, verdict.fault) = (Some(number), Some(fault.to_owned()));
        }
    }

    fn unreadable(mut self, number: i64) -> Self {
        self.fault(number, "unreadable");
        self
    }

    fn take(&mut self, kept: KeptCheckpoint) {
        for (chain, head) in &kept.heads {
            self.hashes.entry(chain.clone()).or_default().insert(head.sequence, head.hash.clone());
        }
        self.verdict.newest = Some(kept.number);
        self.verdict.digest = Some(kept.digest());
        self.newest = Some(kept);
    }
}

/// How many checkpoints are read at a time.
const PAGE: i64 = 100;

/// Verifies all checkpoints and compares them with the copies, unless these were lost by the restoration of a backup. With a fault
/// they still prove what comes before it.
pub fn verify(rx: &mut Rx<'_>, keys: &RecordKeys, copies: Vec<KeptCheckpoint>) -> Result<Proven, Problem> {
    let mut proven = Proven::default();
    let mut restorations = match restorations::all(rx) {
        // A fault of the installation's chain.
        Err(fault) if is_of_values(&fault) => Vec::new(),
        found => found?,
    };
    let (copies, contradicts) = restorations::settle(&mut restorations, keys, copies);
    proven.restorations = restorations.into_iter().map(|restoration| restoration.told).collect();
    if let Some(number) = contradicts {
        proven.fault(number, "copy");
    }
    let mut copies: BTreeMap<i64, Vec<&KeptCheckpoint>> =
        copies.iter().fold(BTreeMap::new(), |mut all, copy| {
            all.entry(copy.number).or_insert_with(Vec::new).push(copy);
            all
        });
    proven.verdict.compared = copies.values().map(|of_number| of_number.len() as i64).sum();
    let mut last_read = i64::MIN;
    let mut previous = match digest_of_old(rx) {
        Err(fault) if is_of_values(&fault) => return Ok(proven.unreadable(0)),
        previous => previous?,
    };
    loop {
        let page = match after(rx, last_read, PAGE) {
            Err(fault) if is_of_values(&fault) => {
                let next = proven.verdict.checked + 1;
                return Ok(proven.unreadable(next));
            }
            page => page?,
        };
        if page.is_empty() {
            break;
        }
        for row in page {
            last_read = row.number.unwrap_or_default();
            proven.verdict.checked += 1;
            let copies = copies.remove(&last_read).unwrap_or_default();
            match judge(&row, proven.verdict.checked, &previous, keys, &copies) {
                Ok(kept) => {
                    previous = kept.digest();
                    proven.take(kept);
                }
                Err(fault) => {
                    proven.fault(last_read, fault);
                    return Ok(proven);
                }
            }
        }
    }
    if let Some((number, _)) = copies.first_key_value() {
        proven.fault(*number, "copy");
    }
    Ok(proven)
}

fn judge(
    row: &CheckpointRow,
    number: i64,
    previous: &str,
    keys: &RecordKeys,
    copies: &[&KeptCheckpoint],
) -> Result<KeptCheckpoint, &'static str> {
    if row.number != Some(number) {
        return Err("number");
    }
    if row.previous.as_deref() != Some(previous) {
        return Err("previous");
    }
    let kept = row.kept().ok_or("heads")?;
    if !keys.has_signed(&kept.kid, &kept.signature, &kept.signed_text()) {
        return Err("signature");
    }
    // A copy may hold only some of the heads.
    let equals = |copy: &&KeptCheckpoint| {
        copy.digest() == kept.digest()
            && copy.heads.iter().all(|(chain, head)| kept.heads.get(chain) == Some(head))
    };
    if copies.iter().all(equals) { Ok(kept) } else { Err("copy") }
}
