//! What the checkpoints prove, and the verdict on the checkpoints themselves: their numbers, their chain of digests, their
//! signatures, and the copies that were kept outside the database.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::checkpoints::{CheckpointRow, KeptCheckpoint, after, digest_of_old, numbered};
use super::outside::Own;
use super::restorations::{self, Known, Restoration, Restored};
use super::unreadable::is_of_values;
use crate::platform::auth::record_keys::{LostKey, RecordKeys};
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
    /// The files in `CHECKPOINT_DIR` that cannot be read as a whole, by their names; what can be read of them was compared.
    pub unreadable_files: Vec<String>,
    /// The number of the first checkpoint with a fault; absent when the fault is one of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub first_fault: Option<i64>,
    /// The fault: `number` (one is missing or too many), `previous` (it does not continue the one before), `signature`,
    /// `heads` (they cannot be read), `unreadable` (a value of it or of a later one is none that the program would write), `copy` (it differs from a copy that was kept outside the database, or is missing),
    /// `file` (all that can be read is intact, but not the files of `unreadableFiles`).
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

    /// What cannot be read of the copies is a fault of its own, after those of checkpoints.
    fn tell_of_unreadable(&mut self, own: &Own) {
        let verdict = &mut self.verdict;
        verdict.unreadable_files = own.unreadable.iter().map(|file| file.name()).collect();
        if !own.unreadable.is_empty() && verdict.fault.is_none() {
            verdict.fault = Some("file".to_owned());
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

/// Verifies all checkpoints and compares them with the copies in `CHECKPOINT_DIR` and those that somebody kept, unless these were lost
/// by the restoration of a backup. With a fault they still prove what comes before it.
pub fn verify(
    rx: &mut Rx<'_>,
    keys: &RecordKeys,
    own: &Own,
    kept: &[KeptCheckpoint],
) -> Result<Proven, Problem> {
    let mut proven = Proven::default();
    let mut restorations = match restorations::all(rx) {
        // A fault of the installation's chain.
        Err(fault) if is_of_values(&fault) => Vec::new(),
        found => found?,
    };
    let all = own.copies.iter().chain(kept).cloned();
    let mut copies = all.fold(BTreeMap::new(), |mut all: BTreeMap<i64, Vec<_>>, copy| {
        all.entry(copy.number).or_default().push(copy);
        all
    });
    let known = Known { keys, gone: gone(rx, keys)? };
    follow(rx, &known, &mut copies, &mut restorations, &mut proven)?;
    for (number, others) in copies {
        if !restorations::explained(&mut restorations, &known, &others) {
            proven.fault(number, "copy");
        }
    }
    let vouched_to = proven.verdict.vouched_to.unwrap_or_default();
    for lost in keys.lost().iter().filter(|lost| lost.number > vouched_to) {
        // After the restoration of an older backup the new key signs: what the lost one signed is not newer than the backup.
        let is_explained = restorations
            .iter()
            .any(|restoration| (vouched_to..lost.number).contains(&restoration.told.checkpoint));
        if !is_explained {
            proven.fault(lost.number, "signature");
        }
    }
    proven.tell_of_unreadable(own);
    proven.restorations = restorations.into_iter().map(|restoration| restoration.told).collect();
    Ok(proven)
}

/// The lost keys whose newest checkpoint the database does not have: it was cut back, or is a backup from before.
fn gone<'k>(rx: &mut Rx<'_>, keys: &'k RecordKeys) -> Result<Vec<&'k LostKey>, Problem> {
    let mut gone = Vec::new();
    for lost in keys.lost() {
        let here = match numbered(rx, lost.number) {
            // A fault of the checkpoints.
            Err(fault) if is_of_values(&fault) => None,
            here => here?,
        };
        if here.is_none_or(|here| here.digest() != lost.digest) {
            gone.push(lost);
        }
    }
    Ok(gone)
}

/// Reads the checkpoints in their order up to the first fault, and takes the copies that are equal to them or were lost out of
/// `copies`.
fn follow(
    rx: &mut Rx<'_>,
    known: &Known<'_>,
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
            let kept = match judge(&row, proven.verdict.checked, &previous, known.keys) {
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
            if !restorations::explained(restorations, known, &others) {
                proven.fault(last_read, "copy");
                return Ok(());
            }
            previous = kept.digest();
            if known.keys.lost().iter().any(|lost| lost.kid == kept.kid) {
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
