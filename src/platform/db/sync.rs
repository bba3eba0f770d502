//! Up to which instant a reader of changes (`updatedSince`) has seen everything. A row carries the time that its write took,
//! but becomes visible when the write commits, and writes do not commit in the order of their times. So a client must not
//! go on from the newest time that it has seen: a write under way may have an older one.
//!
//! **PostgreSQL**: with its `BEGIN`, a write registers the second of its clock as a shared advisory lock, and takes its time
//! after that. The lock ends after the commit has become visible. A reader looks at the locks before its rows: a write that
//! it sees there has no time before the registered second; one that is not there has either committed, so that the rows
//! include it, or registers later, at a time that is later than the reader's unless clocks differ. Every role sees
//! `pg_locks`, whoever owns the connection. The look is only good on the server that is written to: a replica shows neither
//! its locks nor its newest rows.
//!
//! **SQLite**: writes follow each other, whichever process they come from. Each takes its time after it has the write lock,
//! and none before the newest event of the audit trail. So nothing older than the newest event that a reader sees can still
//! appear.

use diesel::RunQueryDsl as _;
use diesel::sql_types::{BigInt, Nullable};

use super::Db;
use super::kept::Sql;
use super::sql_types::InstantSql;
use crate::platform::clock::Clock;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;

/// By how much the clocks of processes may differ.
pub const CLOCKS_DIFFER_MILLIS: i64 = 2_000;

/// The class of the advisory locks of writes under way. The number itself has no meaning.
const CLASS: i32 = 0x5341_4d57;

/// Advisory locks have keys of 32 bits.
const KEYS: i64 = 1 << 32;

/// The statement that registers a write of PostgreSQL at this time.
pub fn registration(at: Instant) -> String {
    let key = at.seconds().rem_euclid(KEYS);
    let signed = if key < KEYS / 2 { key } else { key - KEYS };
    format!("SELECT pg_advisory_xact_lock_shared({CLASS}, ({signed})::int)")
}

/// The time that a write gives to its rows. On PostgreSQL the write is registered.
pub fn time_of_write(db: &mut Db, clock: &Clock) -> Result<Instant, Problem> {
    let now = clock.now();
    match db {
        Db::Postgres(_) => Ok(now),
        Db::Sqlite(_) => Ok(newest_event(db)?.map_or(now, |newest| newest.max(now))),
    }
}

/// The instant up to which nothing can appear that is not in the rows which the connection reads from now on. `now` is the
/// reader's time, taken before. None in an empty SQLite database, where nothing is known.
pub fn seen_up_to(db: &mut Db, now: Instant) -> Result<Option<Instant>, Problem> {
    match db {
        Db::Postgres(_) => {
            let sure = now.plus_millis(-CLOCKS_DIFFER_MILLIS);
            let oldest = oldest_registered(db)?.map(|second| Instant::from_millis(second * 1_000));
            Ok(Some(oldest.map_or(sure, |oldest| oldest.min(sure))))
        }
        Db::Sqlite(_) => newest_event(db),
    }
}

/// The oldest second of a write under way on PostgreSQL.
fn oldest_registered(db: &mut Db) -> Result<Option<i64>, Problem> {
    // Keys of two parts have `objsubid` 2.
    let look = format!(
        "SELECT min(objid::bigint) FROM pg_locks WHERE locktype = 'advisory' AND classid = {CLASS} AND objsubid = 2 \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    );
    Ok(Sql::<Nullable<BigInt>>::new(look).get_result(db)?)
}

/// The time of the newest event, by an index.
fn newest_event(db: &mut Db) -> Result<Option<Instant>, Problem> {
    Ok(Sql::<Nullable<InstantSql>>::new("SELECT max(at) FROM audit_events").get_result(db)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_a_key_of_32_bits() {
        let key = |text: &str| registration(text.parse().unwrap());
        assert!(key("2026-01-01T00:00:00.999Z").ends_with(", (1767225600)::int)"));
        // After 2038 the key is negative; `pg_locks` shows it as the second again.
        assert!(key("2040-01-01T00:00:00Z").ends_with(&format!(", ({})::int)", 2_208_988_800_i64 - KEYS)));
    }
}
