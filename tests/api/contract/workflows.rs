//! The tables of states, all of them: drawn in `docs/generated/workflows.md`, and tried with every state and every role.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use samverkan::identity::policy::Role;
use samverkan::platform::codes::Codes as _;
use samverkan::platform::problem::Code;
use samverkan::platform::workflow::{By, WorkflowTable};

use super::generated::{generated, sources};

/// States that nothing leads out of, on purpose: the work is done or over.
const FINAL: &[(&str, &[&str])] = &[
    ("programme", &["completed", "cancelled"]),
    ("application", &["expired", "merged", "rejected", "declined", "completed", "terminated", "withdrawn"]),
    ("avsiktsforklaring", &["revoked", "superseded"]),
    ("month", &["locked"]),
    ("timeEntry", &["voided"]),
];

fn is_final(table: &WorkflowTable, state: &str) -> bool {
    FINAL.iter().any(|(name, states)| *name == table.name && states.contains(&state))
}

fn has_way_out(table: &WorkflowTable, state: &str) -> bool {
    table.rows.iter().any(|row| row.from.contains(&state))
}

#[test]
fn every_workflow_is_in_the_list() {
    let declared = sources("src")
        .into_iter()
        .filter(|(path, text)| !path.starts_with("src/platform/") && text.contains(": Workflow<"))
        .map(|(path, _)| path)
        .collect::<Vec<_>>();
    let listed: Vec<&str> = samverkan::app::workflows().iter().map(|table| table.name).collect();
    assert_eq!(declared.len(), listed.len(), "declared in {declared:?}, listed in app.rs: {listed:?}");
}

#[test]
fn every_state_is_reached_and_left() {
    let mut faults = Vec::new();
    for table in samverkan::app::workflows() {
        let mut reached: BTreeSet<&str> = table.initial.iter().copied().collect();
        while let Some(row) = table
            .rows
            .iter()
            .find(|row| !reached.contains(row.to) && row.from.iter().any(|from| reached.contains(from)))
        {
            reached.insert(row.to);
        }
        for (state, _) in &table.states {
            if !reached.contains(state) {
                faults.push(format!("{}: nothing leads to {state}", table.name));
            }
            if has_way_out(&table, state) == is_final(&table, state) {
                faults.push(format!(
                    "{}: {state} is {} FINAL in this test",
                    table.name,
                    if is_final(&table, state) { "left, yet stands in" } else { "not left and not in" },
                ));
            }
        }
        let mut rows: Vec<(&str, &str, bool)> = Vec::new();
        for row in &table.rows {
            for from in &row.from {
                // The clock and an effect may share a step with people, but no two rows may say different things.
                let step = (*from, row.to, matches!(row.by, By::Roles(_)));
                if rows.contains(&step) {
                    faults.push(format!("{}: {from} to {} has two rows", table.name, row.to));
                }
                rows.push(step);
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_other_state_and_every_other_role_is_refused() {
    for table in samverkan::app::workflows() {
        for (from, _) in &table.states {
            for (to, _) in &table.states {
                for role in Role::ALL {
                    one_step(&table, from, to, role.code());
                }
            }
        }
    }
}

fn one_step(table: &WorkflowTable, from: &str, to: &str, role: &str) {
    let rows = table.rows.iter().filter(|row| row.from.contains(&from) && row.to == to);
    let by_people: Vec<_> = rows
        .filter_map(|row| match row.by {
            By::Roles(roles) => Some((roles, row.requires_comment)),
            By::Clock | By::Effect(_) => None,
        })
        .collect();
    let row = by_people.iter().find(|(roles, _)| roles.contains(&role));
    let asked = |comment| table.requested(from, to, &[role], comment).map_err(|problem| problem.code);
    let place = format!("{}: {from} to {to} by {role}", table.name);
    match (by_people.is_empty(), row) {
        (true, _) => assert_eq!(asked(Some("Därför.")), Err(Code::TransitionNotAllowed), "{place}"),
        (false, None) => assert_eq!(asked(Some("Därför.")), Err(Code::NotYours), "{place}"),
        (false, Some((_, requires_comment))) => {
            assert_eq!(asked(Some("Därför.")), Ok(()), "{place}");
            let without = if *requires_comment { Err(Code::InvalidInput) } else { Ok(()) };
            assert_eq!(asked(None), without, "{place}");
            assert_eq!(asked(Some(" ")), without, "{place}");
        }
    }
}

#[test]
fn every_role_of_a_table_exists() {
    for table in samverkan::app::workflows() {
        for row in &table.rows {
            let By::Roles(roles) = row.by else { continue };
            for role in roles {
                assert!(Role::from_code(role).is_some(), "{}: {role}", table.name);
            }
        }
    }
}

#[test]
fn the_tables_are_drawn() {
    let mut text = String::from(
        "# States and what leads from one to the next\n\n\
         Generated by `scripts/regen` from the tables in each resource's `rules.rs`. Do not edit.\n",
    );
    for table in samverkan::app::workflows() {
        draw(&mut text, &table);
    }
    generated("docs/generated/workflows.md", &text);
}

fn draw(text: &mut String, table: &WorkflowTable) {
    writeln!(text, "\n## {}\n\n| State | Svenska | English | |\n|---|---|---|---|", table.name).unwrap();
    for (state, label) in &table.states {
        let note = if table.initial.contains(state) {
            "first"
        } else if has_way_out(table, state) {
            ""
        } else {
            "last"
        };
        writeln!(text, "| `{state}` | {} | {} | {note} |", label.sv, label.en).unwrap();
    }
    text.push_str("\n| From | To | By | Comment |\n|---|---|---|---|\n");
    for row in &table.rows {
        let from = row.from.iter().map(|state| format!("`{state}`")).collect::<Vec<_>>().join(", ");
        let comment = if row.requires_comment { "required" } else { "" };
        writeln!(text, "| {from} | `{}` | {} | {comment} |", row.to, by(row.by)).unwrap();
    }
    text.push_str("\n```mermaid\nstateDiagram-v2\n");
    for state in &table.initial {
        writeln!(text, "    [*] --> {state}").unwrap();
    }
    for row in &table.rows {
        for from in &row.from {
            writeln!(text, "    {from} --> {}", row.to).unwrap();
        }
    }
    for (state, _) in table.states.iter().filter(|(state, _)| !has_way_out(table, state)) {
        writeln!(text, "    {state} --> [*]").unwrap();
    }
    text.push_str("```\n");
}

fn by(by: By) -> String {
    match by {
        By::Roles(roles) => roles.join(", "),
        By::Clock => "the clock".to_owned(),
        By::Effect(of) => format!("through {of}"),
    }
}
