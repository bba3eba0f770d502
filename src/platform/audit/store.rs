//! Stores the events of one transaction in their chains.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use sha2::{Digest, Sha256};

use super::{Event, role_in};
use crate::platform::auth::caller::Subject;
use crate::platform::context::Context;
use crate::platform::db::Db;
use crate::platform::db::kept::{Keep as _, Locking, Sql};
use crate::platform::db::schema::{audit_chains, audit_events};
use crate::platform::db::sets::{InsertRows, Write, parts, write_all};
use crate::platform::ids::{Id, hex};
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;

/// An event as it is stored. The values before and after are JSON text, and null after they are erased.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub struct AuditRow {
    /// Its id.
    pub id: Id,
    /// The name of its chain.
    pub chain: String,
    /// The programme of its chain.
    pub programme_id: Option<Id>,
    /// The kommun of its chain.
    pub kommunkod: Option<String>,
    /// Its position in the chain, from 1 without gaps.
    pub sequence: i64,
    /// When it happened, by the clock of the domain.
    pub at: Instant,
    /// The person or client; none for the program itself and for anonymous callers.
    pub actor_id: Option<Id>,
    /// `person`, `client`, `system` or `anonymous`.
    pub actor_kind: String,
    /// The role that allowed it.
    pub actor_role: Option<String>,
    /// The action: `timeReport.signed`.
    pub action: String,
    /// The type of the changed resource: `timeReport`.
    pub resource_type: String,
    /// The id of the changed resource.
    pub resource_id: String,
    /// Values before, JSON text; none when the resource was created, and after erasure.
    pub before_values: Option<String>,
    /// Values after, JSON text; none when the resource was deleted, and after erasure.
    pub after_values: Option<String>,
    /// The salt of `values_hash`. It is erased together with the values.
    pub salt: Option<String>,
    /// sha256(salt ‖ before ‖ after).
    pub values_hash: String,
    /// Trace id of the request.
    pub request_id: String,
    /// Hash of the previous event.
    pub previous_hash: String,
    /// Hash of this event.
    pub hash: String,
    /// The version of the formula of `hash`: see [`event_hash`].
    pub formula: i32,
    /// The only role, among those that read the trail, that may read the event; none for all of them.
    pub reserved_for: Option<String>,
}

/// The `previous_hash` of the first event of a chain.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Appends the events, sorted by chain, and runs the last write of the transaction. The heads of chains are the last rows
/// that a transaction locks, and all transactions lock them in the same order, so that they cannot deadlock. Everything
/// that does not depend on the head is computed before it is locked: every other write to the chain waits for it.
pub(crate) fn append(
    db: &mut Db,
    ctx: &Context,
    actor: Subject,
    mut events: Vec<Event>,
    last_write: Option<Write<'static>>,
) -> Result<(), Problem> {
    events.sort_by(|a, b| a.chain.cmp(&b.chain));
    let mut rows: Vec<AuditRow> = events.into_iter().map(|event| build_row(ctx, actor, event)).collect();
    let mut writes: Vec<Write<'_>> = Vec::new();
    for chain in rows.chunk_by_mut(|a, b| a.chain == b.chain) {
        write_all(db, &writes)?;
        writes = append_to_chain(db, chain)?;
    }
    writes.extend(last_write.map(|write| -> Write<'_> { write }));
    Ok(write_all(db, &writes)?)
}

/// Locks the head and completes the rows. Returns the writes that remain to be done.
fn append_to_chain<'a>(db: &mut Db, rows: &'a mut [AuditRow]) -> Result<Vec<Write<'a>>, Problem> {
    let Some(chain) = rows.first().map(|row| row.chain.clone()) else { return Ok(Vec::new()) };
    let (mut sequence, mut hash) = lock_head(db, &chain)?;
    for row in &mut *rows {
        sequence += 1;
        row.sequence = sequence;
        row.previous_hash = hash;
        row.hash = event_hash(row).ok_or_else(|| Problem::internal("a formula that is not known"))?;
        hash = row.hash.clone();
    }
    let head = (audit_chains::head_sequence.eq(sequence), audit_chains::head_hash.eq(hash));
    let mut last: Vec<Write<'a>> = vec![Box::new(diesel::update(audit_chains::table.find(chain)).set(head))];
    let mut parts = parts(rows).peekable();
    while let Some(part) = parts.next() {
        let insert = InsertRows::new(part, |row| diesel::insert_into(audit_events::table).values(row));
        if parts.peek().is_some() {
            insert.kept().execute(db)?;
        } else {
            last.insert(0, Box::new(insert));
        }
    }
    Ok(last)
}

