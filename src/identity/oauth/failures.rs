//! Counts failed logins per account and per IP address of the client (`platform::auth::lockout` computes the lockout). Account
//! and address are not stored; the key is their SHA-256.

use diesel::prelude::*;

use crate::platform::auth::lockout::{Counted, Failures, Verdict, verdict};
use crate::platform::db::kept::Keep as _;
use crate::platform::db::{Db, statements};
use crate::platform::ids::sha256_hex;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::schema::login_failures;

/// The account and the client address that a login attempt is counted for.
#[derive(Clone, Debug)]
pub struct Subjects {
    account: String,
    address: Option<String>,
}

impl Subjects {
    /// The account of an e-mail address, and the client address; an empty client address is not counted.
    pub fn of(email: &str, address: &str) -> Self {
        Self {
            account: sha256_hex(&format!("account:{}", email.to_lowercase())),
            address: Some(address)
                .filter(|text| !text.is_empty())
                .map(|text| sha256_hex(&format!("address:{text}"))),
        }
    }

    fn each(&self) -> impl Iterator<Item = (&str, Counted)> {
        let address = self.address.as_deref().map(|key| (key, Counted::Address));
        std::iter::once((self.account.as_str(), Counted::Account)).chain(address)
    }

    /// 429 `loginLocked` with `Retry-After` unless a password may be tried now.
    pub fn permit(&self, rx: &mut Rx<'_>) -> Result<(), Problem> {
        let mut strictest = Verdict::Allowed;
        for (key, counted) in self.each() {
            strictest = strictest.max(verdict(stored(&mut *rx.db, key)?, counted, rx.ctx.wall));
        }
        strictest.check()
    }

    /// Counts one more failure.
    pub fn count(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        // In the order of the keys, so that two transactions that count the same keys cannot deadlock.
        let mut keys: Vec<&str> = self.each().map(|(key, _)| key).collect();
        keys.sort_unstable();
        for key in keys {
            count_one(tx, key)?;
        }
        Ok(())
    }

    /// Deletes the failures of the account. The failures of the address are kept: a login to one account must not allow new
    /// attempts on other accounts.
    pub fn forget(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        diesel::delete(login_failures::table.find(&self.account)).kept().execute(tx.db)?;
        Ok(())
    }
}

fn stored(db: &mut Db, key: &str) -> Result<Option<Failures>, Problem> {
    let row: Option<(i32, i64)> = login_failures::table
        .find(key)
        .select((login_failures::failures, login_failures::last_failed_millis))
        .first(db)
        .optional()?;
    Ok(row.map(|(count, millis)| Failures {
        count: u32::try_from(count).unwrap_or(0),
        last: Instant::from_millis(millis),
    }))
}

fn count_one(tx: &mut Tx<'_>, key: &str) -> Result<(), Problem> {
    let wall = tx.ctx.wall;
    let insert = "INSERT INTO login_failures (subject_hash, failures, last_failed_millis) VALUES (?, 1, ?)";
    if statements::insert_new(tx.db, insert, &[key], wall.millis())? {
        return Ok(());
    }
    tx.lock_name(key)?;
    let next = Failures::one_more(stored(tx.db, key)?, wall);
    diesel::update(login_failures::table.find(key))
        .set((
            login_failures::failures.eq(i32::try_from(next.count).unwrap_or(i32::MAX)),
            login_failures::last_failed_millis.eq(wall.millis()),
        ))
        .kept()
        .execute(tx.db)?;
    Ok(())
}
