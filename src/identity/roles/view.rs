//! A role assignment as the caller sees it.

use serde_json::{Value, json};

use super::store::AssignmentRow;
use super::{RoleAssignment, Wanted, rules};
use crate::identity::policy::{Role, RoleEnd};
use crate::platform::auth::action::Action as _;
use crate::platform::context::Context;
use crate::platform::http::answer::{Link, Representation as _};
use crate::platform::relations::{Deed, Standing};

impl RoleAssignment {
    pub(super) fn new(ctx: &Context, row: AssignmentRow) -> Self {
        let is_own = Standing::at_sight(ctx, &row).is_barred(row.id, Deed::Decision);
        let may_end = !is_own && rules::may_end(&ctx.scope_of(RoleEnd::ROW), &row).is_ok();
        let mut shown = Self {
            id: row.id,
            person_id: row.person_id,
            role: row.role,
            signer_role: row.signer_role,
            programme_id: row.programme_id,
            kommunkod: row.kommunkod,
            subject_id: row.subject_id,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links: Vec::new(),
        };
        let path = shown.path();
        shown.links.push(Link::to_self(ctx, &path));
        shown.links.push(Link::new(ctx, "GET", "person", format_args!("/people/{}", shown.person_id)));
        if may_end && shown.valid_to.is_none_or(|last| ctx.today() <= last) {
            shown.links.push(Link::new(ctx, "PATCH", "end", &path));
        }
        shown
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        let wanted = Wanted::new(ctx.new_id(), Role::Coordinator, ctx.new_id(), Some("2582"), ctx.today());
        json!(Self::new(&ctx, AssignmentRow::new(&ctx, &wanted)))
    }
}
