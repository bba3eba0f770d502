//! The runs of verifications: one at a time for each caller, how far it is, and the checkpoint up to which the last one found
//! everything intact. That is signed with the key for records, because the next verification skips what lies before it.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::audit::checkpoints::{CheckpointRow, KeptCheckpoint};
use crate::platform::audit::unreadable::is_of_values;
use crate::platform::auth::record_keys::RecordKeys;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::schema::{audit_checkpoints, audit_verifications};
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::{Rx, Tx};

/// A run that was not heard of for so long has ended with its process.
const SILENT_MINUTES: i64 = 5;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_verifications, treat_none_as_default_value = false)]
struct RunRow {
    caller: String,
    is_running: bool,
    started_at: Instant,
    heard_at: Instant,
    done: i64,
    total: i64,
    verified_number: Option<i64>,
    reach: Option<String>,
    kid: Option<String>,
    signature: Option<String>,
}

impl RunRow {
    /// Nobody was heard of in the future: such a row would keep the caller from ever verifying.
    fn runs_at(&self, wall: Instant) -> bool {
        let (since, until) = (wall.plus_minutes(-SILENT_MINUTES), wall.plus_minutes(SILENT_MINUTES));
        self.is_running && since < self.heard_at && self.heard_at < until
    }
}

/// How far a caller's verification is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = VerificationProgress::example)]
pub struct VerificationProgress {
    /// Whether a verification runs now.
    pub is_running: bool,
    /// When the last one began; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub started_at: Option<Instant>,
    /// How many events and rows it has read.
    pub done: i64,
    /// How many it will read; grows while it finds rows to read.
    pub total: i64,
}

impl VerificationProgress {
    fn example() -> serde_json::Value {
        let started_at = Some(Instant::from_millis(1_609_750_800_000));
        serde_json::json!(Self { is_running: true, started_at, done: 20_000, total: 81_412 })
    }
}

/// Who verifies, and what.
#[derive(Clone, Debug)]
pub struct Verifier {
    /// The caller: one run at a time.
    pub caller: String,
    /// The chains that the caller can verify: only if they are the same can the next verification continue.
    pub reach: String,
}

impl Verifier {
    fn row(&self, rx: &mut Rx<'_>) -> Result<Option<RunRow>, Problem> {
        let own = audit_verifications::table.find(&self.caller).select(RunRow::as_select());
        Ok(own.first(rx.db).optional()?)
    }

    /// How far the run is.
    pub fn progress(&self, rx: &mut Rx<'_>) -> Result<VerificationProgress, Problem> {
        let wall = rx.ctx.wall;
        Ok(match self.row(rx)? {
            Some(row) => VerificationProgress {
                is_running: row.runs_at(wall),
                started_at: Some(row.started_at),
                done: row.done,
                total: row.total,
            },
            None => VerificationProgress { is_running: false, started_at: None, done: 0, total: 0 },
        })
    }

    /// Begins a run. 409 while another one of the same caller runs.
    pub fn begin(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        tx.lock_name(&format!("verification {}", self.caller))?;
        let (wall, before) = (tx.ctx.wall, self.row(&mut tx.as_read())?);
        if before.as_ref().is_some_and(|row| row.runs_at(wall)) {
            return Err(Problem::new(Code::VerificationRunning));
        }
        let begun = RunRow {
            caller: self.caller.clone(),
            is_running: true,
            started_at: wall,
            heard_at: wall,
            done: 0,
            total: 0,
            verified_number: before.as_ref().and_then(|row| row.verified_number),
            reach: before.as_ref().and_then(|row| row.reach.clone()),
            kid: before.as_ref().and_then(|row| row.kid.clone()),
            signature: before.and_then(|row| row.signature),
        };
        diesel::delete(audit_verifications::table.find(&self.caller)).kept().execute(tx.db)?;
        diesel::insert_into(audit_verifications::table).values(&begun).kept().execute(tx.db)?;
        Ok(())
    }

    /// Notes how far the run is.
    pub fn tell(&self, tx: &mut Tx<'_>, done: i64, total: i64) -> Result<(), Problem> {
        let far = (
            audit_verifications::done.eq(done),
            audit_verifications::total.eq(total),
            audit_verifications::heard_at.eq(tx.ctx.wall),
        );
        diesel::update(audit_verifications::table.find(&self.caller)).set(far).kept().execute(tx.db)?;
        Ok(())
    }

    /// Ends the run. `verified` is the checkpoint up to which all of the caller's chains were found intact, if they were.
    pub fn end(
        &self,
        tx: &mut Tx<'_>,
        keys: &RecordKeys,
        verified: Option<&KeptCheckpoint>,
    ) -> Result<(), Problem> {
        let own = audit_verifications::table.find(&self.caller);
        diesel::update(own).set(audit_verifications::is_running.eq(false)).kept().execute(tx.db)?;
        let Some(verified) = verified else { return Ok(()) };
        let (kid, signature) = keys.sign(&self.signed_text(verified))?;
        let proof = (
            audit_verifications::verified_number.eq(Some(verified.number)),
            audit_verifications::reach.eq(Some(self.reach.clone())),
            audit_verifications::kid.eq(Some(kid)),
            audit_verifications::signature.eq(Some(signature)),
        );
        diesel::update(own).set(proof).kept().execute(tx.db)?;
        Ok(())
    }

    /// The checkpoint up to which the last run of this caller found everything intact, with what it holds now. What cannot be
    /// read proves nothing.
    pub fn verified(&self, rx: &mut Rx<'_>, keys: &RecordKeys) -> Result<Option<KeptCheckpoint>, Problem> {
        match self.proven(rx, keys) {
            Err(fault) if is_of_values(&fault) => Ok(None),
            proven => proven,
        }
    }

    fn proven(&self, rx: &mut Rx<'_>, keys: &RecordKeys) -> Result<Option<KeptCheckpoint>, Problem> {
        let Some(RunRow {
            verified_number: Some(number),
            reach,
            kid: Some(kid),
            signature: Some(signature),
            ..
        }) = self.row(rx)?
        else {
            return Ok(None);
        };
        let row: Option<CheckpointRow> = audit_checkpoints::table
            .filter(audit_checkpoints::number.assume_not_null().eq(number))
            .select(CheckpointRow::as_select())
            .first(rx.db)
            .optional()?;
        let kept = row.and_then(|row| row.kept()).filter(|_| reach.as_ref() == Some(&self.reach));
        Ok(kept.filter(|kept| keys.has_signed(&kid, &signature, &self.signed_text(kept))))
    }

    fn signed_text(&self, verified: &KeptCheckpoint) -> String {
        format!("verified\n{}\n{}\n{}\n{}", self.caller, self.reach, verified.number, verified.digest())
    }
}
