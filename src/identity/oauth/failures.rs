//! Counts failed logins per account, per client address, and per account at an address (`platform::auth::lockout` says what
//! follows). Account and address are not stored; the key is their SHA-256.

use std::time::Duration;

use diesel::prelude::*;

use crate::identity::people::{self, PersonState};
use crate::platform::auth::lockout::{Counted, Failures, Verdict, delay, is_told, verdict};
use crate::platform::db::kept::Keep as _;
use crate::platform::db::{Db, statements};
use crate::platform::http::observe::client;
use crate::platform::ids::sha256_hex;
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};
use crate::platform::text::Localized;
use crate::platform::tx::{Rx, Tx};
use crate::schema::login_failures;

/// What a login attempt is counted for.
#[derive(Clone, Debug)]
pub struct Subjects {
    email: String,
    account: String,
    /// The keys of what can be locked.
    locked: Vec<(String, Counted)>,
}

impl Subjects {
    /// The account of an e-mail address, and the client address; an empty client address is not counted.
    pub fn of(email: &str, address: &str) -> Self {
        let email = email.to_lowercase();
        let account = sha256_hex(&format!("account:{email}"));
        let mut locked = Vec::new();
        if !address.is_empty() {
            locked.push((sha256_hex(&format!("address:{address}")), Counted::Address));
            locked.push((sha256_hex(&format!("account:{email} at {address}")), Counted::AccountAtAddress));
        }
        if let Some(network) = client::wider_network(address) {
            locked.push((sha256_hex(&format!("address:{network}")), Counted::Network));
            locked.push((sha256_hex(&format!("account:{email} at {network}")), Counted::AccountAtNetwork));
        }
        Self { email, account, locked }
    }

    /// 429 `loginLocked` with `Retry-After` unless a password may be tried now.
    pub fn permit(&self, rx: &mut Rx<'_>) -> Result<(), Problem> {
        let mut strictest = Verdict::Allowed;
        for (key, counted) in &self.locked {
            strictest = strictest.max(verdict(stored(&mut *rx.db, key)?, *counted, rx.ctx.wall));
        }
        strictest.check()
    }

    /// How long the answer must be delayed because many addresses try this account.
    pub fn delay(&self, rx: &mut Rx<'_>) -> Result<Duration, Problem> {
        Ok(delay(stored(&mut *rx.db, &self.account)?, rx.ctx.wall))
    }

    /// Counts one more failure, and tells the owner of an account that many addresses try.
    pub fn count(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        // In the order of the keys, so that two transactions that count the same keys cannot deadlock.
        let mut keys: Vec<&str> = self.locked.iter().map(|(key, _)| key.as_str()).collect();
        keys.push(&self.account);
        keys.sort_unstable();
        for key in keys {
            let failures = count_one(tx, key)?;
            if key == self.account && is_told(failures) {
                self.tell(tx)?;
            }
        }
        Ok(())
    }

    /// Mails the owner. For an address without an account the same statements run and are rolled back, so that the duration does
    /// not reveal whether there is one.
    fn tell(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        let person = people::unscoped_by_email(tx.db, &self.email)?;
        if person.is_some_and(|person| person.status == PersonState::Active) {
            return mail_warning(tx, &self.email);
        }
        let pretended = tx.attempt(|tx| {
            mail_warning(tx, &self.email)?;
            Err::<(), Problem>(Problem::not_found())
        });
        match pretended {
            Err(problem) if problem.code != Code::NotFound => Err(problem),
            _ => Ok(()),
        }
    }

    /// Deletes the failures of the account, and those of the account at this address. The failures of the address are kept: a
    /// login to one account must not allow new attempts on other accounts.
    pub fn forget(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        let of_account =
            |counted: &Counted| matches!(counted, Counted::AccountAtAddress | Counted::AccountAtNetwork);
        let here = self.locked.iter().filter(|(_, counted)| of_account(counted)).map(|(key, _)| key);
        let mut keys: Vec<&String> = here.chain([&self.account]).collect();
        keys.sort_unstable();
        for key in keys {
            diesel::delete(login_failures::table.find(key)).kept().execute(tx.db)?;
        }
        Ok(())
    }
}

fn mail_warning(tx: &mut Tx<'_>, email: &str) -> Result<(), Problem> {
    tx.mail(
        email,
        &Localized::fixed("Många misslyckade inloggningar", "Many failed logins"),
        &Localized::fixed(
            "Hej!\n\nNågon har många gånger försökt logga in på ditt konto i samverkan med fel lösenord. Kontot är inte spärrat: du \
             kan logga in som vanligt, men det kan ta några sekunder längre. Var det inte du, och är ditt lösenord lätt att gissa \
             eller använt på flera ställen, välj ett nytt.",
            "Hello!\n\nSomebody has tried many times to log in to your account in samverkan with a wrong password. The account is \
             not locked: you can log in as usual, but it may take a few seconds longer. If it was not you, and your password is easy \
             to guess or used in several places, choose a new one.",
        ),
        None,
    )
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

fn count_one(tx: &mut Tx<'_>, key: &str) -> Result<Failures, Problem> {
    let wall = tx.ctx.wall;
    let insert = "INSERT INTO login_failures (subject_hash, failures, last_failed_millis) VALUES (?, 1, ?)";
    if statements::insert_new(tx.db, insert, &[key], wall.millis())? {
        return Ok(Failures::one_more(None, wall));
    }
    tx.lock_name(&format!("login:{key}"))?;
    let next = Failures::one_more(stored(tx.db, key)?, wall);
    diesel::update(login_failures::table.find(key))
        .set((
            login_failures::failures.eq(i32::try_from(next.count).unwrap_or(i32::MAX)),
            login_failures::last_failed_millis.eq(wall.millis()),
        ))
        .kept()
        .execute(tx.db)?;
    Ok(next)
}
