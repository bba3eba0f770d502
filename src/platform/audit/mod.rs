//! The audit trail (domain guide §6): append-only chains of events, written in the same transaction as the change. Each
//! event holds the hash of the previous event, so that a changed or missing event is found. The hash covers a salted
//! hash of the values instead of the values themselves, so that the values can be erased without breaking the chain.
//!
//! There is one chain per programme and kommun, one per programme, and one for the installation.

pub mod checkpoints;
pub mod deletions;
pub mod erasure;
pub mod outside;
pub mod proven;
pub mod restorations;
mod store;
pub mod unreadable;
pub mod verification;
pub mod writers;

use serde::Serialize;

use crate::platform::auth::caller::Subject;
use crate::platform::auth::scope::{AuthzKeys, SELF};
use crate::platform::context::Context;
use crate::platform::ids::Id;
use crate::platform::text::Localized;

pub(crate) use store::append;

/// The chain that an event goes to: the chain of the changed resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chain {
    /// People, API clients, reference data.
    Installation,
    /// Events of the programme itself and of its owner.
    Programme(Id),
    /// Events of a kommun in a programme.
    Kommun(Id, String),
}

impl Chain {
    /// The kommun's chain, or the programme's when there is no kommun.
    pub fn of(programme_id: Id, kommunkod: Option<&str>) -> Self {
        match kommunkod {
            Some(kommunkod) => Chain::Kommun(programme_id, kommunkod.to_owned()),
            None => Chain::Programme(programme_id),
        }
    }

    /// The chain of these keys, as an event stores them; none when there is no such chain.
    pub fn by_keys(programme_id: Option<Id>, kommunkod: Option<&str>) -> Option<Self> {
        match (programme_id, kommunkod) {
            (Some(programme_id), kommunkod) => Some(Chain::of(programme_id, kommunkod)),
            (None, None) => Some(Chain::Installation),
            (None, Some(_)) => None,
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

    /// The keys of the chain's resources, to find the role that reaches them.
    fn keys(&self) -> AuthzKeys<'_> {
        let kommunkod = match self {
            Chain::Kommun(_, kommunkod) => Some(kommunkod.as_str()),
            _ => None,
        };
        let belongs_to_owner = matches!(self, Chain::Programme(_));
        AuthzKeys { programme_id: self.programme_id(), kommunkod, belongs_to_owner, ..AuthzKeys::default() }
    }

    /// The programme, unless this is the installation's chain.
    pub fn programme_id(&self) -> Option<Id> {
        match self {
            Chain::Installation => None,
            Chain::Programme(id) | Chain::Kommun(id, _) => Some(*id),
        }
    }
}

/// A row whose changes are recorded in the audit trail.
pub trait Audited: Serialize {
    /// Its name in the audit trail, singular camelCase (`timeEntry`).
    const TYPE: &'static str;

    /// Its name for people.
    const LABEL: Localized;

    /// Its actions besides `created` and the steps of its workflow.
    const ACTIONS: &'static [&'static str] = &[];

    /// The states that its steps lead to.
    const STATES: fn() -> Vec<&'static str> = Vec::new;

    /// All of the above, for the filters of the audit trail.
    const AUDITED: AuditedType =
        AuditedType { code: Self::TYPE, label: Self::LABEL, actions: Self::ACTIONS, states: Self::STATES };

    /// Its id, as text.
    fn audit_id(&self) -> String;

    /// The chain that its events go to.
    fn chain(&self) -> Chain;

    /// The only role, among those that read the trail, that may read events of the row in its present state. It is stored
    /// and hashed with the event. A row whose own scope rule hides it from some readers of the trail has one; such an event
    /// can be read by all of them when another event of the same row can.
    fn reserved_for(&self) -> Option<&'static str> {
        None
    }

    /// Whether this write changes a cached caller: their roles, or whether they may log in. `before` is none for a new
    /// row.
    fn invalidates_callers(_before: Option<&Self>) -> bool {
        false
    }
}

/// A type of rows in the audit trail, and its actions.
#[derive(Clone, Debug)]
pub struct AuditedType {
    /// Its name, singular camelCase.
    pub code: &'static str,
    /// Its name for people.
    pub label: Localized,
    actions: &'static [&'static str],
    states: fn() -> Vec<&'static str>,
}

/// The action of an event that brings a row's texts to NFC (`platform::composing`).
pub const MIGRATED: &str = "migrated";

/// The member of `after` that tells of a step what only the history of states has: its id and its comment.
pub const STATUS_CHANGE: &str = "statusChange";

impl AuditedType {
    /// Whether its rows have states.
    pub fn has_states(&self) -> bool {
        !(self.states)().is_empty()
    }

    /// The actions as events name them: `milestone.created`, `milestone.migrated`, then the other actions, then the steps.
    pub fn actions(&self) -> Vec<String> {
        let mut words = vec!["created", MIGRATED];
        words.extend(self.actions);
        for state in (self.states)() {
            if !words.contains(&state) {
                words.push(state);
            }
        }
        words.iter().map(|word| format!("{}.{word}", self.code)).collect()
    }
}

/// An event that the transaction appends before it commits.
#[derive(Clone, Debug)]
pub struct Event {
    pub(crate) chain: Chain,
    pub(crate) action: String,
    pub(crate) resource_type: &'static str,
    pub(crate) resource_id: String,
    pub(crate) role: Option<String>,
    /// The values before and after as JSON text.
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    /// See [`Audited::reserved_for`].
    pub(crate) reserved_for: Option<&'static str>,
}

/// The role that allows `actor` to act in a chain. It is the role of the first grant that reaches the chain; otherwise
/// of the first grant that reaches the actor's own resources in it; otherwise of the first grant. Without any grant it
/// is `self` for a person or client, and none for the program itself and for anonymous callers.
pub(crate) fn role_in(ctx: &Context, actor: Subject, chain: &Chain) -> Option<&'static str> {
    let (scope, keys) = (&ctx.scope, chain.keys());
    let own = match actor {
        Subject::Person(id) => AuthzKeys { person_id: Some(id), ..keys },
        Subject::Client(id) => AuthzKeys { client_id: Some(id), ..keys },
        Subject::Anonymous | Subject::System => keys,
    };
    let first = || scope.grants.first().map(|grant| grant.role);
    let reaching = scope.role_for(&keys).or_else(|| scope.role_for(&own)).or_else(first);
    reaching.or_else(|| actor.id().map(|_| SELF))
}
