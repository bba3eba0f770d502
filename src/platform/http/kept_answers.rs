//! How much is kept for each caller's `Idempotency-Key`s. An answer is kept for 24 hours whatever happens, because a
//! repeated request would otherwise run twice; so a caller who has too much kept gets no new key. Each process counts what
//! it keeps and sums the database from time to time, because other processes keep answers of the same caller.

use std::collections::HashMap;
use std::io::{Read as _, Result};
use std::sync::{Mutex, MutexGuard, PoisonError};

use diesel::RunQueryDsl as _;
use diesel::sql_types::{BigInt, Nullable};
use flate2::read::ZlibDecoder;
use flate2::{Compress, Compression, FlushCompress, Status};

use crate::platform::db::kept::Sql;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;

/// How long an answer is kept, in milliseconds.
pub const KEPT_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// What a row takes beside its answer: the hashes of key and body, and the indexes.
const ROW_BYTES: usize = 256;

/// How long a sum of the database is good for, and how long for a caller who has too much.
const FRESH_MILLIS: i64 = 60_000;
const FRESH_WHEN_FULL_MILLIS: i64 = 1_000;

/// Known sums are dropped when there are so many and they are old.
const MOST_KNOWN: usize = 10_000;

/// A shorter body is not packed: that would save little.
const PACKED_FROM: usize = 512;

/// What this process knows of its callers.
pub struct KeptAnswers {
    /// The most bytes for a caller; 0 means no limit.
    most: i64,
    known: Mutex<HashMap<i64, Sum>>,
    /// Packing needs a quarter of a megabyte, which is used again.
    packers: Mutex<Vec<Compress>>,
}

#[derive(Clone, Copy, Debug)]
struct Sum {
    bytes: i64,
    /// When the oldest answer was kept.
    oldest: i64,
    /// When the database was asked.
    asked: i64,
}

impl KeptAnswers {
    /// With this limit.
    pub fn new(most: i64) -> Self {
        Self { most, known: Mutex::default(), packers: Mutex::default() }
    }

    /// 429 when the caller has too much kept for one more key.
    pub fn permit(&self, tx: &mut Tx<'_>, caller: i64) -> std::result::Result<(), Problem> {
        if self.most == 0 {
            return Ok(());
        }
        let wall = tx.ctx.wall.millis();
        let fresh = lock(&self.known).get(&caller).copied().filter(|sum| self.is_fresh(*sum, wall));
        let sum = match fresh {
            Some(sum) => sum,
            None => {
                let sum = asked(tx, caller)?;
                let mut known = lock(&self.known);
                if known.len() >= MOST_KNOWN {
                    known.retain(|_, sum| self.is_fresh(*sum, wall));
                }
                known.insert(caller, sum);
                sum
            }
        };
        if sum.bytes <= self.most {
            return Ok(());
        }
        let until = (sum.oldest + KEPT_MILLIS - wall).max(1000);
        Err(Problem::new(Code::KeptAnswersFull).retry_after(u64::try_from(until).unwrap_or(0).div_ceil(1000)))
    }

    fn is_fresh(&self, sum: Sum, wall: i64) -> bool {
        let good_for = if sum.bytes > self.most { FRESH_WHEN_FULL_MILLIS } else { FRESH_MILLIS };
        (0..good_for).contains(&(wall - sum.asked))
    }

    /// Counts an answer that is kept. One whose transaction fails later is counted until the database is asked again.
    pub fn count(&self, caller: i64, bytes: i64) {
        if let Some(sum) = lock(&self.known).get_mut(&caller) {
            sum.bytes += bytes;
        }
    }

    /// The body as it is stored: packed if that is shorter. A packed one begins with 0x78, and JSON never does.
    pub fn packed(&self, body: &str) -> Vec<u8> {
        let plain = body.as_bytes();
        if plain.len() < PACKED_FROM {
            return plain.to_vec();
        }
        let packer = lock(&self.packers).pop();
        let mut packer = packer.unwrap_or_else(|| Compress::new(Compression::fast(), true));
        packer.reset();
        // What does not fit is not shorter.
        let mut packed = Vec::with_capacity(plain.len() - 1);
        let done = packer.compress_vec(plain, &mut packed, FlushCompress::Finish);
        lock(&self.packers).push(packer);
        if matches!(done, Ok(Status::StreamEnd)) { packed } else { plain.to_vec() }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a stored answer and its row take.
pub fn size_of(answer: Option<&[u8]>) -> i64 {
    i64::try_from(answer.map_or(0, <[u8]>::len) + ROW_BYTES).unwrap_or(i64::MAX)
}

/// The body of a stored answer.
pub fn unpacked(stored: Vec<u8>) -> Result<String> {
    if stored.first() != Some(&0x78) {
        return String::from_utf8(stored).map_err(std::io::Error::other);
    }
    let mut body = String::with_capacity(stored.len() * 4);
    ZlibDecoder::new(stored.as_slice()).read_to_string(&mut body)?;
    Ok(body)
}

/// The sum in the database.
fn asked(tx: &mut Tx<'_>, caller: i64) -> std::result::Result<Sum, Problem> {
    let wall = tx.ctx.wall.millis();
    let sum = "SELECT CAST(SUM(kept_bytes) AS BIGINT), MIN(created_millis) FROM idempotency_keys \
               WHERE caller = ? AND created_millis > ?";
    let sum = Sql::<(Nullable<BigInt>, Nullable<BigInt>)>::new(sum);
    let sum = sum.bind::<BigInt, _>(caller).bind::<BigInt, _>(wall - KEPT_MILLIS);
    let (bytes, oldest): (Option<i64>, Option<i64>) = sum.get_result(tx.db)?;
    Ok(Sum { bytes: bytes.unwrap_or(0), oldest: oldest.unwrap_or(wall), asked: wall })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_packed_if_that_is_shorter_and_unpacked_again() {
        let kept = KeptAnswers::new(0);
        let repeated = format!("[{}]", vec!["{\"status\":404,\"code\":\"notFound\"}"; 1000].join(","));
        for body in ["", "{}", "{\"id\":1}", &repeated, &"å".repeat(700)] {
            let packed = kept.packed(body);
            assert!(packed.len() <= body.len());
            assert_eq!(unpacked(packed).unwrap(), body);
        }
        assert!(kept.packed(&repeated).len() * 20 < repeated.len());
        let mut noise = String::new();
        let mut state: u32 = 1;
        for _ in 0..600 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise.push(char::from(b'!' + u8::try_from(state >> 25).unwrap() % 90));
        }
        let packed = kept.packed(&format!("{{{noise}"));
        assert!(packed.len() <= 601);
        assert_eq!(unpacked(packed).unwrap(), format!("{{{noise}"));
    }

    #[test]
    fn a_sum_is_asked_again_sooner_when_it_is_too_much() {
        let kept = KeptAnswers::new(100);
        let sum = |bytes| Sum { bytes, oldest: 0, asked: 1_000_000 };
        for (bytes, after, is_fresh) in [
            (100, 0, true),
            (100, 59_999, true),
            (100, 60_000, false),
            (101, 999, true),
            (101, 1_000, false),
            (5, -1, false),
        ] {
            assert_eq!(kept.is_fresh(sum(bytes), 1_000_000 + after), is_fresh, "{bytes} after {after} ms");
        }
    }
}
