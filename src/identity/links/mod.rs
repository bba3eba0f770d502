//! Single-use links sent by mail: 256 random bits, stored hashed, dated (guide §3, verification link). Using one is
//! always a POST; opening it in a browser changes nothing.

use diesel::prelude::*;

use crate::platform::auth::caller::Subject;
use crate::platform::ids::{Id, Secret, secret_hash};
use crate::platform::moment::Instant;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::{Rx, Tx};
use crate::schema::links;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To choose a password and begin.
    Invitation,
    /// To choose a new password.
    PasswordReset,
    /// To prove that an address is one's own when expressing interest.
    Verification,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Kind::Invitation => "invitation",
            Kind::PasswordReset => "passwordReset",
            Kind::Verification => "verification",
        }
    }

    const fn minutes(self) -> i64 {
        match self {
            Kind::Invitation => 14 * 24 * 60,
            Kind::PasswordReset => 60,
            Kind::Verification => 7 * 24 * 60,
        }
    }

    /// When a link that is made now ends.
    pub fn ends(self, now: Instant) -> Instant {
        now.plus_minutes(self.minutes())
    }
}

/// A stored link.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = links)]
pub struct LinkRow {
    /// Its identity, in paths.
    pub id: Id,
    kind: String,
    secret_hash: String,
    /// The address that it went to.
    pub email: String,
    /// The person it is for, if there is one yet.
    pub person_id: Option<Id>,
    /// The application that it verifies.
    pub subject_id: Option<Id>,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
    /// When it was used.
    pub used_at: Option<Instant>,
}

/// Whom or what a link is for.
#[derive(Clone, Copy, Debug, Default)]
pub struct For {
    /// The person.
    pub person_id: Option<Id>,
    /// The application.
    pub subject_id: Option<Id>,
}

/// When links were made, the newest first, of one kind and for one address within an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lately(Vec<Instant>);

/// Whoever asks for another link waits so many minutes.
const MINUTES_BETWEEN: i64 = 5;

/// So many links in an hour can be asked for.
const ASKED_PER_HOUR: usize = 5;

/// So many mails in an hour go to an address, whatever leads to them.
const PER_HOUR: usize = 20;

impl Lately {
    /// Whether another link may be asked for: anyone can, for anybody's address.
    pub fn may_ask(&self, now: Instant) -> bool {
        let is_early = self.0.first().is_some_and(|newest| now < newest.plus_minutes(MINUTES_BETWEEN));
        !is_early && self.0.len() < ASKED_PER_HOUR
    }

    /// Whether the address has had more mail than anybody needs.
    pub fn is_flooded(&self) -> bool {
        self.0.len() >= PER_HOUR
    }
}

/// The links of a kind that were made for an address within the last hour.
pub fn lately(tx: &mut Tx<'_>, kind: Kind, email: &str) -> Result<Lately, Problem> {
    let made = links::table
        .filter(links::kind.eq(kind.as_str()))
        .filter(links::email.eq(email))
        .filter(links::created_at.gt(tx.ctx.now.plus_minutes(-60)))
        .order(links::created_at.desc())
        .limit(i64::try_from(PER_HOUR).unwrap_or(i64::MAX))
        .select(links::created_at);
    Ok(Lately(made.load(tx.db)?))
}

/// Makes a link for an address and ends the ones of its kind before it. The secret leaves only in the mail. Who has not
/// logged in ends none: otherwise anyone could keep anybody from ever using theirs.
pub fn issue(tx: &mut Tx<'_>, kind: Kind, email: &str, target: For) -> Result<(LinkRow, Secret), Problem> {
    if tx.ctx.caller.subject != Subject::Anonymous {
        end_older(tx, kind, email, target)?;
    }
    let secret = tx.ctx.ids.secret();
    let row = LinkRow {
        id: tx.ctx.new_id(),
        kind: kind.as_str().to_owned(),
        secret_hash: secret.hash(),
        email: email.to_owned(),
        person_id: target.person_id,
        subject_id: target.subject_id,
        created_at: tx.ctx.now,
        expires_at: kind.ends(tx.ctx.now),
        used_at: None,
    };
    diesel::insert_into(links::table).values(&row).execute(tx.db)?;
    Ok((row, secret))
}

