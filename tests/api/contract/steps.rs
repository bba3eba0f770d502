//! Workflows over HTTP: every role requests every status from every status. A step in `allowedTransitions` succeeds or is
//! refused because of the data; every other step is refused.

use diesel::{RunQueryDsl as _, sql_query};
use proptest::prelude::*;
use samverkan::identity::policy::Role;
use samverkan::identity::roles::{self, Wanted};
use samverkan::platform::auth::action::ActionRow;
use samverkan::platform::codes::Codes as _;
use samverkan::platform::workflow::WorkflowTable;
use serde_json::{Value, json};

use super::authz::{holder, may_at_all};
use super::operations::{Operation, operations};
use super::world::World;
use crate::both;
use crate::goals::{BODEN, Network, decision};
use crate::support::documented::{document, resolved};
use crate::support::{Client, Kind, Response, TestApp, property};

/// A resource with a workflow.
pub(super) struct Subject<'w> {
    pub(super) table: &'w WorkflowTable,
    stored_in: &'static str,
    pub(super) id: String,
    pub(super) path: String,
    pub(super) collection: String,
    action: Operation,
}

impl<'w> Subject<'w> {
    pub(super) fn of(t: &TestApp, world: &World, table: &'w WorkflowTable) -> Self {
        let (stored_in, template) = (table.stored_in, table.path);
        let path = world.filled(template);
        let id = seen(t, world, &path)["id"].as_str().unwrap().to_owned();
        let step = format!("{template}/status-changes");
        let action = operations().into_iter().find(|o| o.name() == ("POST", step.as_str())).unwrap();
        let (collection, _) = path.rsplit_once('/').unwrap();
        Self { table, stored_in, id, collection: collection.to_owned(), path, action }
    }

    /// Another resource of the same type.
    pub(super) fn at(self, id: &str) -> Self {
        Self { path: format!("{}/{id}", self.collection), id: id.to_owned(), ..self }
    }

    /// The resource as the programme manager or the operator sees it.
    pub(super) fn seen(&self, t: &TestApp, world: &World) -> Value {
        seen(t, world, &self.path)
    }

