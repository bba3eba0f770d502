//! The permissions of a caller, from the policy table and the present roles. Pure.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use serde_json::{Value, json};

use super::{Permission, PermittedPlace, PlaceKind};
use crate::identity::policy::{ACTIONS, Role};
use crate::platform::auth::action::{Access, ActionRow};
use crate::platform::auth::caller::{Assignment, Caller, Subject};
use crate::platform::auth::scope::{Grant, Place};
use crate::platform::http::in_order::RequestPart;
use crate::platform::http::parameters;
use crate::platform::ids::Id;
use crate::platform::problem::{Code, FieldError, Problem};
use crate::platform::text::{Language, Localized};
use crate::reference::Kommunkod;

/// The parameters of a request for permissions: actions and a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    actions: Vec<String>,
    programme_id: Option<Id>,
    kommunkod: Option<String>,
    /// The parameters as sent, for the link to the answer.
    pub sent: Vec<(String, String)>,
}

impl RequestPart for Question {
    const CHECKS_PARAMETERS: bool = true;

    async fn take(request: &HttpRequest, _: &mut Payload) -> Result<Self, Problem> {
        parameters::read(request, |request| Self::read(request.query_string()))
    }
}

impl Question {
    fn read(query: &str) -> Result<Self, Problem> {
        let mut question = Self::default();
        let mut faults = Vec::new();
        let sent = parameters::parse(query, &mut faults);
        parameters::refuse_repeated(&sent, |name| name != "action", &mut faults);
        question.sent.clone_from(&sent);
        for (name, value) in sent {
            let words = match name.as_str() {
                "action" if ACTIONS.iter().any(|row| row.name == value) => {
                    question.actions.push(value);
                    continue;
                }
                "action" => {
                    let known: Vec<&str> = ACTIONS.iter().map(|row| row.name).collect();
                    let known = known.join(", ");
                    Localized::new(
                        format!("Okänd handling; kända är {known}."),
                        format!("Unknown action; the known ones are {known}."),
                    )
                }
                "programmeId" => match value.parse() {
                    Ok(id) => {
                        question.programme_id = Some(id);
                        continue;
                    }
                    Err(_) => Localized::fixed("Ett UUID.", "A UUID."),
                },
                "kommunkod" if Kommunkod::is_form_of(&value) => {
                    question.kommunkod = Some(value);
                    continue;
                }
                "kommunkod" => Localized::fixed("Fyra siffror.", "Four digits."),
                _ => {
                    let known = ["action", "programmeId", "kommunkod"].map(str::to_owned);
                    faults.push(parameters::unknown(name, &known));
                    continue;
                }
            };
            faults.push(FieldError::new(name, "invalidValue", words));
        }
        Code::InvalidQuery.refuse_any(faults)?;
        Ok(question)
    }

    /// Whether an assignment counts in the requested place.
    fn concerns(&self, assignment: &Assignment) -> bool {
        let same_programme = match (self.programme_id, assignment.programme_id) {
            (Some(asked), Some(held)) => asked == held,
            _ => true,
        };
        let same_kommun = match (&self.kommunkod, &assignment.kommunkod) {
            (Some(asked), Some(held)) => asked == held,
            _ => true,
        };
        same_programme && same_kommun
    }

    fn asks_for(&self, row: &ActionRow) -> bool {
        self.actions.is_empty() || self.actions.iter().any(|action| action == row.name)
    }
}

impl Permission {
    /// The permission for every requested action, in the order of the policy table.
    pub fn all(caller: &Caller, question: &Question, language: Language) -> Vec<Self> {
        let concerned = caller.assignments.iter().filter(|assignment| question.concerns(assignment)).cloned();
        let there = Caller { assignments: concerned.collect(), ..caller.clone() };
        let asked = ACTIONS.iter().filter(|row| question.asks_for(row));
        asked.map(|row| permission(row, &there, language)).collect()
    }