/// Locks and returns the head of a chain; creates it for a new chain. The lock is as short as it can be: every other write
/// to the chain waits for it.
fn lock_head(db: &mut Db, chain: &str) -> Result<(i64, String), Problem> {
    let head = audit_chains::table.find(chain).select((audit_chains::head_sequence, audit_chains::head_hash));
    if let Some(head) = Locking::of(head, db).get_result(db).optional()? {
        return Ok(head);
    }
    // The update changes nothing, but locks the row that another transaction has just created.
    let begin_or_lock = "INSERT INTO audit_chains (name, head_hash, head_sequence) VALUES (?, ?, 0) \
                         ON CONFLICT (name) DO UPDATE SET head_sequence = audit_chains.head_sequence \
                         RETURNING head_sequence, head_hash";
    let lock = Sql::<(BigInt, Text)>::new(begin_or_lock).bind::<Text, _>(chain).bind::<Text, _>(GENESIS);
    Ok(lock.get_result(db)?)
}

/// The row of an event, still without its place in the chain.
fn build_row(ctx: &Context, actor: Subject, event: Event) -> AuditRow {
    let (actor_kind, actor_id) = match actor {
        Subject::Anonymous => ("anonymous", None),
        Subject::Person(id) => ("person", Some(id)),
        Subject::Client(id) => ("client", Some(id)),
        Subject::System => ("system", None),
    };
    let role = event.role.or_else(|| role_in(ctx, actor, &event.chain).map(str::to_owned));
    let salt = hex(&ctx.ids.bytes::<16>());
    let (before_values, after_values) = (event.before, event.after);
    AuditRow {
        id: ctx.new_id(),
        chain: event.chain.name(),
        programme_id: event.chain.programme_id(),
        kommunkod: event.chain.keys().kommunkod.map(str::to_owned),
        sequence: 0,
        at: ctx.written,
        actor_id,
        actor_kind: actor_kind.to_owned(),
        actor_role: role,
        action: event.action,
        resource_type: event.resource_type.to_owned(),
        resource_id: event.resource_id,
        values_hash: values_hash(&salt, before_values.as_deref(), after_values.as_deref()),
        before_values,
        after_values,
        salt: Some(salt),
        request_id: ctx.request.trace_id.clone(),
        previous_hash: String::new(),
        hash: String::new(),
        formula: NEWEST_FORMULA,
        reserved_for: event.reserved_for.map(str::to_owned),
    }
}

/// sha256(salt ‖ before ‖ after). Each part is preceded by its length, so that different values never give the same
/// bytes.
pub fn values_hash(salt: &str, before: Option<&str>, after: Option<&str>) -> String {
    let mut hash = Sha256::new();
    for part in [Some(salt), before, after] {
        feed(&mut hash, part);
    }
    hex(&hash.finalize())
}

/// The formula of new events.
pub const NEWEST_FORMULA: i32 = 3;

/// The hash of an event: every column, with `values_hash` instead of the values, so that they can be erased. The first
/// formula left out programme and kommun, and the first two `reserved_for`, which was not there. None when the formula is
/// not known.
pub fn event_hash(row: &AuditRow) -> Option<String> {
    let mut hash = Sha256::new();
    let id = row.id.to_string();
    let at = row.at.to_string();
    let sequence = row.sequence.to_string();
    let actor = row.actor_id.map(|id| id.to_string());
    for part in [
        Some(row.previous_hash.as_str()),
        Some(row.chain.as_str()),
        Some(sequence.as_str()),
        Some(id.as_str()),
        Some(at.as_str()),
        actor.as_deref(),
        Some(row.actor_kind.as_str()),
        row.actor_role.as_deref(),
        Some(row.action.as_str()),
        Some(row.resource_type.as_str()),
        Some(row.resource_id.as_str()),
        Some(row.values_hash.as_str()),
        Some(row.request_id.as_str()),
    ] {
        feed(&mut hash, part);
    }
    if !(1..=NEWEST_FORMULA).contains(&row.formula) {
        return None;
    }
    if 2 <= row.formula {
        let programme = row.programme_id.map(|id| id.to_string());
        let formula = row.formula.to_string();
        for part in [programme.as_deref(), row.kommunkod.as_deref(), Some(formula.as_str())] {
            feed(&mut hash, part);
        }
    }
    if 3 <= row.formula {
        feed(&mut hash, row.reserved_for.as_deref());
    }
    Some(hex(&hash.finalize()))
}

fn feed(hash: &mut Sha256, part: Option<&str>) {
    match part {
        Some(text) => {
            hash.update([1]);
            hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(text.as_bytes());
        }
        None => hash.update([0]),
    }
}
