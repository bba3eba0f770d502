//! What is offered is true: each step in `allowedTransitions` can be taken and each other is refused, and a link to change
//! something is there only while it can be changed. Every type with states is tried in every state of its own and of what it
//! depends on (its month, report, application, programme, entries), by every role and by somebody who holds several; and
//! everything that the demonstration shows is followed by each of its logins. No resource is named here: a new one is covered.

mod attempts;
mod changes;
pub mod demonstration;
mod needs;
mod stage;
mod tasks;

use std::collections::BTreeSet;

use samverkan::identity::policy::Role;
use samverkan::platform::codes::Codes as _;
use samverkan::platform::workflow::{By, WorkflowTable};
use serde_json::Value;

use super::authz::may_at_all;
use super::operations::operations;
use super::steps::Subject;
use crate::both;
use crate::goals::BODEN;
use crate::support::Client;
use attempts::{Verdict, verdict};
use stage::Stage;

/// What steps require of things that are not in this world: the sheet of somebody who has left (`time::time_reports`), another
/// kind of milestone, and a late one (`goals::milestones`), and a pool that was chosen from (`calls::selection_proposals`).
const IN_STORIES: [&str; 7] = [
    "application publicReason",
    "timeReport checkedBy",
    "timeReport signedOn",
    "milestone decision",
    "milestone latenessJustification",
    "selectionProposal decision",
    "selectionProposal unprovenReason",
];

/// What was tried, and what was wrong.
#[derive(Default)]
struct Findings {
    /// Type, state, role and state of the month.
    seen: BTreeSet<String>,
    /// Type, step and role.
    taken: BTreeSet<String>,
    /// The members of `data` that steps said they require, by type.
    required: BTreeSet<String>,
    /// How many things without states were compared with their links.
    changes: usize,
    faults: BTreeSet<String>,
}

fn combination(table: &WorkflowTable, state: &str, role: &str, month: Option<&str>) -> String {
    format!("{} in {state} by {role} in a month {}", table.name, month.unwrap_or("-"))
}

fn step(table: &WorkflowTable, from: &str, to: &str, role: &str) -> String {
    format!("{} from {from} to {to} by {role}", table.name)
}

/// The path templates with a PATCH.
fn changeable() -> BTreeSet<String> {
    let patches = operations().into_iter().filter(|operation| operation.method == "PATCH");
    patches.map(|operation| operation.path).collect()
}

impl Stage<'_> {
    /// Tries everything with one subject.
    fn walk(&self, subject: &Subject<'_>, callers: &[(Role, Client)], found: &mut Findings) {
        let before = subject.seen(self.t, &self.world);
        for (index, around) in self.surroundings(&before, subject.table).into_iter().enumerate() {
            // Steps that are not offered are tried in the first of them, and of what has few states in each: there are too many.
            let tries_all = index == 0 || subject.table.states.len() <= 3;
            self.put(&around);
            for (state, _) in &subject.table.states {
                self.put_state(subject, state);
                for (role, who) in callers {
                    // A disabled person cannot send requests.
                    let is_self = subject.table.stored_in == "people" && *role == Role::Participant;
                    if is_self || !may_at_all(subject.action(), *role) {
                        continue;
                    }
                    found.seen.insert(combination(subject.table, state, role.code(), around.month()));
                    let answer = who.get(&subject.path);
                    if answer.status != 200 {
                        continue;
                    }
                    let seen = answer.json();
                    let place = format!("{} in {state} by {role}, {around:?}", subject.table.name);
                    compare(subject, &seen, (state, *role, who), &place, tries_all, found);
                    let links = changes::faults(&seen, subject.table.path, &subject.path, who, &place);
                    found.faults.extend(links);
                }
            }
            self.put_back(&around, subject, &before);
        }
    }
}

