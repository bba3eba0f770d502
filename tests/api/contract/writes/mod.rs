//! Every writing operation, as a request about one person's things: the steps that the workflows offer in every state, and the
//! other operations of the OpenAPI document, with the body of a wish or of the document's example. Nothing here names a
//! resource: a new one is covered once its test module offers one to the world.

mod decomposed;
mod invisible;
mod lock_order;
mod pairs;

use std::collections::{BTreeSet, HashMap};

use diesel::connection::SimpleConnection as _;
use samverkan::identity::policy::Role;
use samverkan::platform::db::Db;
use samverkan::platform::workflow::WorkflowTable;
use serde_json::{Value, json};

use super::authz::{holder, may_at_all};
use super::operations::{Operation, operations};
use super::steps::signatory;
use super::world::{Wish, World};
use crate::goals::BODEN;
use crate::support::documented::{document, resolved, template_of};
use crate::support::{Client, Response, TestApp};

const JSON: &str = "application/json";

/// One writing request.
pub struct Write {
    /// Method, path template, and the step.
    pub name: String,
    who: Client,
    method: String,
    path: String,
    body: Option<(&'static str, String)>,
    /// The statement that puts the resource into the state in which the request makes sense.
    state: Option<String>,
}

impl Write {
    /// Sends the request. States that a test puts into the database may provoke refusals that are not documented.
    pub fn send(&self) -> Response {
        self.who.unchecked().send(&self.method, &self.path, self.body.clone())
    }
}

/// Every writing request of a world.
pub struct Writes {
    pub all: Vec<Write>,
}

impl Writes {
    /// The writing requests of a world on PostgreSQL. From now on the rows of its database can be brought back.
    pub fn of(t: &TestApp, world: &World) -> Self {
        let callers = Callers::new(t, world);
        run(t, include_str!("restore.sql"));
        let mut all = Vec::new();
        for table in samverkan::app::workflows() {
            steps(t, world, &callers, &table, &mut all);
        }
        for operation in operations().into_iter().filter(|operation| operation.method != "GET") {
            if !operation.path.ends_with("/status-changes") {
                all.extend(others(t, world, &callers, &operation));
            }
        }
        // What is refused because of a state is sent in the first state in which it is done.
        let states: Vec<String> = all.iter().filter_map(|write| write.state.clone()).collect();
        for write in all.iter_mut().filter(|write| write.state.is_none()) {
            let mut tried = states.iter().collect::<BTreeSet<_>>().into_iter();
            if refused_for_its_state(t, write, RESTORE) {
                write.state = tried.find(|state| is_done(t, write, state)).cloned();
            }
        }
        Self { all }
    }
}

/// Whether the request, or the item of its batch, is refused with 409 in a state.
fn refused_for_its_state(t: &TestApp, write: &Write, state: &str) -> bool {
    run(t, &format!("{RESTORE}; {state}"));
    let answer = write.send();
    answer.status == 409 || (answer.status == 200 && answer.text.contains("\"status\":409"))
}

fn is_done(t: &TestApp, write: &Write, state: &str) -> bool {
    run(t, &format!("{RESTORE}; {state}"));
    let answer = write.send();
    answer.status < 300 && !answer.text.contains("\"problem\":")
}

/// Brings back the rows of the world, then the states that the requests need; of two that need different states of one resource
/// the later one wins.
pub fn prepare<'w>(t: &TestApp, writes: impl IntoIterator<Item = &'w Write>) {
    let states = writes.into_iter().filter_map(|write| write.state.as_deref());
    let statements: Vec<&str> = std::iter::once(RESTORE).chain(states).collect();
    run(t, &statements.join(";"));
}

const RESTORE: &str = "SELECT saved.restore()";

fn run(t: &TestApp, statements: &str) {
    t.write(|tx| {
        let Db::Postgres(connection) = &mut *tx.db else { panic!("PostgreSQL only") };
        connection.batch_execute(statements)?;
        tx.invalidate_callers();
        Ok(())
    });
}

/// One caller per role, all with roles about the same person's things; the participant is that person.
struct Callers {
    anonymous: Client,
    known: Vec<(Role, Client)>,
}

