//! What is sent to add and change an API client.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use super::{ClientRow, ClientState};
use crate::identity::policy::Role;
use crate::platform::context::Context;
use crate::platform::http::body::Change;
use crate::platform::ids::Id;

/// An API client to add.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "name": "Bodens tidsystem",
    "programmeId": "0175a2e1-7c00-7000-8000-000000000001",
    "kommunkod": "2582"
}))]
pub struct NewApiClient {
    /// What it is, for people.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// The programme it works in.
    pub programme_id: Id,
    /// The kommun it works for.
    #[schema(pattern = r"^\d{4}$")]
    pub kommunkod: String,
}

impl NewApiClient {
    /// The row of a new client, with its secret's hash.
    pub fn into_row(self, ctx: &Context, secret_hash: String) -> ClientRow {
        let Self { name, programme_id, kommunkod } = self;
        ClientRow {
            id: ctx.new_id(),
            name,
            status: ClientState::Active,
            role: Role::HrIntegration,
            programme_id,
            kommunkod,
            secret_hash,
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 1,
        }
    }
}

/// What may be changed of an API client.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Bodens nya tidsystem"}))]
pub struct ApiClientPatch {
    /// What it is, for people.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub name: Change<String>,
}
