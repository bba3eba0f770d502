//! The world in which everything is tried, and what its objects depend on, put into every state directly in the database.

use samverkan::identity::policy::Role;
use samverkan::platform::workflow::WorkflowTable;
use serde_json::{Value, json};

use crate::contract::authz::holder;
use crate::contract::steps::{Subject, execute, literal, signatory};
use crate::contract::world::World;
use crate::goals::BODEN;
use crate::support::{Client, TestApp};
use crate::time::{Member, entered, member};

/// The fields by which an object names what it depends on, with the table of that.
const DEPENDS: [(&str, &str); 4] = [
    ("month", "programme_months"),
    ("timeReportId", "time_reports"),
    ("applicationId", "applications"),
    ("programmeId", "programmes"),
];

/// What is in another state than usual while a subject is tried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Around(Vec<(&'static str, &'static str)>);

impl Around {
    /// The state of the month; what belongs to no month has none.
    pub fn month(&self) -> Option<&'static str> {
        self.0.iter().find(|(table, _)| *table == "programme_months").map(|(_, state)| *state)
    }
}

/// The world and what its types depend on.
pub struct Stage<'t> {
    pub t: &'t TestApp,
    pub world: World,
    /// Somebody in Boden's team who has entered time and not signed it.
    pub member: Member,
    /// The ids of what others depend on, by table, with their usual state.
    usual: Vec<(&'static str, String, String)>,
    /// The hash of the report's content, which a signed report has.
    sha256: String,
}

fn states_of(table: &str) -> Vec<&'static str> {
    let workflows = samverkan::app::workflows();
    let known = workflows.iter().find(|known| known.stored_in == table);
    known.map_or(Vec::new(), |known| known.states.iter().map(|(state, _)| *state).collect())
}

impl<'t> Stage<'t> {
    pub fn new(t: &'t TestApp) -> Self {
        let world = World::new(t);
        let member = member(t, world.programme, BODEN, 7);
        let entry = entered(&member, "2021-01-12", 120).to_string();
        let own = member.client.get(&format!("/time-entries/{entry}")).is(200)["timeReportId"].clone();
        let month = format!("/programmes/{}/months/2021-01", world.programme);
        let paths = [
            ("programme_months", month),
            ("time_reports", format!("/time-reports/{}", own.as_str().unwrap())),
            ("applications", format!("/applications/{}", world.id("applicationId"))),
            ("programmes", format!("/programmes/{}", world.programme)),
            ("time_entries", format!("/time-entries/{entry}")),
        ];
        let (mut usual, mut sha256) = (Vec::new(), String::new());
        for (table, path) in paths {
            let shown = world.manager.get(&path).is(200);
            let text = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
            if table == "time_reports" {
                sha256 = text("contentSha256");
            }
            usual.push((table, text("id"), text("status")));
        }
        Self { t, world, member, usual, sha256 }
    }

    /// The subjects: of each type one, and of reports and entries those of somebody who has not signed anything yet.
    pub fn subjects<'w>(&self, workflows: &'w [WorkflowTable]) -> Vec<Subject<'w>> {
        let subject = |table: &'w WorkflowTable| {
            let subject = Subject::of(self.t, &self.world, table);
            match table.stored_in {
                own @ ("time_reports" | "time_entries") => subject.at(self.id_of(own)),
                _ => subject,
            }
        };
        workflows.iter().map(subject).collect()
    }

    fn id_of(&self, table: &str) -> &str {
        self.usual.iter().find(|(known, ..)| *known == table).map(|(_, id, _)| id.as_str()).unwrap()
    }

    /// The states of its month for an object that belongs to one.
    pub fn months_of(&self, shown: &Value, table: &WorkflowTable) -> Vec<Option<&'static str>> {
        if shown["month"].is_string() && table.stored_in != "programme_months" {
            states_of("programme_months").into_iter().map(Some).collect()
        } else {
            vec![None]
        }
    }

    /// Every state of what an object depends on: of its month and report together, of the rest one by one.
    pub fn surroundings(&self, shown: &Value, table: &WorkflowTable) -> Vec<Around> {
        let depends = |field: &str, on: &str| shown[field].is_string() && table.stored_in != on;
        let mut all: Vec<Vec<(&'static str, &'static str)>> = vec![Vec::new()];
        for (_, on) in DEPENDS.into_iter().take(2).filter(|(field, on)| depends(field, on)) {
            let with = |around: &Vec<_>, state| around.iter().copied().chain([(on, state)]).collect();
            let each = |around| states_of(on).into_iter().map(move |state| with(around, state));
            all = all.iter().flat_map(each).collect();
        }
        for (field, on) in DEPENDS.into_iter().skip(2).filter(|(field, on)| depends(field, on)) {
            // An object below another names it in its path, and is gone with it.
            if !table.path.starts_with("/programmes/") || field != "programmeId" {
                all.extend(states_of(on).into_iter().map(|state| vec![(on, state)]));
            }
        }
        if table.stored_in == "time_reports" {
            all.extend(states_of("time_entries").into_iter().map(|state| vec![("time_entries", state)]));
        }
        all.into_iter().map(Around).collect()
    }

    /// Puts what a subject depends on into these states.
    pub fn put(&self, around: &Around) {
        around.0.iter().for_each(|(table, state)| self.put_row(table, self.id_of(table), state));
    }

    /// Puts everything back.
    pub fn put_back(&self, around: &Around, subject: &Subject<'_>, before: &Value) {
        for (table, id, state) in &self.usual {
            if around.0.iter().any(|(changed, _)| changed == table) {
                self.put_row(table, id, state);
            }
        }
        self.put_state(subject, before["status"].as_str().unwrap());
    }

    /// The states of what others depend on.
    pub fn states_of(&self, table: &str) -> Vec<&'static str> {
        states_of(table)
    }

    /// Puts something that others depend on into a state, or back into its usual one.
    pub fn put_usual(&self, table: &str, state: Option<&str>) {
        let (_, id, usual) = self.usual.iter().find(|(known, ..)| *known == table).unwrap();
        self.put_row(table, id, state.unwrap_or(usual));
    }

    /// Puts a subject into a state.
    pub fn put_state(&self, subject: &Subject<'_>, state: &str) {
        self.put_row(subject.table.stored_in, &subject.id, state);
    }

    fn put_row(&self, table: &str, id: &str, state: &str) {
        let id = literal(self.t, id);
        let is_unsigned = ["open", "returned", "empty", "unsigned"].contains(&state);
        let hash = if is_unsigned { "NULL".to_owned() } else { format!("'{}'", self.sha256) };
        let more = if table == "time_reports" { format!(", content_sha256 = {hash}") } else { String::new() };
        execute(self.t, &format!("UPDATE {table} SET status = '{state}'{more} WHERE id = {id}"));
    }

    /// Every role in Boden.
    pub fn callers(&self) -> Vec<(Role, Client)> {
        let caller = |role: &Role| match role {
            Role::Participant => self.member.client.clone(),
            Role::Signatory => signatory(self.t, &self.world),
            _ => holder(self.t, *role, self.world.programme, BODEN),
        };
        Role::ALL.iter().map(|role| (*role, caller(role))).collect()
    }

    /// Lets January take Boden's time in every state.
    pub fn grant_exception(&self) {
        let body = json!({
            "programmeId": self.world.programme,
            "month": "2021-01",
            "kommunkod": BODEN,
            "expiresAt": "2021-03-31",
            "reason": "Tidsystemet låg nere.",
        });
        self.world.manager.post("/month-exceptions", body).is(201);
    }
}
