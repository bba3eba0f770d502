//! The audit trail (domain guide §6): append-only chains, written in the same transaction as the change. Each event
//! holds the hash of the one before, so that a change of the past shows; the values lie beside their salted hash, so
//! that they can be erased without breaking the chain.
//!
//! One chain per programme and kommun, one per programme, one for the installation.

pub mod checkpoints;
mod store;
pub mod verification;

use serde::Serialize;
use serde_json::Value;

use crate::platform::auth::caller::Subject;
use crate::platform::auth::scope::{AuthzKeys, SELF};
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::text::Localized;

pub(crate) use store::append;

/// Which chain an event goes to: that of the resource that it changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chain {
    /// People, API clients, reference data.
    Installation,
    /// A programme's own and the owner's events.
    Programme(Id),
    /// A kommun's events in a programme.
    Kommun(Id, String),
}

impl Chain {
    /// The chain of something that may or may not belong to a kommun.
    pub fn of(programme_id: Id, kommunkod: Option<&str>) -> Self {
        match kommunkod {
            Some(kommunkod) => Chain::Kommun(programme_id, kommunkod.to_owned()),
            None => Chain::Programme(programme_id),
        }
    }

    /// The chain's name in the database and in `/audit-events`.
    pub fn name(&self) -> String {
        match self {
            Chain::Installation => "installation".to_owned(),
            Chain::Programme(id) => format!("programme:{id}"),
            Chain::Kommun(id, kommunkod) => format!("programme:{id}:kommun:{kommunkod}"),
        }
    }

    /// What a thing in it says of itself, to find the role that reaches it.
    fn keys(&self) -> AuthzKeys {
        let kommunkod = match self {
            Chain::Kommun(_, kommunkod) => Some(kommunkod.clone()),
            _ => None,
        };
        let is_owners = matches!(self, Chain::Programme(_));
        AuthzKeys { programme_id: self.programme_id(), kommunkod, is_owners, ..AuthzKeys::default() }
    }

    /// The programme, if it has one.
    pub fn programme_id(&self) -> Option<Id> {
        match self {
            Chain::Installation => None,
            Chain::Programme(id) | Chain::Kommun(id, _) => Some(*id),
        }
    }
}

/// A stored thing whose changes are kept.
pub trait Audited: Serialize {
    /// Its name in the trail, singular camelCase (`timeEntry`).
    const TYPE: &'static str;

    /// What people call it.
    const LABEL: Localized;

    /// What is done to it besides making it and the steps of its workflow.
    const ACTIONS: &'static [&'static str] = &[];

    /// The states that steps lead to.
    const STATES: fn() -> Vec<&'static str> = Vec::new;

    /// All of this, for the filters of the trail.
    const AUDITED: AuditedType =
        AuditedType { code: Self::TYPE, label: Self::LABEL, actions: Self::ACTIONS, states: Self::STATES };

    /// Its identity.
    fn audit_id(&self) -> String;

    /// The chain that its changes go to.
    fn chain(&self) -> Chain;

    /// Whether somebody who has called may be another caller once it is written: their roles, whether they may log in.
    /// `before` is none for a new one.
    fn changes_callers(_before: Option<&Self>) -> bool {
        false
    }
}

/// A type of things in the audit trail, and what can be done to them.
#[derive(Clone, Debug)]
pub struct AuditedType {
    /// Its name.
    pub code: &'static str,
    /// What people call it.
    pub label: Localized,
    actions: &'static [&'static str],
    states: fn() -> Vec<&'static str>,
}

impl AuditedType {
    /// The actions as events name them: `milestone.created`, then what else is done to it, then the steps.
    pub fn actions(&self) -> Vec<String> {
        let mut words = vec!["created"];
        words.extend(self.actions);
        for state in (self.states)() {
            if !words.contains(&state) {
                words.push(state);
            }
        }
        words.iter().map(|word| format!("{}.{word}", self.code)).collect()
    }
}

/// A change that the transaction will append.
#[derive(Clone, Debug)]
pub struct Event {
    pub(crate) chain: Chain,
    pub(crate) action: String,
    pub(crate) resource_type: &'static str,
    pub(crate) resource_id: String,
    pub(crate) role: Option<String>,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

/// The role by which `actor` acts on things of a chain: that of the grant that reaches there, or that reaches what is the
/// actor's own, or failing both the permit's first; none for nobody.
pub(crate) fn role_in(ctx: &Context, actor: Subject, chain: &Chain) -> Option<&'static str> {
    let (scope, keys) = (&ctx.scope, chain.keys());
    let own = match actor {
        Subject::Person(id) => AuthzKeys { person_id: Some(id), ..keys.clone() },
        Subject::Client(id) => AuthzKeys { client_id: Some(id), ..keys.clone() },
        Subject::Anonymous | Subject::System => keys.clone(),
    };
    let first = || scope.grants.first().map(|grant| grant.role);
    let reaching = scope.role_for(&keys).or_else(|| scope.role_for(&own)).or_else(first);
    reaching.or_else(|| actor.id().map(|_| SELF))
}
