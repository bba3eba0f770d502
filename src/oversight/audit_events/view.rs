//! An audit event as its readers see it.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{ActorKind, AuditEvent};
use crate::platform::audit::verification::{NEWEST_FORMULA, StoredEvent};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::ids::sha256_hex;
use crate::platform::names::Names;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

impl AuditEvent {
    /// One event.
    pub(super) fn show(rx: &mut Rx<'_>, row: StoredEvent) -> Result<Self, Problem> {
        let names = Names::of(rx, row.actor_id)?;
        Self::new(rx.ctx, row, &names)
    }

    /// An event with the names that were loaded for it. Its readers see names.
    pub(super) fn new(ctx: &Context, row: StoredEvent, names: &Names) -> Result<Self, Problem> {
        let links = vec![
            Link::to_self(ctx, format_args!("/audit-events/{}", row.id)),
            Link::new(
                ctx,
                "GET",
                "sameResource",
                format_args!("/audit-events?resourceId={}", row.resource_id),
            ),
            Link::new(
                ctx,
                "GET",
                "verification",
                format_args!("/audit-events/verification?chain={}", row.chain),
            ),
        ];
        Ok(Self {
            id: row.id,
            chain: row.chain,
            programme_id: row.programme_id,
            kommunkod: row.kommunkod,
            sequence: row.sequence,
            at: row.at,
            actor_id: row.actor_id,
            actor_name: row.actor_id.and_then(|id| names.get(id, true)),
            actor_kind: row.actor_kind.parse::<ActorKind>().map_err(Problem::internal)?,
            actor_role: row.actor_role,
            action: row.action,
            resource_type: row.resource_type,
            resource_id: row.resource_id,
            before: values(row.before_values)?,
            after: values(row.after_values)?,
            salt: row.salt,
            values_hash: row.values_hash,
            request_id: row.request_id,
            previous_hash: row.previous_hash,
            hash: row.hash,
            formula: row.formula,
            reserved_for: row.reserved_for,
            created_at: row.at,
            updated_at: row.at,
            version: 1,
            links,
        })
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let programme_id = ctx.new_id();
        let row = StoredEvent {
            id: ctx.new_id(),
            chain: format!("programme:{programme_id}:kommun:2582"),
            programme_id: Some(programme_id),
            kommunkod: Some("2582".to_owned()),
            sequence: 17,
            at: ctx.now,
            actor_id: Some(ctx.new_id()),
            actor_kind: ActorKind::Person.as_str().to_owned(),
            actor_role: Some("processSupporter".to_owned()),
            action: "milestone.approved".to_owned(),
            resource_type: "milestone".to_owned(),
            resource_id: ctx.new_id().to_string(),
            before_values: Some(json!({"status": "submitted", "version": 3}).to_string()),
            after_values: Some(json!({"status": "approved", "version": 4}).to_string()),
            salt: Some("9f86d081884c7d659a2feaa0c55ad015".to_owned()),
            values_hash: sha256_hex("values"),
            request_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            previous_hash: sha256_hex("previous"),
            hash: sha256_hex("event"),
            formula: NEWEST_FORMULA,
            reserved_for: None,
        };
        Self::new(&ctx, row, &Names::default()).map_or(Value::Null, |event| json!(event))
    }
}

/// The text as it is stored, because it was hashed so.
fn values(stored: Option<String>) -> Result<Option<Box<RawValue>>, Problem> {
    stored.map(|text| RawValue::from_string(text).map_err(Problem::internal)).transpose()
}