    /// Who may change its state.
    pub(super) fn action(&self) -> &'static ActionRow {
        self.action.row.unwrap()
    }

    /// The schema of the data that its steps take.
    pub(super) fn data(&self) -> &'static Value {
        let body = &document()["paths"][&self.action.path]["post"]["requestBody"];
        let request = resolved(&body["content"]["application/json"]["schema"]);
        let choices = request["properties"]["data"]["oneOf"].as_array();
        resolved(choices.and_then(|choices| choices.last()).unwrap_or(&Value::Null))
    }

    /// Sets the status directly in the database.
    pub(super) fn put(&self, t: &TestApp, state: &str) {
        let id = literal(t, &self.id);
        execute(t, &format!("UPDATE {} SET status = '{state}' WHERE id = {id}", self.stored_in));
    }

    /// The errors in the responses to one role in one status, and the number of offered steps.
    fn faults(&self, state: &str, role: Role, who: &Client) -> (Vec<String>, usize) {
        let mut faults = Vec::new();
        let place = format!("{} in {state} by {role}", self.table.name);
        let seen = who.get(&self.path);
        let is_carrier = may_at_all(self.action.row.unwrap(), role);
        if seen.status != 200 || !is_carrier {
            let to = self.table.states[0].0;
            let answer = who.change_because(&self.path, to, "Därför.");
            if ![403, 404].contains(&answer.status) {
                faults.push(format!("{place} to {to}: {} {}", answer.status, answer.json_code()));
            }
            return (faults, 0);
        }
        let seen = seen.json();
        let offered: Vec<&str> = seen["allowedTransitions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step["to"].as_str().unwrap())
            .collect();
        if seen["status"] != state {
            // A kommun sees a decision only after it has been announced.
            faults.extend((!offered.is_empty()).then(|| format!("{place}: {} offers steps", seen["status"])));
        }
        let is_shown = seen["status"] == state;
        for (to, _) in &self.table.states {
            let fault = match offered.contains(to) {
                true => self.takes(who, to),
                false => self.refuses(who, to, is_shown.then_some(state)),
            };
            faults.extend(fault.map(|fault| format!("{place} to {to}, offered {offered:?}: {fault}")));
        }
        (faults, offered.len())
    }

    /// The answer to a step in a dry run, so that the status stays.
    pub(super) fn tried(&self, who: &Client, to: &str) -> Response {
        let item = json!({"id": self.id, "to": to, "comment": "Därför."});
        let batch = format!("{}/status-changes/batch", self.collection);
        who.post(&batch, json!({"dryRun": true, "items": [item]}))
    }

    /// Whether the resource offers a step to somebody.
    pub(super) fn offers(&self, who: &Client, to: &str) -> bool {
        let seen = who.get(&self.path).is(200);
        seen["allowedTransitions"].as_array().unwrap().iter().any(|step| step["to"] == to)
    }

    /// An offered step succeeds or is refused because of the data.
    fn takes(&self, who: &Client, to: &str) -> Option<String> {
        let answer = self.tried(who, to);
        if answer.status != 200 {
            return Some(format!("tried: {}", answer.text));
        }
        let code = answer.json()["items"][0]["problem"]["code"].as_str().unwrap_or_default().to_owned();
        let is_wrong = ["transitionNotAllowed", "notYours", "forbidden", "notFound"].contains(&code.as_str());
        is_wrong.then(|| format!("tried: {code}"))
    }

    /// Another step is refused, and the refusal names the status that the caller sees.
    fn refuses(&self, who: &Client, to: &str, shown: Option<&str>) -> Option<String> {
        let answer = who.change_because(&self.path, to, "Därför.");
        // A missing field in `data` is refused before the workflow is checked.
        if answer.status == 422 && answer.faults().iter().all(|(pointer, _)| pointer.starts_with("/data")) {
            return None;
        }
        if ![403, 409].contains(&answer.status) {
            return Some(format!("{}: {}", answer.status, answer.text));
        }
        let problem = answer.json();
        let is_wrong = problem["code"] == "transitionNotAllowed"
            && shown.is_some_and(|state| problem["currentStatus"] != state);
        is_wrong.then(|| problem.to_string())
    }
}

/// An id as SQL writes it.
pub(super) fn literal(t: &TestApp, id: &str) -> String {
    match t.kind() {
        Kind::Sqlite => format!("X'{}'", id.replace('-', "")),
        Kind::Postgres => format!("'{id}'"),
    }
}

/// Writes one row directly in the database.
pub(super) fn execute(t: &TestApp, statement: &str) {
    t.write(|tx| {
        assert_eq!(sql_query(statement).execute(tx.db)?, 1, "{statement}");
        tx.invalidate_callers();
        Ok(())
    });
}

/// A resource as the programme manager or the operator sees it.
fn seen(t: &TestApp, world: &World, path: &str) -> Value {
    let by_manager = world.manager.get(path);
    if by_manager.status == 200 { by_manager.json() } else { t.admin().get(path).is(200) }
}

/// A signatory of the world's avsiktsförklaring.
pub(super) fn signatory(t: &TestApp, world: &World) -> Client {
    let client = t.person("Kommunchef", &[]);
    let (person, letter) = (client.id(), world.id("avsiktsforklaringId").parse().unwrap());
    t.write(|tx| {
        let wanted = Wanted {
            subject_id: Some(letter),
            ..Wanted::new(person, Role::Signatory, world.programme, Some(BODEN), tx.ctx.today())
        };
        roles::grant(tx, &wanted)?;
        Ok(())
    });
    client
}

