//! What the caller is to things, loaded for all of them at once.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Deed, Relation, Relations, Thing};
use crate::platform::auth::action::Action;
use crate::platform::auth::deed::refusal;
use crate::platform::auth::scope::HasKeys;
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::problem::Problem;
use crate::platform::stored::Stored;
use crate::platform::tx::Rx;

/// Finds relations that only an upper area knows (see [`hooks`](crate::platform::hooks)).
pub trait RelationSource: Send + Sync {
    /// What the person is, or was, to these things: the id of the thing, with the relation.
    fn find(&self, rx: &mut Rx<'_>, person: Id, things: &[Thing<'_>])
    -> Result<Vec<(Id, Relation)>, Problem>;
}

/// What the caller is to some things.
#[derive(Clone, Debug, Default)]
pub struct Standing(HashMap<Id, Relations>);

impl Standing {
    /// The one function that says what the caller is, or was, to things: by their own columns, and by what the areas know of
    /// roles, signatures and entries. A client and the program itself are nothing to anything.
    pub fn of(rx: &mut Rx<'_>, things: &[Thing<'_>]) -> Result<Self, Problem> {
        let Some(person) = rx.ctx.caller.person_id().filter(|_| !things.is_empty()) else {
            return Ok(Self::default());
        };
        let mut standing = Self::by_columns(person, things);
        let hooks = Arc::clone(&rx.ctx.hooks);
        for source in hooks.of::<dyn RelationSource>() {
            standing.add(source.find(rx, person, things)?);
        }
        Ok(standing)
    }

    /// What the caller is to those of the rows with which one of their roles lets them do `A`.
    pub fn for_action<A: Action, R: Stored + HasKeys>(rx: &mut Rx<'_>, rows: &[R]) -> Result<Self, Problem> {
        let reached = rows.iter().filter(|row| rx.ctx.may::<A>(*row)).map(Thing::of);
        let reached: Vec<Thing<'_>> = reached.collect();
        Self::of(rx, &reached)
    }

    /// Whether the caller may do `A` with the row, in a role that no relation to it takes away.
    pub fn may<A: Action, R: Stored + HasKeys>(&self, ctx: &Context, row: &R) -> bool {
        ctx.roles_for::<A>(row).iter().any(|role| !self.is_barred(row.id(), A::ROW.deed(role)))
    }

    /// What the caller is to a row by its own columns, for rows to which nobody can be anything else.
    pub fn at_sight<R: Stored + HasKeys>(ctx: &Context, row: &R) -> Self {
        let person = ctx.caller.person_id();
        person.map_or_else(Self::default, |person| Self::by_columns(person, &[Thing::of(row)]))
    }

    fn by_columns(person: Id, things: &[Thing<'_>]) -> Self {
        let relations = things.iter().map(|thing| {
            let mut relations =
                Relations { is_about_kommun: thing.is_about_kommun(), ..Relations::default() };
            if thing.author == Some(person) {
                relations.held.insert(Relation::Author);
            }
            if thing.keys.person_id == Some(person) {
                relations.held.insert(Relation::Subject);
            }
            (thing.id, relations)
        });
        Self(relations.collect())
    }

    /// Adds relations that were found elsewhere.
    pub fn add(&mut self, found: Vec<(Id, Relation)>) {
        for (thing, relation) in found {
            if let Some(relations) = self.0.get_mut(&thing) {
                relations.held.insert(relation);
            }
        }
    }

    /// Whether a relation keeps the caller from doing this with the thing.
    pub fn is_barred(&self, thing: Id, deed: Deed) -> bool {
        self.bar(thing, deed).is_some()
    }

    fn bar(&self, thing: Id, deed: Deed) -> Option<Relation> {
        self.0.get(&thing).and_then(|relations| relations.bar(deed))
    }

    /// 403 `ownWork` when a relation keeps the caller from doing this with the thing.
    pub fn check(&self, thing: Id, deed: Deed) -> Result<(), Problem> {
        self.bar(thing, deed).map_or(Ok(()), |relation| Err(refusal(relation)))
    }
}
