//! A POST with an `Idempotency-Key` is carried out once. The transaction's first statement inserts the key's row and
//! its last stores the answer there: a refused request leaves no row, and a concurrent repetition waits for the first
//! request (docs/API-DESIGN.md, POST).

use diesel::prelude::*;

use crate::platform::context::Context;
use crate::platform::db::kept::Keep as _;
use crate::platform::db::schema::idempotency_keys;
use crate::platform::db::{Location, statements};
use crate::platform::http::answer::{Answer, REVALIDATE};
use crate::platform::ids::sha256_hex;
use crate::platform::problem::{Code, Problem};
use crate::platform::tx::Tx;

/// How long an answer is kept, in milliseconds.
pub const KEPT_MILLIS: i64 = 24 * 60 * 60 * 1000;

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct Kept {
    body_hash: String,
    created_millis: i64,
    status: Option<i32>,
    body: Option<String>,
    etag: Option<String>,
    location: Option<String>,
}

/// Runs `change`, or replays the first answer if the request's key has been used.
pub fn once(
    tx: &mut Tx<'_>,
    change: &impl Fn(&mut Tx<'_>) -> Result<Answer, Problem>,
) -> Result<Answer, Problem> {
    let Some(key) = stored_key(tx.ctx) else { return change(tx) };
    if !claim(tx, &key)? {
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
                claim(tx, &key)?;
            }
        }
    }
    let answer = change(tx)?;
    let kept = (
        idempotency_keys::status.eq(Some(i32::from(answer.status))),
        idempotency_keys::body.eq(answer.body.clone()),
        idempotency_keys::etag.eq(answer.etag.clone()),
        idempotency_keys::location.eq(answer.location.clone()),
    );
    tx.last_write = Some(Box::new(diesel::update(idempotency_keys::table.find(key)).set(kept)));
    Ok(answer)
}

/// The key per caller (anonymous: per address), method and path; hashed, so that neither addresses nor keys are stored.
fn stored_key(ctx: &Context) -> Option<String> {
    let request = &ctx.request;
    let key = request.idempotency_key.as_ref().filter(|_| request.method == "POST")?;
    let who =
        ctx.caller.id().map_or_else(|| format!("anonymous {}", request.client_address), |id| id.to_string());
    Some(sha256_hex(&format!("{who}\n{}\n{}\n{key}", request.method, request.path)))
}

fn claim(tx: &mut Tx<'_>, key: &str) -> Result<bool, Problem> {
    let insert = "INSERT INTO idempotency_keys (key, body_hash, created_millis) VALUES (?, ?, ?)";
    let body_hash = &tx.ctx.request.body_hash;
    statements::insert_new(tx.db, insert, &[key, body_hash], tx.ctx.wall.millis()).map_err(|problem| {
        // The lock that timed out is held by the first request with this key.
        if problem.code == Code::Overloaded && !problem.transient { key_in_use() } else { problem }
    })
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
    Ok(Answer {
        status: status.ok_or_else(|| Problem::internal("an idempotency key without an answer"))?,
        body: kept.body,
        etag: kept.etag,
        location: kept.location,
        is_replayed: true,
        cache_control: REVALIDATE,
    })
}
