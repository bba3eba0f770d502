//! Settings as their readers see them.

use serde_json::{Value, json};

use super::rules;
use super::store::SettingsRow;
use super::{ProgrammeSettings, SettingsContent, SettingsState};
use crate::identity::policy::SettingsManage;
use crate::platform::context::Context;
use crate::platform::http::answer::Link;
use crate::platform::relations::Standing;
use crate::platform::workflow::AllowedTransition;
use crate::programmes::programme::Profile;

impl ProgrammeSettings {
    /// As the caller sees it.
    pub fn new(ctx: &Context, row: SettingsRow) -> Self {
        let path = format!("/programmes/{}/settings/{}", row.programme_id, row.id);
        Self {
            id: row.id,
            programme_id: row.programme_id,
            valid_from: row.valid_from,
            status: row.status,
            adopted_at: row.adopted_at,
            allowed_transitions: allowed(ctx, &row),
            proposed_by: row.proposed_by,
            proposed_role: row.proposed_role,
            content: row.content.0,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
            links: vec![Link::to_self(ctx, &path)],
        }
    }

    pub(super) fn example() -> Value {
        let ctx = Context::example();
        json!(Self::new(
            &ctx,
            SettingsRow::new(&ctx, ctx.new_id(), ctx.today(), SettingsContent::of(Profile::Esf20142020))
        ))
    }
}

/// The steps that the caller may take.
fn allowed(ctx: &Context, row: &SettingsRow) -> Vec<AllowedTransition> {
    let held = ctx.roles_for::<SettingsManage>(row);
    let adopts = rules::may_adopt(&held, row.proposed_role.as_deref());
    let mut allowed = Standing::at_sight(ctx, row).allowed(row, &held);
    allowed.retain(|step| adopts || step.to != SettingsState::Adopted.as_str());
    allowed
}