both!(every_role_requests_every_status_from_every_status, |t| {
    let world = World::new(t);
    let callers: Vec<(Role, Client)> = Role::ALL
        .iter()
        .map(|role| match role {
            Role::Participant => (*role, world.maja.client.clone()),
            Role::Signatory => (*role, signatory(t, &world)),
            _ => (*role, holder(t, *role, world.programme, BODEN)),
        })
        .collect();
    let workflows = samverkan::app::workflows();
    let (mut faults, mut offers) = (Vec::new(), 0);
    for table in &workflows {
        let subject = Subject::of(t, &world, table);
        let before = seen(t, &world, &subject.path)["status"].as_str().unwrap().to_owned();
        for (state, _) in &table.states {
            subject.put(t, state);
            for (role, who) in &callers {
                // A disabled person cannot send requests.
                if subject.stored_in == "people" && *role == Role::Participant {
                    continue;
                }
                let (wrong, offered) = subject.faults(state, *role, who);
                faults.extend(wrong);
                offers += offered;
            }
        }
        subject.put(t, &before);
    }
    assert!(offers > 30, "only {offers} steps were offered");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});

/// One step of a random walk: the index of the caller, of the requested status, and whether to choose among the offered ones.
type Step = (usize, usize, bool);

both!(a_random_walk_follows_the_workflow, |t| {
    let network = Network::new(t);
    let callers = [
        (Role::ProgrammeManager, &network.manager),
        (Role::Coordinator, &network.coordinator),
        (Role::ProcessSupporter, &network.supporter),
    ];
    let workflows = samverkan::app::workflows();
    let table = workflows.iter().find(|table| table.name == "milestone").unwrap();
    let path = network.milestone(BODEN, "policyDocument");
    let history = || network.manager.get(&format!("{path}/status-changes")).is(200);
    let step = (0..callers.len(), 0..table.states.len(), proptest::bool::ANY);
    let steps = proptest::collection::vec(step, 1..12);
    let taken = std::cell::Cell::new(0);
    property(40, &steps, |steps: Vec<Step>| {
        for (caller, to, is_offered) in steps {
            let (role, who) = callers[caller];
            let before = who.get(&path).is(200);
            let offered = before["allowedTransitions"].as_array().unwrap();
            let to = match offered.get(to % offered.len().max(1)).filter(|_| is_offered) {
                Some(offer) => offer["to"].as_str().unwrap(),
                None => table.states[to].0,
            };
            let from = before["status"].as_str().unwrap();
            let mut body = json!({"to": to, "comment": "Därför."});
            if to == "submitted" {
                body["data"] = json!({"decision": decision()});
            }
            let length = history()["items"].as_array().unwrap().len();
            let answer = who.post(&format!("{path}/status-changes"), body);
            let allowed = table.requested(from, to, &[role.code()], Some("Därför."));
            let code = answer.json_code();
            match allowed {
                Err(problem) => prop_assert_eq!(&code, problem.code.as_str(), "{} to {}", from, to),
                Ok(()) => prop_assert!(
                    !["transitionNotAllowed", "notYours"].contains(&code.as_str()) && answer.status < 500,
                    "{from} to {to} by {role}: {code}"
                ),
            }
            let (after, history) = (who.get(&path).is(200), history());
            let is_taken = usize::from(answer.status == 200);
            taken.set(taken.get() + is_taken);
            prop_assert_eq!(after["status"].as_str().unwrap(), if is_taken == 1 { to } else { from });
            let moved = after["version"].as_u64().unwrap() - before["version"].as_u64().unwrap();
            prop_assert_eq!(moved, is_taken as u64);
            let changes = history["items"].as_array().unwrap();
            prop_assert_eq!(changes.len(), length + is_taken);
            if is_taken == 1 {
                let last = changes.last().unwrap();
                prop_assert_eq!(&last["from"], from);
                prop_assert_eq!(&last["role"], role.code());
            }
        }
        Ok(())
    });
    assert!(taken.get() > 20, "only {} steps were taken", taken.get());
});