impl Callers {
    fn new(t: &TestApp, world: &World) -> Self {
        let client = |role: Role| match role {
            Role::Participant => world.maja.client.clone(),
            Role::Signatory => signatory(t, world),
            _ => holder(t, role, world.programme, BODEN),
        };
        // The person comes first: what the person may do is done by the person.
        let mut roles: Vec<Role> = Role::ALL.to_vec();
        roles.sort_by_key(|role| *role != Role::Participant);
        Self { anonymous: t.anonymous(), known: roles.into_iter().map(|role| (role, client(role))).collect() }
    }
}

/// The steps that are offered to somebody in some state, each once, and one batch.
fn steps(t: &TestApp, world: &World, callers: &Callers, table: &WorkflowTable, all: &mut Vec<Write>) {
    let path = world.filled(table.path);
    let seen = |who: &Client| Some(who.get(&path)).filter(|seen| seen.status == 200).map(|seen| seen.json());
    let first = callers.known.iter().find_map(|(_, who)| seen(who)).expect("somebody sees it");
    let id = first["id"].as_str().unwrap();
    let put = |state: &str| {
        let mut put = format!("UPDATE {} SET status = '{state}' WHERE id = '{id}'", table.stored_in);
        if table.stored_in == "time_entries" {
            // The entries of a signed report are not changed.
            put += &format!(
                "; UPDATE time_reports SET status = 'open' WHERE id IN (SELECT time_report_id FROM time_entries WHERE id = '{id}')"
            );
        }
        // Nobody has signed what is new.
        let unsigned = format!("{put}; DELETE FROM signatures WHERE subject_id = '{id}'");
        if table.initial.contains(&state) { unsigned } else { put }
    };
    let example = example(&format!("{}/status-changes", table.path), "post");
    let mut known = HashMap::new();
    for (state, _) in &table.states {
        run(t, &format!("{RESTORE}; {}", put(state)));
        for (_, who) in &callers.known {
            let seen = seen(who).unwrap_or_default();
            for offered in seen["allowedTransitions"].as_array().into_iter().flatten() {
                let to = offered["to"].as_str().unwrap();
                if seen["status"] == *state && known.insert((*state, to.to_owned()), ()).is_none() {
                    let mut body = json!({"to": to, "comment": "Därför."});
                    if let Some(example) = example.as_ref().filter(|example| example["to"] == to) {
                        body = changed(world, example.clone());
                    }
                    // Reports are signed, attested and approved as they were read.
                    if seen["contentSha256"].is_string() {
                        body["data"]["sha256"] = seen["contentSha256"].clone();
                    }
                    all.push(Write {
                        name: format!("{} {state} to {to}", table.name),
                        who: who.clone(),
                        method: "POST".to_owned(),
                        path: format!("{path}/status-changes"),
                        body: Some((JSON, body.to_string())),
                        state: Some(put(state)),
                    });
                }
            }
        }
    }
    let last = all
        .last()
        .filter(|write| write.path.starts_with(&path))
        .unwrap_or_else(|| panic!("{}: no step is offered", table.name));
    let (_, body) = last.body.clone().unwrap();
    let mut item: Value = serde_json::from_str(&body).unwrap();
    item["id"] = json!(id);
    let (collection, _) = path.rsplit_once('/').unwrap();
    let batch = Write {
        name: format!("{} batch", table.name),
        who: last.who.clone(),
        method: "POST".to_owned(),
        path: format!("{collection}/status-changes/batch"),
        body: Some((JSON, json!({"items": [item]}).to_string())),
        state: last.state.clone(),
    };
    all.push(batch);
}

