//! A month exception as its readers see it.

use serde_json::{Value, json};

use super::MonthException;
use super::store::ExceptionRow;
use crate::identity::policy::MonthExceptionManage;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;

impl MonthException {
    /// As the caller sees it.
    pub fn new(ctx: &Context, row: ExceptionRow) -> Self {
        let path = format!("/month-exceptions/{}", row.id);
        let mut links = vec![Link::to_self(ctx, &path)];
        if ctx.may::<MonthExceptionManage>(&row) {
            links.push(Link::new(ctx, "PATCH", "update", &path));
        }
        Self {
            id: row.id,
            programme_id: row.programme_id,
            month: row.month,
            kommunkod: row.kommunkod,
            participant_id: row.participant_id,
            expires_at: row.expires_at,
            is_valid: ctx.now < row.expires_at,
            reason: row.reason,
            granted_by: row.granted_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        json!(Self::new(
            &ctx,
            ExceptionRow {
                id: ctx.new_id(),
                programme_id: ctx.new_id(),
                month: ctx.now.month().plus_months(-1),
                kommunkod: Some("0114".to_owned()),
                participant_id: None,
                expires_at: ctx.now.plus_days(14),
                reason: "Kommunens tidsystem låg nere hela första veckan.".to_owned(),
                granted_by: Some(ctx.new_id()),
                created_at: ctx.written,
                updated_at: ctx.written,
                version: 1,
            }
        ))
    }
}
