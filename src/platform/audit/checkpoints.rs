//! Checkpoints (guide §6): a job writes a signed copy of all chain heads. It protects against somebody who can write to
//! the database, deletes the last events of a chain and resets its head. The rest of the chain would still verify, but
//! it is shorter than the checkpoint says. Checkpoints are signed with the keys for records, whose public keys stay in
//! the JWKS.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::platform::auth::token::KeyRing;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::schema::{audit_chains, audit_checkpoints};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};

/// The last event of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its sequence number.
    pub sequence: i64,
    /// Its hash.
    pub hash: String,
}

/// The newest checkpoint.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// When it was made.
    pub at: Instant,
    /// The heads by the name of their chain; none when the signature is not valid.
    pub heads: Option<BTreeMap<String, Head>>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_checkpoints, treat_none_as_default_value = false)]
struct CheckpointRow {
    id: Id,
    at: Instant,
    heads: String,
    signature: String,
    kid: String,
}

impl CheckpointRow {
    fn signed_text(&self) -> String {
        format!("{}\n{}\n{}", self.id, self.at, self.heads)
    }
}

/// Stores the current heads, signed with the newest key of the ring.
pub fn write(tx: &mut Tx<'_>, ring: &KeyRing) -> Result<(), Problem> {
    let heads: BTreeMap<String, Head> = audit_chains::table
        .select((audit_chains::name, audit_chains::head_sequence, audit_chains::head_hash))
        .load::<(String, i64, String)>(tx.db)?
        .into_iter()
        .map(|(name, sequence, hash)| (name, Head { sequence, hash }))
        .collect();
    let mut row = CheckpointRow {
        id: tx.ctx.new_id(),
        at: tx.ctx.now,
        heads: serde_json::to_string(&heads).map_err(Problem::internal)?,
        signature: String::new(),
        kid: String::new(),
    };
    (row.kid, row.signature) = ring.sign_text(&row.signed_text())?;
    diesel::insert_into(audit_checkpoints::table).values(&row).kept().execute(tx.db)?;
    Ok(())
}

/// When the newest checkpoint was made.
pub fn newest_at(rx: &mut Rx<'_>) -> Result<Option<Instant>, Problem> {
    let times = audit_checkpoints::table.select(audit_checkpoints::at);
    Ok(times.order(audit_checkpoints::at.desc()).first(rx.db).optional()?)
}

/// The newest checkpoint. Its signature is verified with the keys of the ring.
pub fn newest(rx: &mut Rx<'_>, ring: &KeyRing) -> Result<Option<Checkpoint>, Problem> {
    let row: Option<CheckpointRow> = audit_checkpoints::table
        .order((audit_checkpoints::at.desc(), audit_checkpoints::id.desc()))
        .select(CheckpointRow::as_select())
        .first(rx.db)
        .optional()?;
    Ok(row.map(|row| {
        let is_ours = ring.has_signed(&row.kid, &row.signature, &row.signed_text());
        let heads = Some(&row.heads).filter(|_| is_ours).and_then(|heads| serde_json::from_str(heads).ok());
        Checkpoint { at: row.at, heads }
    }))
}