fn end_older(tx: &mut Tx<'_>, kind: Kind, email: &str, target: For) -> Result<(), Problem> {
    let older = links::table
        .filter(links::kind.eq(kind.as_str()))
        .filter(links::email.eq(email))
        .filter(links::used_at.is_null())
        .filter(links::expires_at.gt(tx.ctx.now));
    match target.subject_id {
        Some(id) => diesel::update(older.filter(links::subject_id.assume_not_null().eq(id)))
            .set(links::expires_at.eq(tx.ctx.now))
            .execute(tx.db)?,
        None => diesel::update(older.filter(links::subject_id.is_null()))
            .set(links::expires_at.eq(tx.ctx.now))
            .execute(tx.db)?,
    };
    Ok(())
}

/// Uses a link up. Used, expired, unknown and another one's answer alike: 410.
pub fn consume(tx: &mut Tx<'_>, kind: Kind, presented: &str) -> Result<LinkRow, Problem> {
    let invalid = || Problem::new(Code::LinkInvalid);
    let usable = links::table
        .filter(links::secret_hash.eq(secret_hash(presented)))
        .filter(links::kind.eq(kind.as_str()))
        .filter(links::used_at.is_null())
        .filter(links::expires_at.gt(tx.ctx.now));
    let row: LinkRow = usable.select(LinkRow::as_select()).first(tx.db).optional()?.ok_or_else(invalid)?;
    let used = diesel::update(links::table.find(row.id).filter(links::used_at.is_null()))
        .set(links::used_at.eq(Some(tx.ctx.now)))
        .execute(tx.db)?;
    if used == 1 { Ok(row) } else { Err(invalid()) }
}

/// A link that may be used now, told by its id and secret; nothing is used up.
pub fn open(rx: &mut Rx<'_>, kind: Kind, id: Id, presented: &str) -> Result<Option<LinkRow>, Problem> {
    let usable = links::table
        .filter(links::id.eq(id))
        .filter(links::secret_hash.eq(secret_hash(presented)))
        .filter(links::kind.eq(kind.as_str()))
        .filter(links::used_at.is_null())
        .filter(links::expires_at.gt(rx.ctx.now));
    Ok(usable.select(LinkRow::as_select()).first(rx.db).optional()?)
}

/// Ends a person's open links: the address has changed, or the person may no longer log in.
pub fn end_all(tx: &mut Tx<'_>, person_id: Id) -> Result<(), Problem> {
    let open = links::table
        .filter(links::person_id.assume_not_null().eq(person_id))
        .filter(links::used_at.is_null())
        .filter(links::expires_at.gt(tx.ctx.now));
    diesel::update(open).set(links::expires_at.eq(tx.ctx.now)).execute(tx.db)?;
    Ok(())
}

/// The open links that wait for a thing to be verified.
pub fn has_open(tx: &mut Tx<'_>, subject_id: Id) -> Result<bool, Problem> {
    let open = links::table
        .filter(links::subject_id.assume_not_null().eq(subject_id))
        .filter(links::used_at.is_null())
        .filter(links::expires_at.gt(tx.ctx.now));
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(tx.db)?)
}

/// A link that may be used now, told by what it is for and its secret; nothing is used up.
pub fn open_for(
    rx: &mut Rx<'_>,
    kind: Kind,
    subject_id: Id,
    presented: &str,
) -> Result<Option<LinkRow>, Problem> {
    let usable = links::table
        .filter(links::secret_hash.eq(secret_hash(presented)))
        .filter(links::subject_id.assume_not_null().eq(subject_id))
        .filter(links::kind.eq(kind.as_str()))
        .filter(links::used_at.is_null())
        .filter(links::expires_at.gt(rx.ctx.now));
    Ok(usable.select(LinkRow::as_select()).first(rx.db).optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_millis(1_604_000_000_000);

    fn made(minutes_ago: &[i64]) -> Lately {
        Lately(minutes_ago.iter().map(|minutes| NOW.plus_minutes(-minutes)).collect())
    }

    #[test]
    fn another_link_is_asked_for_after_five_minutes_and_five_times_an_hour() {
        assert!(made(&[]).may_ask(NOW));
        assert!(!made(&[0]).may_ask(NOW) && !made(&[4]).may_ask(NOW));
        assert!(made(&[5]).may_ask(NOW) && made(&[5, 10, 15, 20]).may_ask(NOW));
        assert!(!made(&[5, 10, 15, 20, 25]).may_ask(NOW));
    }

    #[test]
    fn an_address_is_flooded_by_twenty() {
        assert!(!made(&[0; 19]).is_flooded());
        assert!(made(&[0; 20]).is_flooded());
    }
}