/// The other operations, by the first caller who gets further than a refusal for lack of rights.
fn others(t: &TestApp, world: &World, callers: &Callers, operation: &Operation) -> Option<Write> {
    let path = world.filled(&operation.path);
    if path.ends_with("/status-changes/batch") {
        return None;
    }
    let wish = world.wishes().into_iter().find(|wish| is_of(wish, operation));
    let media = media_type(operation);
    let token = token_of(t, &path);
    let with_token = |mut body: Value| {
        if let (Some(token), Some(member)) = (&token, body.get_mut("token")) {
            *member = json!(token);
        }
        body
    };
    let body = || match (&wish, media) {
        (Some(wish), Some(media)) => Some((media, wish.body.to_string())),
        (None, Some(JSON)) => {
            let example = example(&operation.path, &operation.method.to_lowercase());
            Some((JSON, with_token(changed(world, example.unwrap_or_else(|| json!({})))).to_string()))
        }
        (None, Some(media)) => Some((media, form(example(&operation.path, "post")))),
        (_, None) => None,
    };
    let write = |who: &Client| Write {
        name: format!("{} {}", operation.method, operation.path),
        who: who.header("If-Match", "*"),
        method: operation.method.clone(),
        path: path.clone(),
        body: body(),
        state: None,
    };
    let Some(row) = operation.row.filter(|_| !operation.is_open()) else {
        return Some(write(&callers.anonymous));
    };
    let holders = callers.known.iter().filter(|(role, _)| may_at_all(row, *role));
    let reaches = |write: &Write| {
        run(t, RESTORE);
        ![401, 403, 404].contains(&write.send().status)
    };
    let mut tried: Vec<Write> = holders.map(|(_, who)| write(who)).collect();
    let at = tried.iter().position(reaches).unwrap_or(0);
    (at < tried.len()).then(|| tried.swap_remove(at))
}

/// The token of the mailed link whose id the path names, if there is one.
fn token_of(t: &TestApp, path: &str) -> Option<String> {
    let mails = t.mails();
    let ids = path.split('/').map(|part| format!("#{part}."));
    ids.filter(|mark| mark.len() == 38).find_map(|mark| {
        let (_, rest) = mails.iter().rev().find_map(|(_, text)| text.split_once(&mark))?;
        rest.split_whitespace().next().map(str::to_owned)
    })
}

fn is_of(wish: &Wish, operation: &Operation) -> bool {
    (wish.method, template_of(&wish.path)) == (operation.method.as_str(), Some(operation.path.as_str()))
}

fn media_type(operation: &Operation) -> Option<&'static str> {
    let content =
        &document()["paths"][&operation.path][operation.method.to_lowercase()]["requestBody"]["content"];
    content.as_object()?.keys().next().map(String::as_str)
}

/// The example of an operation's body, of whatever media type.
fn example(path: &str, method: &str) -> Option<Value> {
    let content = document()["paths"][path][method]["requestBody"]["content"].as_object()?;
    let media = content.values().next()?;
    let of_schema = || resolved(&media["schema"])["example"].clone();
    Some(media.get("example").cloned().unwrap_or_else(of_schema))
}

fn form(example: Option<Value>) -> String {
    let fields = example.unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().replace(' ', "+");
    let fields = fields.as_object().into_iter().flatten();
    fields.map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join("&")
}

/// An example that is about the world: its ids, and January 2021 for its last month.
fn changed(world: &World, mut example: Value) -> Value {
    let last = texts(&example).into_iter().filter_map(|text| month(&text)).max();
    let ahead = last.map_or(0, |last| 2021 * 12 - last);
    about(world, "", &mut example, ahead);
    example
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// The number of a month, or of a day's month, since year 0.
fn month(text: &str) -> Option<i32> {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split('-').collect();
    match parts.as_slice() {
        [year, month] | [year, month, _] if year.len() == 4 && parts.iter().all(|part| is_digits(part)) => {
            Some(year.parse::<i32>().ok()? * 12 + month.parse::<i32>().ok()? - 1)
        }
        _ => None,
    }
}

fn about(world: &World, name: &str, value: &mut Value, ahead: i32) {
    match value {
        Value::String(text) if world.knows(name) => world.id(name).clone_into(text),
        Value::String(text) => {
            if let Some(number) = month(text).map(|number| number + ahead) {
                let day = text.get(7..).unwrap_or_default();
                *text = format!("{:04}-{:02}{day}", number / 12, number % 12 + 1);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| about(world, name, item, ahead)),
        Value::Object(members) => {
            members.iter_mut().for_each(|(name, member)| about(world, name, member, ahead));
        }
        _ => {}
    }
}
