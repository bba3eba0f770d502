//! A milestone template as its readers see it.

use serde_json::{Value, json};

use super::store::TemplateRow;
use super::{MilestoneKind, MilestoneTemplate, rules};
use crate::identity::policy::{MilestoneRead, MilestoneTemplateManage};
use crate::platform::context::Context;
use crate::platform::http::answer::Link;

impl MilestoneTemplate {
    /// A template as the caller sees it.
    pub fn new(ctx: &Context, row: TemplateRow) -> Self {
        let links = links(ctx, &row);
        Self {
            id: row.id,
            programme_id: row.programme_id,
            kind: row.kind,
            position: row.position,
            due_on: row.due_on,
            instructions: row.instructions,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links,
        }
    }

    /// An example for OpenAPI.
    pub(super) fn example() -> Value {
        let ctx = Context::example();
        json!(Self::new(&ctx, TemplateRow::example(&ctx)))
    }
}

impl TemplateRow {
    /// An example for OpenAPI and tests.
    pub fn example(ctx: &Context) -> Self {
        Self {
            id: ctx.new_id(),
            programme_id: ctx.new_id(),
            kind: MilestoneKind::PolicyDocument,
            position: 4,
            due_on: ctx.today().plus_months(14),
            instructions: rules::default_instructions(MilestoneKind::PolicyDocument).to_owned(),
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

fn links(ctx: &Context, row: &TemplateRow) -> Vec<Link> {
    let path = format!("/milestone-templates/{}", row.id);
    let milestones = format!("/milestones?programmeId={}&kind={}", row.programme_id, row.kind);
    let mut links = vec![
        Link::to_self(ctx, &path),
        Link::new(ctx, "GET", "programme", format_args!("/programmes/{}", row.programme_id)),
    ];
    if ctx.may_in::<MilestoneRead>(row.programme_id) {
        links.push(Link::new(ctx, "GET", "milestones", &milestones));
    }
    if ctx.may::<MilestoneTemplateManage>(row) {
        links.push(Link::new(ctx, "PATCH", "update", &path));
    }
    links
}
