//! How much mail may be caused, and by whom. What anonymous callers and kommuner cause is limited by mailbox, sender and kommun;
//! for every mailbox alike, because a limit that spared those of people with an account would tell who has one. What the
//! clock and SKR cause is spread over time instead, and never lost. Everything counts by the wall clock. Requests at the same moment do not see each other, so
//! that a limit may be exceeded by as many as write at once.

use diesel::prelude::*;

use crate::platform::auth::caller::{Assignment, Subject};
use crate::platform::context::Context;
use crate::platform::db::Condition;
use crate::platform::db::schema::outbox_mails;
use crate::platform::ids::sha256_hex;
use crate::platform::mailbox::folded;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;

/// How many mails a mailbox gets in an hour.
const PER_MAILBOX: u32 = 10;

/// How many times as much a whole kommun may cause as one sender.
const KOMMUN: u32 = 3;

/// How many times as much mail of the clock, or of one person at SKR, is sent in an hour.
const STAFF: u32 = 5;

/// How many times as much may be caused in a day as in an hour.
const DAY: u32 = 5;

/// Who causes a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Somebody who has not logged in.
    Anonymous,
    /// Somebody whose every role is in a kommun, or who has no role.
    Kommun,
    /// Somebody with a role at SKR or for the installation.
    Staff,
    /// A job or a command.
    Clock,
}

impl Cause {
    fn of(ctx: &Context) -> Self {
        match ctx.caller.subject {
            Subject::System => Self::Clock,
            Subject::Anonymous => Self::Anonymous,
            Subject::Person(_) | Subject::Client(_) => {
                let is_staff = |held: &Assignment| held.kommunkod.is_none();
                if ctx.caller.assignments.iter().any(is_staff) { Self::Staff } else { Self::Kommun }
            }
        }
    }

    /// Whether too much of it is refused, and not sent later.
    pub fn is_limited(self) -> bool {
        matches!(self, Self::Anonymous | Self::Kommun)
    }
}

/// What a mail is counted for.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Who causes it.
    pub cause: Cause,
    /// The mailbox.
    pub mailbox: String,
    /// Who sends it: a person, a client, the clock, or a network without login, as a hash.
    pub sender: String,
    /// The kommun of the sender; of several kommuner the first.
    pub kommun: Option<String>,
}

impl Counted {
    /// A mail to this address that the caller causes.
    pub fn of(ctx: &Context, recipient: &str) -> Self {
        let sender = match ctx.caller.subject {
            Subject::System => "clock".to_owned(),
            Subject::Anonymous => sha256_hex(&format!("network:{}", ctx.request.client_address)),
            Subject::Person(id) | Subject::Client(id) => id.to_string(),
        };
        let cause = Cause::of(ctx);
        let mut kommuner: Vec<&String> =
            ctx.caller.assignments.iter().filter_map(|held| held.kommunkod.as_ref()).collect();
        kommuner.sort_unstable();
        let kommun = kommuner.first().filter(|_| cause == Cause::Kommun).map(|code| (*code).clone());
        Self { cause, mailbox: folded(recipient), sender, kommun }
    }

    /// The first moment, from now on, at which the mail may be sent. `per_hour` is the limit of one sender; 0 means that only
    /// mailboxes are limited.
    pub fn earliest(&self, tx: &mut Tx<'_>, per_hour: u32) -> Result<Instant, Problem> {
        let cause = self.cause;
        // Mail of the clock and of SKR waits for all mail to the mailbox, other mail only for what is limited too.
        let to_mailbox = || -> Condition<outbox_mails::table> {
            let all = outbox_mails::mailbox.eq(self.mailbox.clone());
            if cause.is_limited() {
                Box::new(all.and(outbox_mails::is_limited.eq(true)))
            } else {
                Box::new(all)
            }
        };
        let mut earliest = free(tx, PER_MAILBOX, to_mailbox)?;
        let per_sender = if cause.is_limited() { per_hour } else { per_hour * STAFF };
        let by_sender =
            || -> Condition<outbox_mails::table> { Box::new(outbox_mails::sender.eq(self.sender.clone())) };
        earliest = earliest.max(free(tx, per_sender, by_sender)?);
        if let Some(kommun) = &self.kommun {
            let by_kommun = || -> Condition<outbox_mails::table> {
                Box::new(outbox_mails::kommun.assume_not_null().eq(kommun.clone()))
            };
            earliest = earliest.max(free(tx, per_hour * KOMMUN, by_kommun)?);
        }
        Ok(earliest)
    }
}

/// When one more mail of these keeps to the limits of an hour and of a day; a limit of 0 is none.
fn free(
    tx: &mut Tx<'_>,
    per_hour: u32,
    these: impl Fn() -> Condition<outbox_mails::table>,
) -> Result<Instant, Problem> {
    let mut free = tx.ctx.wall;
    if per_hour == 0 {
        return Ok(free);
    }
    for (count, minutes) in [(per_hour, 60), (per_hour * DAY, 24 * 60)] {
        let last = outbox_mails::table
            .filter(these())
            .order(outbox_mails::due_at.desc())
            .offset(i64::from(count) - 1)
            .limit(1)
            .select(outbox_mails::due_at);
        if let Some(last) = last.first::<Instant>(tx.db).optional()? {
            free = free.max(last.plus_minutes(minutes));
        }
    }
    Ok(free)
}
