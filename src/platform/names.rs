//! The names of those who did something, beside their ids. What is a name, and who may read it, an area says
//! ([`NameSource`]).

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::auth::action::ActionRow;
use crate::platform::auth::scope::HasKeys;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::tx::Rx;

/// The person or API client who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Actor {
    /// Their id.
    pub id: Id,
    /// Their name today; absent for readers who see no names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
}

/// Knows names (see [`hooks`](crate::platform::hooks)).
pub trait NameSource: Send + Sync {
    /// The names of those of these ids that it knows.
    fn names(&self, rx: &mut Rx<'_>, ids: &BTreeSet<Id>) -> Result<Vec<(Id, String)>, Problem>;

    /// Whether readers with only these roles see names.
    fn are_seen_by(&self, roles: &[&str]) -> bool;
}

/// The names of some people and clients, loaded for a whole page at once.
#[derive(Clone, Debug, Default)]
pub struct Names(HashMap<Id, String>);

impl Names {
    /// Loads the names of these people and clients.
    pub fn of(rx: &mut Rx<'_>, ids: impl IntoIterator<Item = Id>) -> Result<Self, Problem> {
        let ids: BTreeSet<Id> = ids.into_iter().collect();
        let mut names = HashMap::new();
        if ids.is_empty() {
            return Ok(Self(names));
        }
        let hooks = Arc::clone(&rx.ctx.hooks);
        for source in hooks.of::<dyn NameSource>() {
            names.extend(source.names(rx, &ids)?);
        }
        Ok(Self(names))
    }

    /// The name of one of them, for a reader who sees names.
    pub fn get(&self, id: Id, is_shown: bool) -> Option<String> {
        self.0.get(&id).filter(|_| is_shown).cloned()
    }

    /// One of them, with the name for a reader who sees names.
    pub fn actor(&self, id: Id, is_shown: bool) -> Actor {
        Actor { id, name: self.get(id, is_shown) }
    }
}

/// Whether the caller sees names in an object that they read by this action.
pub fn are_seen(ctx: &Context, read: &'static ActionRow, object: &impl HasKeys) -> bool {
    let roles = ctx.scope_of(read).roles_for(object);
    ctx.hooks.of::<dyn NameSource>().iter().all(|source| source.are_seen_by(&roles))
}