    pub(super) fn example() -> Value {
        let id = |n| Id(uuid::Builder::from_unix_timestamp_millis(1_601_539_200_000, &[n; 10]).into_uuid());
        let assignment = Assignment {
            role: Role::Coordinator.as_str().to_owned(),
            programme_id: Some(id(1)),
            kommunkod: Some("2582".to_owned()),
            ..Assignment::default()
        };
        let caller =
            Caller { subject: Subject::Person(id(2)), session_id: None, assignments: vec![assignment] };
        let question = Question { actions: vec!["milestone.update".to_owned()], ..Question::default() };
        json!(Self::all(&caller, &question, Language::Sv).first())
    }
}

fn permission(row: &ActionRow, caller: &Caller, language: Language) -> Permission {
    let scope = row.scope_of(caller);
    let is_allowed = row.access != Access::Roles || !scope.grants.is_empty();
    Permission {
        action: row.name.to_owned(),
        description: Localized::fixed(row.sv, row.en).get(language).to_owned(),
        is_allowed,
        scope: scope.grants.iter().map(place).collect(),
    }
}

fn place(grant: &Grant) -> PermittedPlace {
    let (kind, programme_id, kommunkod, subject_id) = match &grant.place {
        Place::Everywhere => (PlaceKind::Everywhere, None, None, None),
        Place::Programme(id) => (PlaceKind::Programme, Some(*id), None, None),
        Place::Kommun(id, kommun) => (PlaceKind::Kommun, Some(*id), Some(kommun.clone()), None),
        Place::Owner(id) => (PlaceKind::Owner, Some(*id), None, None),
        Place::Person(_) | Place::Client(_) => (PlaceKind::Own, None, None, None),
        Place::Member(_, id, kommun) => (PlaceKind::Own, Some(*id), kommun.clone(), None),
        Place::Subject(id) => (PlaceKind::Subject, None, None, Some(*id)),
    };
    PermittedPlace { role: grant.role.to_owned(), place: kind, programme_id, kommunkod, subject_id }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Id {
        Id(uuid::Uuid::from_u128(n))
    }

    fn coordinator() -> Caller {
        let assignment = Assignment {
            role: "coordinator".into(),
            programme_id: Some(id(1)),
            kommunkod: Some("2582".into()),
            ..Assignment::default()
        };
        Caller { subject: Subject::Person(id(9)), session_id: None, assignments: vec![assignment] }
    }

    fn may(question: &Question) -> bool {
        Permission::all(&coordinator(), question, Language::Sv).iter().all(|item| item.is_allowed)
    }

    #[test]
    fn a_place_is_selected_by_programme_and_kommun() {
        let ask = |programme: Option<u128>, kommun: Option<&str>| Question {
            actions: vec!["participant.create".into()],
            programme_id: programme.map(id),
            kommunkod: kommun.map(str::to_owned),
            ..Question::default()
        };
        assert!(may(&ask(None, None)) && may(&ask(Some(1), None)) && may(&ask(Some(1), Some("2582"))));
        assert!(!may(&ask(Some(2), None)) && !may(&ask(Some(1), Some("0114"))));
    }

    #[test]
    fn every_action_is_answered_and_a_caller_without_roles_may_do_only_open_ones() {
        let all = Permission::all(&coordinator(), &Question::default(), Language::En);
        assert_eq!(all.len(), ACTIONS.len());
        let nobody = Caller { assignments: Vec::new(), ..coordinator() };
        for (item, row) in Permission::all(&nobody, &Question::default(), Language::En).iter().zip(ACTIONS) {
            assert_eq!(item.is_allowed, row.access != Access::Roles, "{}", row.name);
        }
    }

    #[test]
    fn all_errors_of_the_query_are_named() {
        let faults = Question::read("action=fly&kommunkod=25&programmeId=x&colour=red").unwrap_err().errors;
        let named: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
        assert_eq!(
            named,
            [
                ("action", "invalidValue"),
                ("kommunkod", "invalidValue"),
                ("programmeId", "invalidValue"),
                ("colour", "unknownParameter")
            ]
        );
    }
}