/// What one caller is offered against what the steps answer.
fn compare(
    subject: &Subject<'_>,
    seen: &Value,
    (state, role, who): (&str, Role, &Client),
    place: &str,
    tries_all: bool,
    found: &mut Findings,
) {
    let steps = seen["allowedTransitions"].as_array().unwrap();
    let offered: Vec<&str> = steps.iter().map(|step| step["to"].as_str().unwrap()).collect();
    for offer in steps {
        let (faults, required) = needs::faults(who, &subject.collection, seen, subject.data(), offer);
        found.faults.extend(faults.iter().map(|fault| format!("{place} to {}: {fault}", offer["to"])));
        found.required.extend(required.iter().map(|name| format!("{} {name}", subject.table.name)));
    }
    let is_tried = |to: &str| tries_all || offered.contains(&to);
    for (to, _) in subject.table.states.iter().filter(|(to, _)| is_tried(to)) {
        match (offered.contains(to), verdict(who, &subject.collection, seen, subject.data(), to)) {
            (true, Verdict::Taken) => _ = found.taken.insert(step(subject.table, state, to, role.code())),
            (true, Verdict::Refused(told)) => {
                found.faults.insert(format!("offered: {place} to {to}: {told}"));
            }
            // What the attempts send along may break a rule that has nothing to do with the state.
            (true, Verdict::Wants) => {}
            (false, Verdict::Taken) => {
                _ = found.faults.insert(format!("not offered, but taken: {place} to {to}"))
            }
            (false, _) => {}
        }
    }
}

/// The combinations that the workflows allow: each state that people lead on from, each role that does, and each state of a month
/// for what belongs to one; and the steps themselves.
fn expected(stage: &Stage<'_>, subjects: &[Subject<'_>]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut combinations, mut steps) = (BTreeSet::new(), BTreeSet::new());
    for subject in subjects {
        let months = stage.months_of(&subject.seen(stage.t, &stage.world), subject.table);
        for row in &subject.table.rows {
            let By::Roles(roles) = row.by else { continue };
            for (state, role) in row.from.iter().flat_map(|state| roles.iter().map(move |role| (state, role)))
            {
                combinations
                    .extend(months.iter().map(|month| combination(subject.table, state, role, *month)));
                steps.insert(step(subject.table, state, row.to, role));
            }
        }
    }
    (combinations, steps)
}

both!(what_is_offered_can_be_done_and_nothing_else, |t| {
    let stage = Stage::new(t);
    let workflows = samverkan::app::workflows();
    let subjects = stage.subjects(&workflows);
    let callers = stage.callers();
    let mut found = Findings::default();
    subjects.iter().for_each(|subject| stage.walk(subject, &callers, &mut found));
    // Somebody of the team who holds every role that decides, and a month that takes time because of an exception.
    let member = &stage.member.client;
    for role in [Role::Coordinator, Role::Attester] {
        t.grant(member, role, stage.world.programme, Some(BODEN));
    }
    for role in [Role::ProgrammeManager, Role::Economist] {
        t.grant(member, role, stage.world.programme, None);
    }
    stage.grant_exception();
    let both = [(Role::ProgrammeManager, member.clone())];
    subjects.iter().for_each(|subject| stage.walk(subject, &both, &mut found));
    stage.walk_stateless(&callers, &mut found);
    stage.walk_stateless(&both, &mut found);
    let (combinations, steps) = expected(&stage, &subjects);
    let faults: Vec<&str> = found.faults.iter().map(String::as_str).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    let missing: Vec<&String> = combinations.difference(&found.seen).collect();
    assert!(missing.is_empty(), "not tried: {missing:#?}");
    let declared = workflows.iter().flat_map(|table| {
        let needs = table.rows.iter().flat_map(|row| row.requires);
        needs.map(|need| format!("{} {}", table.name, need.member))
    });
    let mut unseen: BTreeSet<String> = declared.filter(|need| !found.required.contains(need)).collect();
    unseen.retain(|need| !IN_STORIES.contains(&need.as_str()));
    assert!(unseen.is_empty(), "never required: {unseen:?}; {:?}", found.required);
    assert!(100 < found.changes, "only {} links were compared", found.changes);
    // The rest of what the workflows allow needs another time or other data: the stories of each resource take those steps.
    let untaken: Vec<&String> = steps.difference(&found.taken).collect();
    assert!(60 < found.taken.len(), "only {} steps were taken; not {untaken:#?}", found.taken.len());
});
