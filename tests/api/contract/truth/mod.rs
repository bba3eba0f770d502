//! `allowedTransitions` tells the truth: each step that is offered can be taken, and each that is not is refused. Every type with
//! states is tried in every state, in every state of its month and of its report, by every role and by people who hold several;
//! and everything that the demonstration shows is followed by every one of its logins. No resource is named here.

mod attempts;
mod demonstration;

use std::collections::BTreeSet;

use samverkan::identity::policy::Role;
use samverkan::platform::codes::Codes as _;
use samverkan::platform::workflow::{By, WorkflowTable};
use serde_json::{Value, json};

use super::authz::{holder, may_at_all};
use super::operations::operations;
use super::steps::{Subject, execute, literal, signatory};
use super::world::World;
use crate::both;
use crate::goals::BODEN;
use crate::support::{Client, TestApp};
use attempts::{Verdict, verdict};

/// The states of a month, and whether its instant of closing lies ahead.
const MONTHS: [&str; 4] = ["open", "grace", "closed", "locked"];

/// The states of what an object depends on: of its month and of its time report.
#[derive(Clone, Debug, PartialEq)]
struct Around {
    month: Option<&'static str>,
    report: Option<&'static str>,
}

/// What was tried, and what was wrong.
#[derive(Default)]
struct Findings {
    /// Type, state, role and state of the month.
    seen: BTreeSet<String>,
    /// The steps that were offered and taken.
    taken: BTreeSet<String>,
    faults: BTreeSet<String>,
}

fn combination(table: &WorkflowTable, state: &str, role: &str, month: Option<&str>) -> String {
    format!("{} in {state} by {role} in a month {}", table.name, month.unwrap_or("-"))
}

/// What a type's steps may depend on besides its own state, by the fields that its representation has.
fn surroundings(shown: &Value, reports: &WorkflowTable, is_month: bool) -> Vec<Around> {
    let has_month = shown["month"].is_string() && !is_month;
    let months: Vec<_> = if has_month { MONTHS.into_iter().map(Some).collect() } else { vec![None] };
    let states = reports.states.iter().map(|(state, _)| Some(*state));
    let reports: Vec<_> = if shown["timeReportId"].is_string() { states.collect() } else { vec![None] };
    let around = |month: Option<&'static str>| reports.iter().map(move |report| Around { month, report: *report });
    months.into_iter().flat_map(around).collect()
}

/// The world and what its types depend on.
struct Stage<'t> {
    t: &'t TestApp,
    world: World,
    month: String,
    report: String,
    /// The hash of the report's content, which a signed report has.
    sha256: String,
}

impl<'t> Stage<'t> {
    fn new(t: &'t TestApp) -> Self {
        let world = World::new(t);
        let month = world.manager.get(&format!("/programmes/{}/months/2021-01", world.programme)).is(200);
        let report = world.id("timeReportId").to_owned();
        let shown = world.manager.get(&format!("/time-reports/{report}")).is(200);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self { t, month: text(&month["id"]), sha256: text(&shown["contentSha256"]), report, world }
    }

    fn put_report(&self, state: &str) {
        let (id, hash) = (literal(self.t, &self.report), &self.sha256);
        let hash = if ["open", "returned", "empty", "unsigned"].contains(&state) {
            "NULL".to_owned()
        } else {
            format!("'{hash}'")
        };
        execute(self.t, &format!("UPDATE time_reports SET status = '{state}', content_sha256 = {hash} WHERE id = {id}"));
    }

    fn put(&self, around: &Around) {
        if let Some(state) = around.month {
            let id = literal(self.t, &self.month);
            execute(self.t, &format!("UPDATE programme_months SET status = '{state}' WHERE id = {id}"));
        }
        if let Some(state) = around.report {
            self.put_report(state);
        }
    }

    fn callers(&self) -> Vec<(Role, Client)> {
        let caller = |role: &Role| match role {
            Role::Participant => self.world.maja.client.clone(),
            Role::Signatory => signatory(self.t, &self.world),
            _ => holder(self.t, *role, self.world.programme, BODEN),
        };
        Role::ALL.iter().map(|role| (*role, caller(role))).collect()
    }

