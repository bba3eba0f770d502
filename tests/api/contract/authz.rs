//! Who may do what: every operation of the document, tried by every role in its own and in another programme, and by
//! nobody. `elsewhere` tries them on real things of another kommun. What is expected is the policy table; `docs/generated/authorization.md` shows it beside the operations.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use samverkan::identity::policy::{ACTIONS, Role};
use samverkan::platform::auth::action::{Access, ActionRow};
use samverkan::platform::auth::scope::Reach;
use samverkan::platform::codes::Codes as _;
use samverkan::platform::ids::Id;
use samverkan::schema::role_assignments;

use diesel::prelude::*;

use super::generated::generated;
use crate::both;
use crate::programmes::draft;
use crate::support::documented::document;
use crate::support::{Client, Response, TestApp};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An operation with its row of the policy table; none for what is open by nature (login, this very document).
pub(super) struct Operation {
    pub method: String,
    pub path: String,
    id: String,
    pub has_body: bool,
    pub row: Option<&'static ActionRow>,
}

pub(super) fn operations() -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let action = operation["x-permission"].as_str();
            found.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                id: operation["operationId"].as_str().unwrap().to_owned(),
                has_body: operation.get("requestBody").is_some(),
                row: action.map(|name| *ACTIONS.iter().find(|row| row.name == name).unwrap()),
            });
        }
    }
    found
}

impl Operation {
    /// The path with made-up ids, but for those that are given.
    pub fn filled(&self, known: &[(&str, &str)]) -> String {
        let mut path = self.path.clone();
        while let Some((start, rest)) = path.split_once('{') {
            let (name, tail) = rest.split_once('}').unwrap();
            let value = known.iter().find(|(parameter, _)| *parameter == name).map(|(_, value)| *value);
            let made_up = match name {
                "month" => "2021-03",
                "kommunkod" => "9999",
                "name" => "nothing",
                _ => "0175a2e1-7c00-7000-8000-00000000dead",
            };
            path = format!("{start}{}{tail}", value.unwrap_or(made_up));
        }
        path
    }

    /// Its method and path.
    pub fn name(&self) -> (&str, &str) {
        (&self.method, &self.path)
    }

    /// Asks with an empty object where a body belongs.
    pub fn send(&self, client: &Client, path: &str) -> Response {
        let body = self.has_body.then(|| ("application/json", "{}".to_owned()));
        client.send(&self.method, path, body)
    }
}

/// Where a role's assignment lies: nowhere in particular, in a programme, or in a kommun of it.
pub(super) fn place(
    role: Role,
    programme: Id,
    kommunkod: &'static str,
) -> (Role, Option<Id>, Option<&'static str>) {
    match role {
        Role::SystemAdmin => (role, None, None),
        Role::ProgrammeManager | Role::Economist | Role::MethodDeveloper | Role::Auditor => {
            (role, Some(programme), None)
        }
        _ => (role, Some(programme), Some(kommunkod)),
    }
}

/// Somebody with this one role, logged in.
pub(super) fn holder(t: &TestApp, role: Role, programme: Id, kommunkod: &'static str) -> Client {
    let client = t.person(role.as_str(), &[place(role, programme, kommunkod)]);
    if role == Role::Signatory {
        // A signatory's role is for one letter; any id will do here.
        names(t, client.id(), client.id());
    }
    client
}

/// Lets a person's roles hold for one thing alone.
pub(super) fn names(t: &TestApp, person: Id, subject: Id) {
    t.write(|tx| {
        let theirs = role_assignments::table.filter(role_assignments::person_id.eq(person));
        diesel::update(theirs).set(role_assignments::subject_id.eq(Some(subject))).execute(tx.db)?;
        Ok(())
    });
}

pub(super) fn may_at_all(row: &ActionRow, role: Role) -> bool {
    row.access != Access::Roles || row.roles.iter().any(|grant| grant.role == role.as_str())
}

fn reaches_everywhere(row: &ActionRow, role: Role) -> bool {
    row.roles.iter().any(|grant| grant.role == role.as_str() && grant.reach == Reach::Installation)
}

