//! How links are created, used and ended.

use diesel::prelude::*;

use super::store::{LinkRow, is_open, is_usable};
use super::{For, Kind};
use crate::platform::auth::caller::Subject;
use crate::platform::db::kept::Keep as _;
use crate::platform::ids::{Id, Secret};
use crate::platform::mailbox::folded;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;
use crate::schema::links;

/// Creates a link for an address and ends earlier links of the same kind. Only the mail contains the secret. A caller who
/// is not logged in ends no earlier link: otherwise anyone could prevent other people from using their links.
pub fn issue(tx: &mut Tx<'_>, kind: Kind, email: &str, target: For) -> Result<(LinkRow, Secret), Problem> {
    tx.ctx.refuse_invalid_body()?;
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
        created_at: tx.ctx.written,
        expires_at: kind.ends(tx.ctx.now),
        used_at: None,
        mailbox: folded(email),
        issued_at: tx.ctx.wall,
    };
    diesel::insert_into(links::table).values(&row).kept().execute(tx.db)?;
    Ok((row, secret))
}

fn end_older(tx: &mut Tx<'_>, kind: Kind, email: &str, target: For) -> Result<(), Problem> {
    let older = links::table
        .filter(links::kind.eq(kind.as_str()))
        .filter(links::email.eq(email))
        .filter(is_open(tx.ctx.now));
    let end = links::expires_at.eq(tx.ctx.now);
    match target.subject_id {
        Some(id) => {
            let of_subject = older.filter(links::subject_id.assume_not_null().eq(id));
            diesel::update(of_subject).set(end).kept().execute(tx.db)?
        }
        None => diesel::update(older.filter(links::subject_id.is_null())).set(end).kept().execute(tx.db)?,
    };
    Ok(())
}

/// The address of a usable link and what it is for. It is not used up: what it is for is locked before [`consume`] locks the link.
/// 410 like `consume`.
pub fn usable(tx: &mut Tx<'_>, kind: Kind, secret: &str) -> Result<LinkRow, Problem> {
    let usable = links::table.filter(is_usable(kind, secret, tx.ctx.now));
    let row: Option<LinkRow> = usable.select(LinkRow::as_select()).first(tx.db).optional()?;
    row.ok_or_else(|| Problem::new(Code::LinkInvalid))
}

/// Uses a link up. A used, expired or unknown link, and one of another kind, all get the same answer: 410.
pub fn consume(tx: &mut Tx<'_>, kind: Kind, secret: &str) -> Result<LinkRow, Problem> {
    let row = usable(tx, kind, secret)?;
    let used = diesel::update(links::table.find(row.id).filter(links::used_at.is_null()))
        .set(links::used_at.eq(Some(tx.ctx.now)))
        .kept()
        .execute(tx.db)?;
    if used != 1 {
        return Err(Problem::new(Code::LinkInvalid));
    }
    Ok(row)
}

/// Ends a person's open links, because the address has changed or the person may no longer log in.
pub fn end_all(tx: &mut Tx<'_>, person_id: Id) -> Result<(), Problem> {
    let open =
        links::table.filter(links::person_id.assume_not_null().eq(person_id)).filter(is_open(tx.ctx.now));
    diesel::update(open).set(links::expires_at.eq(tx.ctx.now)).kept().execute(tx.db)?;
    Ok(())
}

/// Ends every open link; returns how many, and how many of them were invitations.
pub fn end_every(tx: &mut Tx<'_>) -> Result<(usize, usize), Problem> {
    let end = links::expires_at.eq(tx.ctx.now);
    let invitations =
        links::table.filter(is_open(tx.ctx.now)).filter(links::kind.eq(Kind::Invitation.as_str()));
    let invitations = diesel::update(invitations).set(end).kept().execute(tx.db)?;
    let others = links::table.filter(is_open(tx.ctx.now));
    let others = diesel::update(others).set(end).kept().execute(tx.db)?;
    Ok((invitations + others, invitations))
}
