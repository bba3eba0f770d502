//! Settings as their readers see them.

use serde_json::{Value, json};

use super::store::SettingsRow;
use super::{ProgrammeSettings, SettingsContent};
use crate::platform::context::Context;
use crate::platform::db::sql::Json;
use crate::platform::http::answer::Link;
use crate::programmes::programme::Profile;

impl ProgrammeSettings {
    /// As the caller sees it.
    pub fn new(ctx: &Context, row: SettingsRow) -> Self {
        let path = format!("/programmes/{}/settings/{}", row.programme_id, row.id);
        Self {
            id: row.id,
            programme_id: row.programme_id,
            valid_from: row.valid_from,
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
            SettingsRow {
                id: ctx.new_id(),
                programme_id: ctx.new_id(),
                valid_from: ctx.today(),
                content: Json(SettingsContent::of(Profile::Esf20142020)),
                created_at: ctx.now,
                updated_at: ctx.now,
                version: 1,
            }
        ))
    }
}