both!(every_operation_refuses_every_role_that_lacks_its_action, |t| {
    let (here, elsewhere) = (draft(t), draft(t));
    let mut faults = Vec::new();
    for role in Role::ALL {
        let (own, other) = (holder(t, *role, here, "2582"), holder(t, *role, elsewhere, "0180"));
        for operation in operations() {
            let Some(row) = operation.row else { continue };
            let known = here.to_string();
            let made_up = operation.filled(&[]);
            let existing = operation.filled(&[("programmeId", &known), ("kommunkod", "2582")]);
            let place = format!("{} {} by {}", operation.method, operation.path, role.as_str());
            let mut check = |who: &Client, path: &str, whose: &str| {
                // Anew each time: an operation before this one may have ended the login.
                let answer = operation.send(&t.login(who.id()), path);
                let code = answer.json_code();
                let is_refused = (answer.status, code.as_str()) == (403, "forbidden");
                if is_refused == may_at_all(row, *role) || answer.status == 401 || answer.status >= 500 {
                    faults.push(format!("{place}, {whose}: {} {code}", answer.status));
                }
                answer
            };
            check(&own, &made_up, "made-up id");
            check(&own, &existing, "own programme");
            let answer = check(&other, &existing, "another programme");
            let is_in_programme = operation.path.contains("{programmeId}");
            if is_in_programme
                && row.access == Access::Roles
                && may_at_all(row, *role)
                && !reaches_everywhere(row, *role)
                && answer.status != 404
            {
                faults.push(format!("{place}: another programme's is {} and not 404", answer.status));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});

both!(nobody_is_asked_to_log_in, |t| {
    let programme = draft(t).to_string();
    let nobody = t.anonymous();
    let mut faults = Vec::new();
    for operation in operations() {
        let Some(row) = operation.row else { continue };
        for path in [operation.filled(&[]), operation.filled(&[("programmeId", &programme)])] {
            let answer = operation.send(&nobody, &path);
            let is_asked = answer.status == 401;
            if is_asked == (row.access == Access::Anyone) || answer.status == 403 || answer.status >= 500 {
                faults.push(format!("{} {}: {}", operation.method, operation.path, answer.status));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
});

/// Open by nature: they have no row in the policy table.
const OPEN: &[&str] =
    &["getApiInfo", "apiInfo", "openapiJson", "openapiYaml", "getOpenapiJson", "getOpenapiYaml"];

#[test]
fn every_action_has_an_operation_and_every_operation_an_action() {
    let operations = operations();
    let used: BTreeSet<&str> = operations.iter().filter_map(|o| o.row).map(|row| row.name).collect();
    let unused: Vec<&str> = ACTIONS.iter().map(|row| row.name).filter(|name| !used.contains(name)).collect();
    // The clock of the demonstration is moved by an operation that `serve` has not.
    let unused: Vec<&str> = unused.into_iter().filter(|name| *name != "demo.advanceClock").collect();
    assert!(unused.is_empty(), "no operation has the actions {unused:?}");
    let open: Vec<&str> = operations
        .iter()
        .filter(|operation| operation.row.is_none())
        .map(|operation| operation.id.as_str())
        .collect();
    let unknown: Vec<&&str> = open.iter().filter(|id| !OPEN.contains(id)).collect();
    assert!(unknown.is_empty(), "without an action: {unknown:?}");
}

#[test]
fn the_matrix_is_checked_in() {
    let mut text = String::from(
        "# Who may do what\n\nGenerated by `scripts/regen` from `src/identity/policy.rs` and the OpenAPI document. \
         Do not edit.\n\nA role stands with how far it reaches: the whole installation, its programme, its kommun in \
         the programme, its organisation there (kommun or owner), the owner's own people, the person's own (everywhere, or \
         there: in the assignment's kommun or with the owner), the one subject that the assignment names, or what the API client delivered. Rules about one object's state or about \
         whose work it is come on top, in each resource's `rules.rs`.\n\n## Actions\n\n| Action | What | Who |\n|---|---|---|\n",
    );
    for row in ACTIONS {
        writeln!(text, "| `{}` | {} / {} | {} |", row.name, row.sv, row.en, who(row)).unwrap();
    }
    text.push_str("\n## Operations\n\n| Operation | Action |\n|---|---|\n");
    for operation in operations() {
        let action = operation.row.map_or("open to anyone".to_owned(), |row| format!("`{}`", row.name));
        writeln!(text, "| `{} {}` | {action} |", operation.method, operation.path).unwrap();
    }
    text.push_str("\n## Roles\n\n| Role | Actions with their reach |\n|---|---|\n");
    for role in Role::ALL {
        let actions = ACTIONS.iter().filter_map(|row| {
            let grant = row.roles.iter().find(|grant| grant.role == role.as_str())?;
            Some(format!("`{}` ({})", row.name, reach(grant.reach)))
        });
        writeln!(text, "| `{}` | {} |", role.as_str(), actions.collect::<Vec<_>>().join(", ")).unwrap();
    }
    generated("docs/generated/authorization.md", &text);
}

fn who(row: &ActionRow) -> String {
    let roles = row.roles.iter().map(|grant| format!("{} ({})", grant.role, reach(grant.reach)));
    let roles = roles.collect::<Vec<_>>().join(", ");
    match (row.access, roles.is_empty()) {
        (Access::Roles, _) => roles,
        (Access::LoggedIn, true) => "everyone who has logged in".to_owned(),
        (Access::LoggedIn, false) => format!("everyone who has logged in, for their own; {roles}"),
        (Access::Anyone, true) => "anyone".to_owned(),
        (Access::Anyone, false) => format!("anyone; {roles}"),
    }
}

fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Installation => "installation",
        Reach::Programme => "programme",
        Reach::Kommun => "kommun",
        Reach::Organisation => "organisation",
        Reach::Owner => "owner",
        Reach::Own => "own",
        Reach::OwnThere => "own there",
        Reach::Subject => "subject",
        Reach::Client => "client",
    }
}
