//! A POST with an `Idempotency-Key` is carried out once. The transaction's first statement inserts the key's row and
//! its last stores the answer there: a refused request leaves no row, and a concurrent repetition waits for the first
//! request (docs/API-DESIGN.md, POST).

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::kept_answers::{KEPT_MILLIS, KeptAnswers, size_of, unpacked};
use crate::platform::context::Context;
use crate::platform::db::Location;
use crate::platform::db::kept::{Keep as _, Sql};
use crate::platform::db::schema::idempotency_keys;
use crate::platform::http::answer::{Answer, JSON, REVALIDATE};
use crate::platform::ids::{sha256_hex, sha256_number};
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct Kept {
    body_hash: String,
    created_millis: i64,
    status: Option<i32>,
    answer: Option<Vec<u8>>,
    etag: Option<String>,
    location: Option<String>,
}

/// A key as it is stored: hashes, so that neither keys nor addresses are.
struct StoredKey {
    /// Of caller (anonymous: address), method, path and key.
    key: String,
    /// Of the caller.
    caller: i64,
}

/// Runs `change`, or replays the first answer if the request's key has been used.
pub fn once(
    tx: &mut Tx<'_>,
    kept_answers: &KeptAnswers,
    change: &impl Fn(&mut Tx<'_>) -> Result<Answer, Problem>,
) -> Result<Answer, Problem> {
    let Some(StoredKey { key, caller }) = stored_key(tx.ctx) else { return change(tx) };
    if !claim(tx, &key, caller)? {
        let kept = idempotency_keys::table.find(&key).select(Kept::as_select()).first(tx.db).optional()?;
        match kept {
            Some(kept) if tx.ctx.wall.millis() - kept.created_millis < KEPT_MILLIS => {
                // The first answer's write may not be on disk yet, and a transaction that writes nothing waits for no disk.
                diesel::update(idempotency_keys::table.find(&key))
                    .set(idempotency_keys::created_millis.eq(kept.created_millis))
                    .kept()
                    .execute(tx.db)?;
                return replay(tx.ctx, kept);
            }
            _ => {
                diesel::delete(idempotency_keys::table.find(&key)).kept().execute(tx.db)?;
                claim(tx, &key, caller)?;
            }
        }
    }
    kept_answers.permit(tx, caller)?;
    let answer = change(tx)?;
    if tx.is_trial {
        tx.last_write = Some(Box::new(diesel::delete(idempotency_keys::table.find(key))));
        return Ok(answer);
    }
    let stored = answer.body.as_deref().map(|body| kept_answers.packed(body));
    let size = size_of(stored.as_deref());
    let kept = (
        idempotency_keys::status.eq(Some(i32::from(answer.status))),
        idempotency_keys::answer.eq(stored),
        idempotency_keys::etag.eq(answer.etag.clone()),
        idempotency_keys::location.eq(answer.location.clone()),
        idempotency_keys::kept_bytes.eq(size),
    );
    tx.last_write = Some(Box::new(diesel::update(idempotency_keys::table.find(key)).set(kept)));
    kept_answers.count(caller, size);
    Ok(answer)
}

/// The key per caller (anonymous: per address), method and path.
fn stored_key(ctx: &Context) -> Option<StoredKey> {
    let request = &ctx.request;
    let key = request.idempotency_key.as_ref().filter(|_| request.method == "POST")?;
    let who =
        ctx.caller.id().map_or_else(|| format!("anonymous {}", request.client_address), |id| id.to_string());
    let key = sha256_hex(&format!("{who}\n{}\n{}\n{key}", request.method, request.path));
    Some(StoredKey { key, caller: sha256_number(&who) })
}

fn claim(tx: &mut Tx<'_>, key: &str, caller: i64) -> Result<bool, Problem> {
    let insert = "INSERT INTO idempotency_keys (key, body_hash, created_millis, caller, kept_bytes) VALUES (?, ?, ?, ?, 0) \
                  ON CONFLICT DO NOTHING";
    let insert = Sql::<()>::new(insert)
        .bind::<Text, _>(key)
        .bind::<Text, _>(tx.ctx.request.body_hash.as_str())
        .bind::<BigInt, _>(tx.ctx.wall.millis())
        .bind::<BigInt, _>(caller);
    let claimed = insert.execute(tx.db).map_err(Problem::from).map_err(|problem| {
        // The lock that timed out is held by the first request with this key.
        if problem.code == Code::Overloaded && !problem.transient { key_in_use() } else { problem }
    })?;
    Ok(claimed == 1)
}

/// SQLite has one writer: a request whose key is in use waits in the writer's queue, not for the key's row. A timeout
/// there is reported in the same way.
pub fn in_queue(ctx: &Context, location: &Location) -> impl FnOnce(Problem) -> Problem + use<> {
    let waits = matches!(location, Location::Sqlite(_)) && stored_key(ctx).is_some();
    move |problem| if waits && problem.code == Code::Overloaded { key_in_use() } else { problem }
}

fn key_in_use() -> Problem {
    Problem::new(Code::IdempotencyKeyInUse).retry_after(1)
}

fn replay(ctx: &Context, kept: Kept) -> Result<Answer, Problem> {
    if kept.body_hash != ctx.request.body_hash {
        return Err(Problem::new(Code::IdempotencyKeyReused));
    }
    let status = kept.status.and_then(|status| u16::try_from(status).ok());
    let body = kept.answer.map(unpacked).transpose().map_err(Problem::internal)?;
    Ok(Answer {
        media: JSON,
        status: status.ok_or_else(|| Problem::internal("an idempotency key without an answer"))?,
        body,
        etag: kept.etag,
        location: kept.location,
        is_replayed: true,
        cache_control: REVALIDATE,
        // Secrets are added after the transaction, and are not kept.
        is_secret: false,
    })
}
