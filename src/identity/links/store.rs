//! The queries of links. No scope applies: a link is found by its secret, or by the resource that it belongs to.

use std::collections::HashSet;

use diesel::prelude::*;

use super::{Kind, Lately, REQUESTS_PER_HOUR};
use crate::platform::db::Condition;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::ids::{Id, secret_hash};
use crate::platform::mailbox::folded;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::{Rx, Tx};
use crate::schema::links;

/// A link as stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = links, treat_none_as_default_value = false)]
pub struct LinkRow {
    /// Identity, used in paths.
    pub id: Id,
    pub(super) kind: String,
    pub(super) secret_hash: String,
    /// The address that the link was sent to.
    pub email: String,
    /// The person that the link is for, if there is one yet.
    pub person_id: Option<Id>,
    /// The application that the link verifies.
    pub subject_id: Option<Id>,
    /// When it was created.
    pub created_at: Instant,
    /// When it expires.
    pub expires_at: Instant,
    /// When it was used.
    pub used_at: Option<Instant>,
    /// The mailbox of the address, and the time by the wall clock: requests for links are limited by them.
    pub(super) mailbox: String,
    pub(super) issued_at: Instant,
}

/// The condition that a link is neither used nor expired.
pub(super) fn is_open(now: Instant) -> Condition<links::table> {
    Box::new(links::used_at.is_null().and(links::expires_at.gt(now)))
}

/// The condition that a link is open and has this kind and secret.
pub(super) fn is_usable(kind: Kind, secret: &str, now: Instant) -> Condition<links::table> {
    let presented = links::secret_hash.eq(secret_hash(secret)).and(links::kind.eq(kind.as_str()));
    Box::new(presented.and(is_open(now)))
}

/// The links of a kind that were created for a mailbox within the last hour, as many as matter.
pub fn lately(tx: &mut Tx<'_>, kind: Kind, email: &str) -> Result<Lately, Problem> {
    let made = links::table
        .filter(links::kind.eq(kind.as_str()))
        .filter(links::mailbox.eq(folded(email)))
        .filter(links::issued_at.gt(tx.ctx.wall.plus_minutes(-60)))
        .order(links::issued_at.desc())
        .limit(i64::try_from(REQUESTS_PER_HOUR).unwrap_or(i64::MAX))
        .select(links::issued_at);
    Ok(Lately(made.load(tx.db)?))
}

/// The usable link with this id and secret. It is not used up.
pub fn open(rx: &mut Rx<'_>, kind: Kind, id: Id, secret: &str) -> Result<Option<LinkRow>, Problem> {
    let usable = links::table.filter(links::id.eq(id)).filter(is_usable(kind, secret, rx.ctx.now));
    Ok(usable.select(LinkRow::as_select()).first(rx.db).optional()?)
}

/// The usable link for this application with this secret. It is not used up.
pub fn open_for(
    rx: &mut Rx<'_>,
    kind: Kind,
    subject_id: Id,
    secret: &str,
) -> Result<Option<LinkRow>, Problem> {
    let of_subject = links::table.filter(links::subject_id.assume_not_null().eq(subject_id));
    let usable = of_subject.filter(is_usable(kind, secret, rx.ctx.now));
    Ok(usable.select(LinkRow::as_select()).first(rx.db).optional()?)
}

/// Those of these applications that have an open link which would verify them.
pub fn open_among(rx: &mut Rx<'_>, subjects: Vec<Id>) -> Result<HashSet<Id>, Problem> {
    if subjects.is_empty() {
        return Ok(HashSet::new());
    }
    let of_these = links::table.filter(links::subject_id.assume_not_null().one_of(subjects));
    let open = of_these.filter(is_open(rx.ctx.now)).select(links::subject_id.assume_not_null());
    Ok(open.load::<Id>(rx.db)?.into_iter().collect())
}
