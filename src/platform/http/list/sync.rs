//! What a client that follows the changes of a list (`updatedSince`) is told beside the rows: from where it goes on, and which
//! drafts were deleted.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::read::since;
use super::{ListQuery, ListSource};
use crate::platform::audit::{Audited, deletions};
use crate::platform::auth::scope::{AuthzKeys, HasKeys, Scope};
use crate::platform::db::{Db, sync};
use crate::platform::ids::Id;
use crate::platform::moment::Instant;
use crate::platform::problem::Problem;

/// A type of rows whose drafts can be deleted.
#[derive(Clone, Copy, Debug)]
pub struct Drafts {
    resource_type: &'static str,
    /// Whether a row without kommun belongs to the owner's staff.
    owners_without_kommun: bool,
    /// Whether a role of those that read the list sees drafts; none when all do.
    seen_by: Option<fn(&str) -> bool>,
}

impl Drafts {
    /// The drafts of rows.
    pub const fn of<R: Audited + HasKeys>() -> Self {
        Self { resource_type: R::TYPE, owners_without_kommun: R::OWNERS_WITHOUT_KOMMUN, seen_by: None }
    }

    /// Tells of them only the roles that see drafts.
    pub const fn told_to(self, seen_by: fn(&str) -> bool) -> Self {
        Self { seen_by: Some(seen_by), ..self }
    }
}

/// A deleted draft.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletedItem {
    /// Its id.
    pub id: Id,
    /// When it was deleted.
    pub deleted_at: Instant,
}

/// What is told beside the rows.
#[derive(Clone, Debug)]
pub struct Sync {
    /// The next call's `updatedSince`.
    pub synced_to: Instant,
    deleted: Option<Vec<(DeletedItem, Keys)>>,
}

/// The columns of a deleted row that decided who saw it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Keys {
    programme_id: Option<Id>,
    kommunkod: Option<String>,
    person_id: Option<Id>,
    client_id: Option<Id>,
    #[serde(skip)]
    belongs_to_owner: bool,
    #[serde(skip)]
    seen_by: Option<fn(&str) -> bool>,
}

impl Sync {
    /// Reads it, before the rows are read. None without `updatedSince`.
    pub(super) fn read<L: ListSource>(db: &mut Db, query: &ListQuery) -> Result<Option<Self>, Problem> {
        let Some((sent, is_wall)) = since(query, L::fields()) else { return Ok(None) };
        let sent: Instant = sent.parse().map_err(Problem::internal)?;
        // Later pages go on with what the first one said. Pages by number have no memory, so they say nothing new.
        let is_first = query.page == 1 && query.cursor.as_ref().is_none_or(Vec::is_empty);
        if !is_first {
            return Ok(Some(Self { synced_to: query.synced_to.unwrap_or(sent), deleted: None }));
        }
        let seen = sync::seen_up_to(db, query.now)?;
        let seen = seen.map(|seen| if is_wall { seen.plus_millis(-query.ahead) } else { seen });
        let deleted = L::DRAFTS.map(|drafts| drafts.deleted(db, sent)).transpose()?;
        Ok(Some(Self { synced_to: seen.unwrap_or(sent), deleted }))
    }

    /// The deleted drafts within a scope.
    pub(super) fn deleted_within(self, scope: &Scope) -> Option<Vec<DeletedItem>> {
        let within = |(item, keys): (DeletedItem, Keys)| {
            let mut roles = scope.roles_for(&keys.of(item.id)).into_iter();
            roles.any(|role| keys.seen_by.is_none_or(|seen_by| seen_by(role))).then_some(item)
        };
        self.deleted.map(|deleted| deleted.into_iter().filter_map(within).collect())
    }
}

impl Drafts {
    fn deleted(self, db: &mut Db, since: Instant) -> Result<Vec<(DeletedItem, Keys)>, Problem> {
        let told = deletions::since(db, self.resource_type, since)?;
        let read = |event: deletions::Deletion| {
            let mut keys: Keys = serde_json::from_str(&event.before_values).map_err(Problem::internal)?;
            keys.belongs_to_owner = self.owners_without_kommun && keys.kommunkod.is_none();
            keys.seen_by = self.seen_by;
            let id = event.resource_id.parse().map_err(Problem::internal)?;
            Ok((DeletedItem { id, deleted_at: event.at }, keys))
        };
        told.into_iter().map(read).collect()
    }
}

impl Keys {
    fn of(&self, id: Id) -> AuthzKeys<'_> {
        AuthzKeys {
            programme_id: self.programme_id,
            kommunkod: self.kommunkod.as_deref(),
            belongs_to_owner: self.belongs_to_owner,
            person_id: self.person_id,
            subject_id: Some(id),
            client_id: self.client_id,
        }
    }
}
