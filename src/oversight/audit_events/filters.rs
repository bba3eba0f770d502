//! The closed lists that audit events are filtered by: what is none of them is refused with those that are known, because
//! an empty answer would read as "nothing was done".

use std::sync::LazyLock;

use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};

use crate::identity::policy::Role;
use crate::platform::audit::Chain;
use crate::platform::auth::scope::SELF;
use crate::platform::codes::{Codes as _, not_one_of};
use crate::platform::http::list::QueryValue;
use crate::platform::ids::Id;
use crate::platform::text::ParseError;
use crate::platform::workflow::SYSTEM;
use crate::reference::Kommunkod;
use crate::{calls, goals, identity, programmes, time};

crate::codes! {
    /// What audit events are about (`resourceType`).
    pub enum AuditedType as "auditedTypes" {
        /// The use of the API by a login.
        Session = "session", "inloggning", "session";
        /// A role that somebody holds.
        RoleAssignment = "roleAssignment", "rolltilldelning", "role assignment";
        /// A system that calls the API.
        ApiClient = "apiClient", "API-klient", "API client";
        /// A person.
        Person = "person", "person", "person";
        /// A signature.
        Signature = "signature", "underskrift", "signature";
        /// A programme.
        Programme = "programme", "program", "programme";
        /// A programme's dated settings.
        ProgrammeSettings = "programmeSettings", "programmets inställningar", "programme settings";
        /// A kommun's expression of interest.
        Application = "application", "intresseanmälan", "application";
        /// A letter of intent.
        Avsiktsforklaring = "avsiktsforklaring", "avsiktsförklaring", "avsiktsförklaring";
        /// Somebody's part in a programme.
        Participant = "participant", "medarbetare", "participant";
        /// An employment.
        Employment = "employment", "anställning", "employment";
        /// A time entry.
        TimeEntry = "timeEntry", "tidrad", "time entry";
        /// A time report.
        TimeReport = "timeReport", "tidrapport", "time report";
        /// A programme's month.
        Month = "month", "månad", "month";
        /// An exception from a closed month.
        MonthException = "monthException", "månadsundantag", "month exception";
        /// A kommun's submission of a month.
        MonthSubmission = "monthSubmission", "månadsinlämning", "month submission";
        /// A template of milestones.
        MilestoneTemplate = "milestoneTemplate", "milstolpsmall", "milestone template";
        /// A milestone.
        Milestone = "milestone", "milstolpe", "milestone";
    }
}

impl AuditedType {
    /// What is done to it besides the steps of its workflow.
    const fn deeds(self) -> &'static [&'static str] {
        match self {
            Self::Session => &["created", "ended"],
            Self::RoleAssignment => &["created", "ended", "reopened"],
            Self::ApiClient => &["created", "changed", "secretRotated"],
            Self::Person => &["created", "changed", "informed", "passwordSet"],
            Self::Signature => &["created", "voided"],
            Self::Programme | Self::ProgrammeSettings | Self::TimeEntry | Self::Milestone => {
                &["created", "changed"]
            }
            Self::Application => &["created", "changed", "noted"],
            Self::Avsiktsforklaring => &["created", "changed", "deadlineMoved", "deleted"],
            Self::Participant => &["created", "changed", "personChanged", "ended"],
            Self::Employment => &["created", "changed", "ended"],
            Self::TimeReport | Self::Month | Self::MonthSubmission => &["created"],
            Self::MonthException => &["created", "changed", "used"],
            Self::MilestoneTemplate => &["created", "changed", "deleted"],
        }
    }
}

/// Every action, by what it is done to: `timeEntry.created`.
static ACTIONS: LazyLock<Vec<(AuditedType, Vec<String>)>> = LazyLock::new(|| {
    let areas = [
        identity::workflows(),
        programmes::workflows(),
        time::workflows(),
        calls::workflows(),
        goals::workflows(),
    ];
    let tables: Vec<_> = areas.into_iter().flatten().collect();
    let actions_of = |of: &AuditedType| {
        let steps = tables.iter().filter(|table| table.name == of.as_str()).flat_map(|table| &table.rows);
        let mut words = of.deeds().to_vec();
        for step in steps.map(|row| row.to) {
            if !words.contains(&step) {
                words.push(step);
            }
        }
        (*of, words.iter().map(|word| format!("{of}.{word}")).collect())
    };
    AuditedType::ALL.iter().map(actions_of).collect()
});

/// An action, as a filter takes it.
pub enum AuditAction {}

impl QueryValue for AuditAction {
    type Stored = String;

    fn read(text: &str) -> Result<String, ParseError> {
        let of = text.split('.').next().unwrap_or_default();
        let Some((_, known)) = ACTIONS.iter().find(|(known, _)| known.as_str() == of) else {
            let wrong = not_one_of::<AuditedType>();
            return Err(ParseError::new(
                format!("före punkten står {}", wrong.0.sv),
                format!("what stands before the point is {}", wrong.0.en),
            ));
        };
        one_of(text, &known.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn describe() -> RefOr<Schema> {
        described(&ACTIONS.iter().flat_map(|(_, actions)| actions).map(String::as_str).collect::<Vec<_>>())
    }
}

/// The role by which something was done, as a filter takes it.
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
    let known = known.join(", ");
    Err(ParseError::new(format!("inte något av {known}"), format!("not one of {known}")))
}

fn described(known: &[&str]) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(known.iter().copied())).into()
}

/// A chain's name, as a filter takes it: a chain of this form that is nowhere is no fault.
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
    fn an_action_is_a_deed_or_a_step() {
        for known in ["session.created", "milestone.inProgress", "month.locked", "timeEntry.voided"] {
            assert_eq!(AuditAction::read(known).unwrap(), known);
        }
        for (unknown, told) in [
            ("nope", "timeEntry"),
            ("", "timeEntry"),
            ("session.approved", "session.created, session.ended"),
            ("session", "session.created, session.ended"),
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
