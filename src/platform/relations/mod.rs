//! Nobody decides their own case (guide §1). One function, [`Standing::of`], says what the caller is to a thing, then and now;
//! [`bars`] says which of these relations keep them from which deed. Every step of a workflow asks it; what else decides
//! something asks it through the rows of the policy table that say so.

mod acting;
mod standing;

use std::collections::BTreeSet;

pub use crate::platform::auth::deed::{Deed, Relation, bars};
pub use standing::{RelationSource, Standing};

use crate::platform::auth::scope::{AuthzKeys, HasKeys};
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::stored::Stored;

/// A thing about which somebody decides.
#[derive(Clone, Debug)]
pub struct Thing<'a> {
    /// Its id. For a thing that does not exist yet any new id.
    pub id: Id,
    /// Its type in the audit trail.
    pub kind: &'static str,
    /// The programme, kommun and person that it belongs to.
    pub keys: AuthzKeys<'a>,
    /// Who made it, if a column says so.
    pub author: Option<Id>,
}

impl<'a> Thing<'a> {
    /// A stored row as the thing that is decided about.
    pub fn of<R: Stored + HasKeys>(row: &'a R) -> Self {
        Self { id: row.id(), kind: R::TYPE, keys: row.keys(), author: row.author() }
    }

    /// A thing that does not exist yet, or is no row.
    pub fn new(ctx: &Context, kind: &'static str, keys: AuthzKeys<'a>) -> Self {
        Self { id: ctx.new_id(), kind, keys, author: None }
    }

    /// Whether it is a kommun's case, and not one of its people's.
    pub fn is_about_kommun(&self) -> bool {
        self.keys.kommunkod.is_some() && self.keys.person_id.is_none()
    }

    /// Those that are a kommun's case, with the kommun.
    pub fn cases(things: &[Self]) -> Vec<(Id, &'a str)> {
        let cases = things.iter().filter(|thing| thing.is_about_kommun());
        cases.filter_map(|thing| Some((thing.id, thing.keys.kommunkod?))).collect()
    }
}

/// What the caller is to one thing.
#[derive(Clone, Debug, Default)]
struct Relations {
    held: BTreeSet<Relation>,
    is_about_kommun: bool,
}

impl Relations {
    fn bar(&self, deed: Deed) -> Option<Relation> {
        self.held.iter().copied().find(|relation| bars(*relation, deed, self.is_about_kommun))
    }
}