    /// Tries everything with one subject.
    fn walk(&self, subject: &Subject<'_>, callers: &[(Role, Client)], found: &mut Findings) {
        let shown = subject.seen(self.t, &self.world);
        let before = (shown["status"].as_str().unwrap().to_owned(), shown);
        let workflows = samverkan::app::workflows();
        let reports = workflows.iter().find(|table| table.name == "timeReport").unwrap();
        let is_month = subject.table.stored_in == "programme_months";
        for around in surroundings(&before.1, reports, is_month) {
            self.put(&around);
            for (state, _) in &subject.table.states {
                if subject.table.name == "timeReport" {
                    self.put_report(state);
                } else {
                    subject.put(self.t, state);
                }
                for (role, who) in callers {
                    let is_self = subject.table.stored_in == "people" && *role == Role::Participant;
                    let carries = may_at_all(subject.action(), *role);
                    if !is_self && carries {
                        self.compare(subject, state, &around, *role, who, found);
                    }
                }
            }
        }
        subject.put(self.t, &before.0);
    }

    /// What one caller is offered against what the steps answer.
    fn compare(
        &self,
        subject: &Subject<'_>,
        state: &str,
        around: &Around,
        role: Role,
        who: &Client,
        found: &mut Findings,
    ) {
        found.seen.insert(combination(subject.table, state, role.code(), around.month));
        let answer = who.get(&subject.path);
        if answer.status != 200 {
            return;
        }
        let seen = answer.json();
        let offered: Vec<&str> =
            seen["allowedTransitions"].as_array().unwrap().iter().map(|step| step["to"].as_str().unwrap()).collect();
        for (to, _) in &subject.table.states {
            let told = verdict(who, &subject.collection, &seen, subject.data(), to);
            let place = format!("{} in {state} to {to} by {role}, {around:?}", subject.table.name);
            match (offered.contains(to), told) {
                (true, Verdict::Taken) => {
                    found.taken.insert(format!("{} from {state} to {to} by {role}", subject.table.name));
                }
                (true, Verdict::Refused(told)) => {
                    found.faults.insert(format!("offered: {place}: {told}"));
                }
                (false, Verdict::Taken) => {
                    found.faults.insert(format!("not offered, but taken: {place}"));
                }
                (true, Verdict::Wants(told)) => {
                    found.taken.insert(format!("({told}) {place}"));
                }
                (false, _) => {}
            }
        }
    }
}

/// The combinations that the workflows allow: each state that people lead on from, each role that does, and each state of a month
/// for what belongs to one.
fn expected(stage: &Stage<'_>) -> BTreeSet<String> {
    let mut expected = BTreeSet::new();
    for table in &samverkan::app::workflows() {
        let shown = Subject::of(stage.t, &stage.world, table).seen(stage.t, &stage.world);
        let has_month = shown["month"].is_string() && table.stored_in != "programme_months";
        let months: Vec<_> = if has_month { MONTHS.into_iter().map(Some).collect() } else { vec![None] };
        for row in &table.rows {
            let By::Roles(roles) = row.by else { continue };
            for state in &row.from {
                for role in roles {
                    expected.extend(months.iter().map(|month| combination(table, state, role, *month)));
                }
            }
        }
    }
    expected
}

both!(an_offered_step_is_taken_and_another_refused, |t| {
    let stage = Stage::new(t);
    let callers = stage.callers();
    let workflows = samverkan::app::workflows();
    let subjects: Vec<_> = workflows.iter().map(|table| Subject::of(t, &stage.world, table)).collect();
    let mut found = Findings::default();
    for subject in &subjects {
        stage.walk(subject, &callers, &mut found);
    }
    let missing: Vec<String> = expected(&stage).difference(&found.seen).cloned().collect();
    println!("{}", found.taken.iter().cloned().collect::<Vec<_>>().join("\n"));
    let faults: Vec<String> = found.faults.into_iter().collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(missing.is_empty(), "not tried:\n{}", missing.join("\n"));
    let _ = (json!(null), operations().len());
});
