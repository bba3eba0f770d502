//! The links to what can be done with a thing are there exactly while it can be done: `update` while a PATCH (or PUT) is accepted,
//! `changeStatus` while there are steps, `delete` only while a DELETE is accepted.

use serde_json::{Value, json};

use super::stage::Stage;
use super::{Findings, changeable};
use crate::contract::authz::may_at_all;
use crate::contract::operations::{Operation, operations};
use crate::support::Client;
use samverkan::identity::policy::Role;

/// What depends on what for things without states of their own: the field that names it, and its table.
const AROUND: [&str; 2] = ["programmes", "applications"];

fn operation(method: &str, path: &str) -> Option<Operation> {
    operations().into_iter().find(|operation| operation.name() == (method, path))
}

fn has(seen: &Value, method: &str, rel: &str) -> bool {
    let mut links = seen["_links"].as_array().unwrap().iter();
    links.any(|link| link["rel"] == rel && link["method"] == method)
}

/// The faults of the links of one thing, as its reader sees it. `template`: its path with the names of its parameters. The patch is
/// empty, so that nothing changes.
pub fn faults(seen: &Value, template: &str, path: &str, who: &Client, place: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(steps) = seen["allowedTransitions"].as_array()
        && has(seen, "POST", "changeStatus") == steps.is_empty()
    {
        faults.push(format!("{place}: changeStatus with {} steps", steps.len()));
    }
    // A role ends by a PATCH, whose link is called so.
    let is_named = !template.contains("role-assignments");
    if is_named && changeable().contains(template) {
        let is_offered = has(seen, "PATCH", "update");
        // The version may have moved: people's rows do, when they log in.
        let answer = who.header("If-Match", "*").patch(path, json!({}));
        let is_taken = match answer.status {
            // Dates of a plan that has passed break a rule, not the state.
            200 | 422 => true,
            403 | 404 | 409 => false,
            _ => return vec![format!("{place}: an empty change is {} {}", answer.status, answer.text)],
        };
        if is_offered != is_taken {
            faults.push(format!("{place}: the link update is {is_offered}, {}", answer.text));
        }
    }
    // A session ends by a DELETE, whose link is called so. What may be deleted is deleted in the stories.
    if operation("DELETE", template).is_some()
        && !template.contains("sessions")
        && !has(seen, "DELETE", "delete")
    {
        let answer = who.header("If-Match", "*").delete(path);
        if ![403, 404, 409].contains(&answer.status) {
            faults.push(format!("{place}: no link delete, but {} {}", answer.status, answer.text));
        }
    }
    faults
}

impl Stage<'_> {
    /// Tries the links of everything that can be changed and has no states, in every state of the programme and of the kommun's
    /// application.
    pub fn walk_stateless(&self, callers: &[(Role, Client)], found: &mut Findings) {
        let workflows = samverkan::app::workflows();
        let mut paths = changeable();
        paths.retain(|path| workflows.iter().all(|table| table.path != path));
        paths.retain(|path| !path.contains("role-assignments"));
        assert!(3 < paths.len(), "{paths:?}");
        for on in AROUND {
            for state in self.states_of(on) {
                self.put_usual(on, Some(state));
                for template in &paths {
                    self.compare_stateless(template, &format!("{on} {state}"), callers, found);
                }
            }
            self.put_usual(on, None);
        }
    }

    fn compare_stateless(
        &self,
        template: &str,
        around: &str,
        callers: &[(Role, Client)],
        found: &mut Findings,
    ) {
        let path = self.world.filled(template);
        let read = operation("GET", template).unwrap();
        for (role, who) in callers.iter().filter(|(role, _)| may_at_all(read.row.unwrap(), *role)) {
            let answer = who.get(&path);
            if answer.status == 200 {
                let place = format!("{template} by {role}, {around}");
                found.changes += 1;
                found.faults.extend(faults(&answer.json(), template, &path, who, &place));
            }
        }
    }
}
