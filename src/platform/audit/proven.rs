//! What the checkpoints prove, and the verdict on the checkpoints themselves: their numbers, their chain of digests, their
//! signatures, and the copies that were kept outside the database.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::checkpoints::{CheckpointRow, KeptCheckpoint, after, digest_of_old};
use super::restorations::{self, Restoration, Restored};
use super::unreadable::is_of_values;
use crate::platform::auth::record_keys::RecordKeys;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

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
    /// How many copies from outside the database are equal to them.
    pub compared: i64,
    /// The newest checkpoint that was signed with a key which is lost; absent when there is none. The file of the record key
    /// vouches for it and those before it: what was changed before that file was made cannot be found by their signatures.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub vouched_to: Option<i64>,
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
    let mut copies = copies.into_iter().fold(BTreeMap::new(), |mut all: BTreeMap<i64, Vec<_>>, copy| {
        all.entry(copy.number).or_default().push(copy);
        all
    });
    follow(rx, keys, &mut copies, &mut restorations, &mut proven)?;
    for (number, others) in copies {
        if !restorations::explained(&mut restorations, keys, &others) {
            proven.fault(number, "copy");
        }
    }
    for lost in keys.lost() {
        let reached = proven.verdict.vouched_to.is_some_and(|number| number >= lost.number);
        if !reached {
            proven.fault(lost.number, "signature");
        }
    }
    proven.restorations = restorations.into_iter().map(|restoration| restoration.told).collect();
    Ok(proven)
}

/// Reads the checkpoints in their order up to the first fault, and takes the copies that are equal to them or were lost out of
/// `copies`.
fn follow(
    rx: &mut Rx<'_>,
    keys: &RecordKeys,
    copies: &mut BTreeMap<i64, Vec<KeptCheckpoint>>,
    restorations: &mut [Restoration],
    proven: &mut Proven,
) -> Result<(), Problem> {
    let mut last_read = i64::MIN;
    let mut previous = match digest_of_old(rx) {
        Err(fault) if is_of_values(&fault) => {
            proven.fault(0, "unreadable");
            return Ok(());
        }
        previous => previous?,
    };
    loop {
        let page = match after(rx, last_read, PAGE) {
            Err(fault) if is_of_values(&fault) => {
                proven.fault(proven.verdict.checked + 1, "unreadable");
                return Ok(());
            }
            page => page?,
        };
        if page.is_empty() {
            return Ok(());
        }
        for row in page {
            last_read = row.number.unwrap_or_default();
            proven.verdict.checked += 1;
            let kept = match judge(&row, proven.verdict.checked, &previous, keys) {
                Ok(kept) => kept,
                Err(fault) => {
                    proven.fault(last_read, fault);
                    return Ok(());
                }
            };
            let of_number = copies.remove(&last_read).unwrap_or_default();
            let (equal, others): (Vec<_>, Vec<_>) =
                of_number.into_iter().partition(|copy| kept.is_copied_in(copy));
            proven.verdict.compared += equal.len() as i64;
            if !restorations::explained(restorations, keys, &others) {
                proven.fault(last_read, "copy");
                return Ok(());
            }
            previous = kept.digest();
            if keys.lost().iter().any(|lost| lost.kid == kept.kid) {
                proven.verdict.vouched_to = Some(kept.number);
            }
            proven.take(kept);
        }
    }
}

fn judge(
    row: &CheckpointRow,
    number: i64,
    previous: &str,
    keys: &RecordKeys,
) -> Result<KeptCheckpoint, &'static str> {
    if row.number != Some(number) {
        return Err("number");
    }
    if row.previous.as_deref() != Some(previous) {
        return Err("previous");
    }
    let kept = row.kept().ok_or("heads")?;
    let is_proven = keys.has_signed(&kept.kid, &kept.signature, &kept.signed_text())
        || keys.vouches_for(&kept.kid, kept.number, &kept.digest());
    if is_proven { Ok(kept) } else { Err("signature") }
}
