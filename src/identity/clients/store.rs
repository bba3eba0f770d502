//! The queries of API clients.

use diesel::prelude::*;
use serde::Serialize;

use super::rules::WORKFLOW;
use super::{ApiClient, ClientState};
use crate::identity::policy::{ClientRead, Role};
use crate::platform::auth::caller::Assignment;
use crate::platform::db::Db;
use crate::platform::db::one_of::OneOfMethods as _;
use crate::platform::ids::{Id, secret_hash};
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;
use crate::reference::Kommunkod;
use crate::schema::api_clients;

/// An API client as stored.
#[derive(
    Clone, Debug, PartialEq, Serialize, Queryable, Selectable, Insertable, AsChangeset, Identifiable,
)]
#[serde(rename_all = "camelCase")]
#[diesel(table_name = api_clients, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ClientRow {
    /// Identity.
    pub id: Id,
    /// A name that people recognize.
    pub name: String,
    /// State.
    pub status: ClientState,
    /// The role of the client.
    pub role: Role,
    /// The programme that the client works in.
    pub programme_id: Id,
    /// The kommun that the client works for.
    pub kommunkod: String,
    /// SHA-256 of the secret; it never leaves the database, not even for the audit trail.
    #[serde(skip)]
    pub secret_hash: String,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Raised by every change.
    pub version: i32,
}

crate::stored! {
    ClientRow in api_clients as "apiClient" ("API-klient", "API client"),
    chain |row| Chain::Kommun(row.programme_id, row.kommunkod.clone()),
    actions ["changed", "secretRotated"],
    workflow WORKFLOW: ClientState,
    callers |before| before.is_some(),
}

crate::scope!(ClientRow in api_clients: programme_id, kommunkod);

crate::resource!(ClientRow as ApiClient at "/api-clients/{apiClientId}", read by ClientRead);

impl ClientRow {
    /// The client's role in the form that permits are checked against.
    pub fn assignment(&self) -> Assignment {
        Assignment {
            role: self.role.as_str().to_owned(),
            programme_id: Some(self.programme_id),
            kommunkod: Some(self.kommunkod.clone()),
            ..Assignment::default()
        }
    }
}

crate::list! {
    /// `GET /api-clients`.
    pub struct ClientList: api_clients as ClientRow, shown as ApiClient, by id: Id, default "-createdAt" {
        status: status => ClientState [filter];
        programmeId: programme_id => Id [filter];
        kommunkod: kommunkod => Kommunkod [filter, sort];
        createdAt: created_at => Instant [range, sort];
        updatedSince: updated_at => Instant [since];
    }
}

/// A client that is known to exist.
pub fn unscoped_by_id(db: &mut Db, id: Id) -> Result<ClientRow, Problem> {
    Ok(api_clients::table.find(id).select(ClientRow::as_select()).first(db)?)
}

/// The names of those of these ids that are clients.
pub fn unscoped_names(db: &mut Db, ids: Vec<Id>) -> Result<Vec<(Id, String)>, Problem> {
    let these = api_clients::table.filter(api_clients::id.one_of(ids));
    Ok(these.select((api_clients::id, api_clients::name)).load(db)?)
}

/// The active client with this secret, for logging in. The comparison is between hashes, so that its duration reveals
/// nothing about the secret.
pub fn unscoped_with_secret(db: &mut Db, id: Id, secret: &str) -> Result<Option<ClientRow>, Problem> {
    let row: Option<ClientRow> =
        api_clients::table.find(id).select(ClientRow::as_select()).first(db).optional()?;
    Ok(row.filter(|row| row.status == ClientState::Active && row.secret_hash == secret_hash(secret)))
}
