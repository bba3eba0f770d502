//! The queries of refresh tokens, which are stored as hashes.

use diesel::prelude::*;

use crate::platform::db::Db;
use crate::platform::db::kept::Keep as _;
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::platform::tx::Tx;
use crate::schema::refresh_tokens;

/// The columns that decide whether a refresh token can be used.
#[derive(Clone, Copy, Debug, Queryable)]
pub struct RefreshToken {
    /// When it was used.
    pub used_at: Option<Instant>,
    /// When it expires.
    pub expires_at: Instant,
}

/// The session of a refresh token, used or not.
pub fn unscoped_session_of(db: &mut Db, hash: &str) -> Result<Option<Id>, Problem> {
    let found = refresh_tokens::table.find(hash).select(refresh_tokens::session_id).first(db).optional()?;
    Ok(found)
}

/// A refresh token that is known to exist.
pub fn unscoped_refresh_token(db: &mut Db, hash: &str) -> Result<RefreshToken, Problem> {
    let token = refresh_tokens::table.find(hash);
    Ok(token.select((refresh_tokens::used_at, refresh_tokens::expires_at)).first(db)?)
}

/// Adds a refresh token for a session, and returns its text, which is not stored.
pub fn add_refresh_token(tx: &mut Tx<'_>, session_id: Id, expires_at: Instant) -> Result<String, Problem> {
    let secret = tx.ctx.ids.secret();
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::hash.eq(secret.hash()),
            refresh_tokens::session_id.eq(session_id),
            refresh_tokens::created_at.eq(tx.ctx.wall),
            refresh_tokens::expires_at.eq(expires_at),
            refresh_tokens::used_at.eq(None::<Instant>),
        ))
        .kept()
        .execute(tx.db)?;
    Ok(secret.reveal().to_owned())
}

/// Marks a refresh token as used.
pub fn set_used(tx: &mut Tx<'_>, hash: &str) -> Result<(), Problem> {
    let token = refresh_tokens::table.find(hash);
    diesel::update(token).set(refresh_tokens::used_at.eq(Some(tx.ctx.wall))).kept().execute(tx.db)?;
    Ok(())
}
