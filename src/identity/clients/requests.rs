//! The bodies that add and change an API client, and how they become rows.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{ClientRow, ClientState};
use crate::identity::policy::Role;
use crate::platform::context::Context;
use crate::platform::http::body::Change;
use crate::platform::ids::Id;
use crate::platform::values::Line;
use crate::reference::Kommunkod;

/// An API client to add.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "name": "Bodens tidsystem",
    "programmeId": "0175a2e1-7c00-7000-8000-000000000001",
    "kommunkod": "2582"
}))]
pub struct NewApiClient {
    /// A name that people recognize.
    #[validate(nested)]
    pub name: Line<200>,
    /// The programme that the client works in.
    pub programme_id: Id,
    /// The kommun that the client works for.
    #[validate(nested)]
    pub kommunkod: Kommunkod,
}

impl NewApiClient {
    /// The row of a new client with the hash of its secret.
    pub fn into_row(self, ctx: &Context, secret_hash: String) -> ClientRow {
        let Self { name, programme_id, kommunkod } = self;
        ClientRow {
            id: ctx.new_id(),
            name: name.into(),
            status: ClientState::Active,
            role: Role::HrIntegration,
            programme_id,
            kommunkod: kommunkod.into(),
            secret_hash,
            created_at: ctx.written,
            updated_at: ctx.written,
            version: 1,
        }
    }
}

/// The fields of an API client that can be changed.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Bodens nya tidsystem"}))]
pub struct ApiClientPatch {
    /// A name that people recognize.
    #[serde(default)]
    #[schema(value_type = Line<200>)]
    #[validate(nested)]
    pub name: Change<Line<200>>,
}

impl ApiClientPatch {
    /// The changed row.
    pub fn apply(self, mut row: ClientRow) -> ClientRow {
        let Self { name } = self;
        name.map(String::from).apply(&mut row.name);
        row
    }
}
