//! A month as its readers see it.

use serde_json::{Value, json};

use super::store::MonthRow;
use super::{MonthState, ProgrammeMonth, WORKFLOW, rules};
use crate::identity::policy::{MonthLock, MonthOverviewRead};
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::answer::Link;

impl ProgrammeMonth {
    /// As the caller sees it.
    pub fn new(ctx: &Context, row: MonthRow) -> Self {
        let path = format!("/programmes/{}/months/{}", row.programme_id, row.month);
        let mut links = vec![
            Link::to_self(ctx, &path),
            Link::new(ctx, "GET", "statusChanges", format_args!("{path}/status-changes")),
        ];
        if ctx.may_in::<MonthOverviewRead>(row.programme_id) {
            links.push(Link::new(ctx, "GET", "overview", format_args!("{path}/overview")));
        }
        Self {
            id: row.id,
            programme_id: row.programme_id,
            month: row.month,
            status: row.status,
            allowed_transitions: WORKFLOW.allowed(row.status, &ctx.roles_for::<MonthLock>(&row)),
            grace_ends_at: row.grace_ends_at,
            missing: if ctx.may::<MonthOverviewRead>(&row) { row.missing.0 } else { Vec::new() },
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let month = ctx.now.month();
        json!(Self::new(
            &ctx,
            MonthRow {
                id: ctx.new_id(),
                programme_id: ctx.new_id(),
                month,
                status: MonthState::Open,
                grace_ends_at: rules::grace_ends_at(month, 5),
                missing: Json(Vec::new()),
                created_at: ctx.written,
                updated_at: ctx.written,
                version: 1,
            }
        ))
    }
}
