//! The closed lists of values that audit events can be filtered by. Any other value is refused, and the refusal names the known
//! ones, because an empty list would look as if no such event existed.

use std::sync::LazyLock;

use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};

use crate::identity::policy::Role;
use crate::platform::audit::verification::verified::VerifiedType;
use crate::platform::audit::{AuditedType, Chain};
use crate::platform::auth::scope::SELF;
use crate::platform::codes::{CodeList, explained, not_one_of};
use crate::platform::http::list::QueryValue;
use crate::platform::ids::Id;
use crate::platform::text::ParseError;
use crate::platform::workflow::SYSTEM;
use crate::reference::Kommunkod;
use crate::{calls, goals, identity, programmes, reference, team, time};

/// Every type of object in the audit trail, in the order of the areas.
fn types() -> impl Iterator<Item = &'static AuditedType> {
    verified().map(|known| &known.audited)
}

/// The same types, with their rows.
pub(super) fn verified() -> impl Iterator<Item = &'static VerifiedType> {
    let areas = [
        identity::PARTS,
        reference::PARTS,
        programmes::PARTS,
        team::PARTS,
        time::PARTS,
        calls::PARTS,
        goals::PARTS,
    ];
    areas.into_iter().flatten().flat_map(|part| part.verified)
}

/// The types of objects as a closed list.
pub const AUDITED_TYPES: CodeList = CodeList {
    name: "auditedTypes",
    codes: || types().map(|known| (known.code, known.label.clone())).collect(),
};

/// The type of an object as a filter value.
pub enum ResourceType {}

impl QueryValue for ResourceType {
    type Stored = String;

    fn read(text: &str) -> Result<String, ParseError> {
        one_of(text, &types().map(|known| known.code).collect::<Vec<_>>())
    }

    fn describe() -> RefOr<Schema> {
        let line = |known: &AuditedType| explained(known.code, &known.label);
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(types().map(|known| known.code)))
            .description(Some(types().map(line).collect::<Vec<_>>().join("\n\n")))
            .into()
    }
}

/// Every action, by the type of the object: `timeEntry.created`.
static ACTIONS: LazyLock<Vec<(&'static str, Vec<String>)>> =
    LazyLock::new(|| types().map(|known| (known.code, known.actions())).collect());

/// An action as a filter value.
pub enum AuditAction {}

impl QueryValue for AuditAction {
    type Stored = String;

    fn read(text: &str) -> Result<String, ParseError> {
        let of = text.split('.').next().unwrap_or_default();
        let Some((_, known)) = ACTIONS.iter().find(|(known, _)| *known == of) else {
            let ParseError(wrong) = not_one_of(&types().map(|known| known.code).collect::<Vec<_>>());
            return Err(ParseError::new(
                format!("före punkten står {}", wrong.sv),
                format!("the part before the point is {}", wrong.en),
            ));
        };
        one_of(text, &known.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn describe() -> RefOr<Schema> {
        described(&ACTIONS.iter().flat_map(|(_, actions)| actions).map(String::as_str).collect::<Vec<_>>())
    }
}

/// The role that allowed an action, as a filter value.
pub enum ActorRole {}

fn actor_roles() -> Vec<&'static str> {
    Role::ALL.iter().map(|role| role.as_str()).chain([SELF, SYSTEM]).collect()
}

impl QueryValue for ActorRole {
    type Stored = String;

    fn read(text: &str) -> Result<String, ParseError> {
        one_of(text, &actor_roles())
    }

    fn describe() -> RefOr<Schema> {
        described(&actor_roles())
    }
}

fn one_of(text: &str, known: &[&str]) -> Result<String, ParseError> {
    if known.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(not_one_of(known))
}

fn described(known: &[&str]) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(known.iter().copied())).into()
}

/// The name of a chain as a filter value. A well-formed name of a chain that does not exist is not an error.
pub enum ChainName {}

impl ChainName {
    fn parsed(text: &str) -> Option<Chain> {
        if text == Chain::Installation.name() {
            return Some(Chain::Installation);
        }
        let mut parts = text.strip_prefix("programme:")?.splitn(2, ":kommun:");
        let programme: Id = parts.next()?.parse().ok()?;
        match parts.next() {
            Some(kommunkod) => Some(Chain::Kommun(programme, Kommunkod::read(kommunkod).ok()?)),
            None => Some(Chain::Programme(programme)),
        }
    }
}

impl QueryValue for ChainName {
    type Stored = String;

    fn read(text: &str) -> Result<String, ParseError> {
        let wrong = || {
            ParseError::fixed(
                "varken installation, programme:{id} eller programme:{id}:kommun:{kommunkod}",
                "neither installation, programme:{id} nor programme:{id}:kommun:{kommunkod}",
            )
        };
        Self::parsed(text).map(|chain| chain.name()).ok_or_else(wrong)
    }

    fn describe() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("`installation`, `programme:{id}` or `programme:{id}:kommun:{kommunkod}`"))
            .examples(["installation"])
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_a_declared_action_or_a_state() {
        for known in
            ["session.created", "milestone.inProgress", "month.locked", "timeEntry.voided", "person.migrated"]
        {
            assert_eq!(AuditAction::read(known).unwrap(), known);
        }
        for (unknown, told) in [
            ("nope", "timeEntry"),
            ("", "timeEntry"),
            ("session.approved", "session.created, session.migrated, session.ended"),
            ("session", "session.created, session.migrated, session.ended"),
        ] {
            let wrong = AuditAction::read(unknown).unwrap_err();
            assert!(wrong.0.sv.contains(told) && wrong.0.en.contains(told), "{unknown}: {wrong}");
        }
    }

    #[test]
    fn a_chain_has_one_of_three_forms() {
        let id = Id(uuid::Uuid::from_u128(7));
        for chain in [Chain::Installation, Chain::Programme(id), Chain::Kommun(id, "2582".into())] {
            assert_eq!(ChainName::read(&chain.name()).unwrap(), chain.name());
        }
        for wrong in
            ["", "nope", "programme:", "programme:x", &format!("programme:{id}:kommun:99"), "programme"]
        {
            assert!(ChainName::read(wrong).is_err(), "{wrong}");
        }
    }
}
