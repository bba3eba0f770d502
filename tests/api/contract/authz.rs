//! Permissions: every operation of the document, tried by every role in its own programme and in another, and without a
//! token. The policy table says what is expected; `docs/generated/authorization.md` shows it beside the operations.
//! `tenant_isolation` tries the operations on existing things of another kommun.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use samverkan::identity::policy::{ACTIONS, Role};
use samverkan::platform::auth::action::{Access, ActionRow};
use samverkan::platform::auth::scope::Reach;
use samverkan::platform::ids::Id;
use samverkan::schema::role_assignments;

use diesel::prelude::*;

use super::generated::generated;
use super::operations::operations;
use crate::both;
use crate::programmes::draft;
use crate::support::{Client, TestApp};

/// A role with the place that its assignment needs: none, a programme, or a kommun in a programme.
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

/// A person with this one role, logged in.
pub(super) fn holder(t: &TestApp, role: Role, programme: Id, kommunkod: &'static str) -> Client {
    let client = t.person(role.as_str(), &[place(role, programme, kommunkod)]);
    if role == Role::Signatory {
        // A signatory's role is for one letter; any id works here.
        names(t, client.id(), client.id());
    }
    client
}

/// Limits a person's roles to one subject.
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
                // A new login each time: an earlier operation may have ended the session.
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

both!(operations_that_are_not_open_ask_for_a_login, |t| {
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

/// Operations without an action: they describe the API itself.
const WITHOUT_ACTION: &[&str] = &["/api-info"];

#[test]
fn every_action_has_an_operation_and_every_operation_an_action() {
    let operations = operations();
    let used: BTreeSet<&str> = operations.iter().filter_map(|o| o.row).map(|row| row.name).collect();
    let unused: Vec<&str> = ACTIONS.iter().map(|row| row.name).filter(|name| !used.contains(name)).collect();
    // Only the demonstration has the operation that moves the clock.
    let unused: Vec<&str> = unused.into_iter().filter(|name| *name != "demo.advanceClock").collect();
    assert!(unused.is_empty(), "no operation has the actions {unused:?}");
    let without = operations.iter().filter(|operation| operation.row.is_none());
    assert_eq!(without.map(|operation| operation.path.as_str()).collect::<Vec<_>>(), WITHOUT_ACTION);
}

#[test]
fn authorization_md_is_generated_from_the_policy() {
    let mut text = String::from(
        "# Who may do what\n\nGenerated by `scripts/regen` from `src/identity/policy.rs` and the OpenAPI document. \
         Do not edit.\n\nThe reach of a role is in parentheses: the whole installation, the programme of the assignment, its \
         kommun, its organisation (kommun or owner), the owner's staff, the person's own objects (everywhere, or there: in the \
         organisation of the assignment), the one object that the assignment names, or what the API client delivered. \
         Further rules about the state of an object or its author are in each resource's `rules.rs`.\n\n## Actions\n\n| Action | What | Who |\n|---|---|---|\n",
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
        let mut actions: Vec<String> = actions.collect();
        let only_common = WITH_COMMON_ACTIONS.iter().find(|(known, _)| known == role);
        assert_eq!(actions.is_empty(), only_common.is_some(), "{role}");
        actions.extend(only_common.map(|(_, why)| format!("only {}: {why}", common())));
        writeln!(text, "| `{}` | {} |", role.as_str(), actions.join(", ")).unwrap();
    }
    generated("docs/generated/authorization.md", &text);
}

/// The roles that have no actions of their own yet, each with the reason.
const WITH_COMMON_ACTIONS: &[(Role, &str)] = &[
    (
        Role::Registrar,
        "its own, the disclosure and the archive export of the kommun's case, are not built yet; the role can be granted already",
    ),
    (
        Role::HrIntegration,
        "its own, importing time entries and reading their outcome, are not built yet; a system can log in already, and will never \
         sign or attest",
    ),
];

/// What everyone who has logged in may do.
fn common() -> String {
    let common = ACTIONS.iter().filter(|row| row.access != Access::Roles);
    common.map(|row| format!("`{}`", row.name)).collect::<Vec<_>>().join(", ")
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
        Reach::OwnInOrganisation => "own in the organisation",
        Reach::Subject => "subject",
        Reach::Client => "client",
    }
}
