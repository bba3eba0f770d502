//! A session as the caller sees it.

use serde_json::{Value, json};

use super::Session;
use super::store::SessionRow;
use crate::identity::policy::SessionEnd;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;

impl Session {
    pub(super) fn new(ctx: &Context, row: SessionRow) -> Self {
        let path = format!("/sessions/{}", row.id);
        let mut links = vec![Link::to_self(ctx, &path)];
        if row.ended_at.is_none() && ctx.may::<SessionEnd>(&row) {
            links.push(Link::new(ctx, "DELETE", "end", &path));
        }
        Self {
            is_current: ctx.caller.session_id == Some(row.id),
            id: row.id,
            person_id: row.person_id,
            client_id: row.client_id,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            ended_at: row.ended_at,
            ended_reason: row.ended_reason,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let row = SessionRow {
            id: ctx.new_id(),
            person_id: Some(ctx.new_id()),
            client_id: None,
            created_at: ctx.wall,
            last_used_at: ctx.wall,
            expires_at: ctx.wall.plus_days(30),
            ended_at: None,
            ended_reason: None,
            updated_at: ctx.written,
            version: 1,
        };
        json!(Self::new(&ctx, row))
    }
}
