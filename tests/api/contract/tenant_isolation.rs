//! Kommuner and programmes are isolated from each other. A holder of every role in another kommun of the programme, or in
//! another programme, tries every operation with the ids of existing resources. Nobody may reach these resources, no list may
//! show them, and nobody may create anything there.

use samverkan::identity::policy::Role;
use samverkan::platform::auth::action::{Access, ActionRow};
use samverkan::platform::auth::scope::Reach;
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use super::authz::{holder, may_at_all, place};
use super::operations::{Operation, lists, operations};
use super::world::{Wish, World, is_of_a_kommun, parameters};
use crate::both;
use crate::goals::{BODEN, VASBY};
use crate::programmes::draft;
use crate::support::documented::template_of;
use crate::support::{Client, Response, TestApp};

/// Resources of which a role sees less than its reach in the policy table, each with the reason.
const NARROWER: &[(Role, &str, &str)] = &[
    (Role::SystemAdmin, "auditEventId", "sees the installation's own chain: no case content"),
    (Role::Applicant, "selectionProposalId", UNTOLD),
    (Role::Coordinator, "selectionProposalId", UNTOLD),
    (Role::KommunReader, "selectionProposalId", UNTOLD),
];

const UNTOLD: &str = "a kommun sees a proposal only once it is announced";

/// Objects of the installation that readers of every programme see, each with the reason.
const OF_ALL: &[(&str, &str)] = &[(
    "/audit-events/checkpoints",
    "a checkpoint covers the chains of all programmes; of its heads everyone sees their own",
)];

fn is_of_all(path: &str) -> bool {
    OF_ALL.iter().any(|(known, _)| path.starts_with(known))
}

/// The policy row for reading the object of a path. It decides who gets 404.
fn read_row(operation: &Operation, all: &[Operation]) -> Option<&'static ActionRow> {
    let end = operation.path.rfind('}')? + 1;
    let read = all.iter().find(|read| read.method == "GET" && read.path == operation.path[..end]);
    read?.row
}

fn reach(row: &ActionRow, role: Role) -> Option<Reach> {
    row.roles.iter().find(|grant| grant.role == role.as_str()).map(|grant| grant.reach)
}

/// Whether a role sees all of its programme through this action.
fn sees_programme(row: &ActionRow, role: Role, path: &str) -> bool {
    let is_narrower =
        NARROWER.iter().any(|(narrow, name, _)| *narrow == role && parameters(path).contains(name));
    let is_wide = matches!(reach(row, role), Some(Reach::Installation | Reach::Programme));
    is_wide && !is_narrower
}

/// A caller in the same programme who does not belong to Boden.
struct Neighbour {
    role: Role,
    client: Client,
    /// Whether the caller belongs to one kommun or to the owner, and not to the whole programme.
    is_of_one: bool,
    belongs_to_owner: bool,
}

impl Neighbour {
    /// Whether the caller may take the action anywhere. A role whose reach is one kommun gives the owner's staff nothing,
    /// because they belong to no kommun.
    fn may(&self, row: &ActionRow) -> bool {
        let is_nowhere = self.belongs_to_owner && reach(row, self.role) == Some(Reach::Kommun);
        may_at_all(row, self.role) && !(is_nowhere && row.access == Access::Roles)
    }
}

/// One caller for every role, in the other kommun or in the whole programme, and two of the owner's staff.
fn neighbours(t: &TestApp, programme: Id) -> Vec<Neighbour> {
    let mut found = Vec::new();
    for role in Role::ALL.iter().copied() {
        let is_of_one = place(role, programme, VASBY).2.is_some();
        let client = holder(t, role, programme, VASBY);
        found.push(Neighbour { role, client, is_of_one, belongs_to_owner: false });
    }
    for role in [Role::Attester, Role::Participant] {
        let client = t.in_programme(role, programme);
        found.push(Neighbour { role, client, is_of_one: true, belongs_to_owner: true });
    }
    found
}

/// Which of these ids a successful response contains. Refusals are not searched: their `instance` repeats the path.
fn leaks<'i>(answer: &Response, ids: &[&'i str]) -> Vec<&'i str> {
    if answer.status >= 300 {
        return Vec::new();
    }
    ids.iter().copied().filter(|id| answer.text.contains(id)).collect()
}

both!(nobody_reaches_resources_of_another_kommun, |t| {
    let world = World::new(t);
    let all = operations();
    let mut faults = Vec::new();
    for neighbour in neighbours(t, world.programme) {
        let role = neighbour.role;
        for operation in all.iter().filter(|operation| operation.path.contains('{')) {
            let path = world.filled(&operation.path);
            let (Some(row), Some(read)) = (operation.row, read_row(operation, &all)) else { continue };
            if row.access == Access::Anyone {
                continue;
            }
            let answer = operation.send(&neighbour.client, &path);
            let (status, code) = (answer.status, answer.json_code());
            let is_right = if !neighbour.may(row) {
                (status, code.as_str()) == (403, "forbidden")
            } else if sees_programme(read, role, &operation.path)
                || (!is_of_a_kommun(&operation.path) && read.access == Access::Anyone)
            {
                ![401, 404].contains(&status) && status < 500
            } else {
                status == 404
            };
            let place = format!("{} {} by {role} elsewhere", operation.method, operation.path);
            if !is_right {
                faults.push(format!("{place}: {status} {code}"));
            }
            if neighbour.is_of_one && !leaks(&answer, &world.of_boden()).is_empty() {
                faults.push(format!("{place}: shows ids of another kommun: {}", answer.text));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});

both!(nobody_reaches_into_another_programme, |t| {
    let other = draft(t);
    let world = World::new(t);
    let all = operations();
    let mut faults = Vec::new();
    for role in Role::ALL {
        // The role is in the same kommun, so that only the programme differs.
        let who = holder(t, *role, other, BODEN);
        for operation in &all {
            let Some(row) = operation.row.filter(|row| row.access != Access::Anyone) else { continue };
            if operation.method != "GET" && !operation.path.contains('{') {
                continue;
            }
            let answer = operation.send(&who, &world.filled(&operation.path));
            let place = format!("{} {} by {role} of another programme", operation.method, operation.path);
            if reach(row, *role) != Some(Reach::Installation)
                && !leaks(&answer, &world.of_the_programme()).is_empty()
            {
                faults.push(format!("{place}: shows ids of another programme: {}", answer.text));
            }
            let Some(read) = read_row(operation, &all).filter(|_| may_at_all(row, *role)) else { continue };
            let is_open = operation.path.starts_with("/programmes/{programmeId}");
            let sees = sees_programme(read, *role, &operation.path)
                && reach(read, *role) == Some(Reach::Installation);
            let is_right = match answer.status {
                404 => !sees,
                // Everyone may see an open programme, so the refusal is 403 and not 404.
                403 => is_open || sees,
                status => {
                    let is_seen = sees || is_of_all(&operation.path);
                    (is_seen || reach(row, *role) == Some(Reach::Installation)) && status < 500
                }
            };
            if !is_right {
                faults.push(format!("{place}: {} {}", answer.status, answer.json_code()));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});

both!(no_list_shows_resources_of_another_kommun, |t| {
    let world = World::new(t);
    let neighbours = neighbours(t, world.programme);
    let insiders = [t.admin(), world.manager.clone(), world.coordinator.clone(), world.maja.client.clone()];
    let pages = lists();
    let mut faults = Vec::new();
    for operation in operations().iter().filter(|o| o.method == "GET" && !o.path.contains('{')) {
        let Some(row) = operation.row.filter(|row| row.access != Access::Anyone) else { continue };
        let is_list = pages.contains(&operation.path);
        let path = if is_list { format!("{}?limit=1000", operation.path) } else { operation.path.clone() };
        // Without this check, an empty list would pass.
        if is_list && !is_of_all(&path) {
            let shown = insiders.iter().any(|insider| {
                let answer = insider.get(&path);
                !leaks(&answer, &world.of_the_programme()).is_empty()
            });
            assert!(shown, "{}: its test module offers nothing of Boden", operation.path);
        }
        for neighbour in &neighbours {
            let role = neighbour.role;
            let answer = neighbour.client.get(&path);
            let is_blind = neighbour.is_of_one || !sees_programme(row, role, &operation.path);
            let ids = [world.of_boden(), vec!["\"2582\""]].concat();
            if is_blind && !leaks(&answer, &ids).is_empty() {
                faults.push(format!("GET {} by {role} elsewhere: {}", operation.path, answer.text));
            }
            if answer.status >= 500 || (answer.status == 403) == neighbour.may(row) {
                faults.push(format!("GET {} by {role} elsewhere: {}", operation.path, answer.status));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});

both!(an_item_of_a_batch_is_not_found_in_another_kommun, |t| {
    let world = World::new(t);
    let all = operations();
    let (mut faults, mut walked) = (Vec::new(), 0);
    let neighbours = neighbours(t, world.programme);
    let tables = samverkan::app::workflows();
    for table in tables.iter().filter(|table| is_of_a_kommun(table.path)) {
        let (collection, _) = table.path.rsplit_once('/').unwrap();
        let batch = format!("{collection}/status-changes/batch");
        let row_of = |method: &str, path: &str| {
            all.iter().find(|operation| operation.name() == (method, path)).unwrap().row.unwrap()
        };
        let (change, read) = (row_of("POST", &batch), row_of("GET", table.path));
        let id = world.id(parameters(table.path).pop().unwrap());
        let item = |(to, _): &(&str, _)| json!({"id": id, "to": to, "comment": "Prov."});
        let items: Vec<Value> = table.states.iter().map(item).collect();
        for neighbour in neighbours.iter().filter(|neighbour| neighbour.may(change)) {
            let role = neighbour.role;
            if sees_programme(read, role, table.path) {
                continue;
            }
            walked += 1;
            let answer = neighbour.client.post(&batch, json!({"items": items})).is(200);
            let results = answer["items"].as_array().unwrap();
            if results.len() != items.len() || results.iter().any(|result| result["status"] != 404) {
                faults.push(format!("{batch} by {role} elsewhere: {answer}"));
            }
        }
    }
    assert!(walked > 5, "{walked}");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});

/// Operations with a body that create nothing in a kommun, each with the reason.
const IN_NO_KOMMUN: &[(&str, &str, &str)] = &[
    ("POST", "/me/password-changes", "everyone changes their own password"),
    ("POST", "/programmes", "a programme belongs to no kommun"),
    ("POST", "/register-years", "the register is of all kommuner"),
    ("PUT", "/register-years/{year}", "the register is of all kommuner"),
];

/// Whether an operation creates several resources at once, such as `/time-entries/batch`.
fn is_batch_of_new(operation: &Operation) -> bool {
    operation.path.ends_with("/batch") && !operation.path.ends_with("/status-changes/batch")
}

/// Whether a resource's test module must offer a body for this operation. Operations whose path names a resource of a kommun
/// need none: `nobody_reaches_resources_of_another_kommun` covers them. Status changes need none either: that test and
/// `an_item_of_a_batch_is_not_found_in_another_kommun` cover them.
fn needs_a_body(operation: &Operation) -> bool {
    let path = operation.path.as_str();
    let is_walked = is_of_a_kommun(path)
        || ["/status-changes", "/status-changes/batch"].iter().any(|end| path.ends_with(end))
        || IN_NO_KOMMUN.iter().any(|(method, path, _)| (*method, *path) == operation.name());
    operation.has_body
        && ["POST", "PUT"].contains(&operation.method.as_str())
        && !operation.is_open()
        && !is_walked
}

/// The wishes, each with its operation, and batches made of them. Fails if an operation that needs a body has none.
fn tries<'o>(world: &World, all: &'o [Operation]) -> Vec<(&'o Operation, Wish)> {
    let operation_of = |wish: &Wish| {
        let template = template_of(&wish.path);
        let found = all.iter().find(|one| template.is_some_and(|path| one.name() == (wish.method, path)));
        found.unwrap_or_else(|| panic!("{} {} is no operation", wish.method, wish.path))
    };
    let mut tries: Vec<_> = world.wishes().into_iter().map(|wish| (operation_of(&wish), wish)).collect();
    for batch in all.iter().filter(|operation| is_batch_of_new(operation)) {
        let one = ("POST", batch.path.trim_end_matches("/batch"));
        let of_one = tries.iter().filter(|(operation, _)| operation.name() == one);
        let items: Vec<Value> = of_one.map(|(_, wish)| wish.body.clone()).collect();
        tries.extend((!items.is_empty()).then(|| (batch, Wish::post(&batch.path, json!({"items": items})))));
    }
    let has_body = |wanted: &Operation| tries.iter().any(|(tried, _)| tried.name() == wanted.name());
    for (method, path, _) in IN_NO_KOMMUN {
        assert!(all.iter().any(|known| known.name() == (*method, *path)), "{method} {path} is no operation");
    }
    let missing: Vec<String> = all
        .iter()
        .filter(|operation| needs_a_body(operation) && !has_body(operation))
        .map(|operation| format!("{} {}: its test module offers no body", operation.method, operation.path))
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    tries
}

/// Whether a wish is refused. `is_carrier` says that the caller may use the operation somewhere: then a batch is accepted, and
/// each of its items must be refused.
fn is_refused(operation: &Operation, answer: &Response, is_carrier: bool) -> bool {
    if !is_batch_of_new(operation) || !is_carrier {
        return [403, 404].contains(&answer.status);
    }
    let items = answer.is(200)["items"].clone();
    let mut statuses = items.as_array().unwrap().iter().map(|item| item["status"].as_u64().unwrap());
    !items.as_array().unwrap().is_empty() && statuses.all(|status| [403, 404].contains(&status))
}

both!(nothing_is_made_in_another_kommun, |t| {
    let world = World::new(t);
    let all = operations();
    let tries = tries(&world, &all);
    let mut faults = Vec::new();
    for neighbour in neighbours(t, world.programme) {
        let role = neighbour.role;
        for (operation, wish) in &tries {
            let row = operation.row.unwrap();
            // Who belongs to one kommun may create nothing in another, even if the policy gives the whole programme.
            let is_wide = matches!(reach(row, role), Some(Reach::Installation | Reach::Programme));
            if is_wide && !neighbour.is_of_one {
                continue;
            }
            let answer = wish.send(&neighbour.client);
            if !is_refused(operation, &answer, neighbour.may(row)) {
                let (method, path) = operation.name();
                faults
                    .push(format!("{method} {path} by {role} elsewhere: {} {}", answer.status, answer.text));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});

both!(nothing_is_made_in_another_programme, |t| {
    let other = draft(t);
    let world = World::new(t);
    let all = operations();
    let tries = tries(&world, &all);
    let mut faults = Vec::new();
    for role in Role::ALL {
        // The role is in the same kommun, so that only the programme differs.
        let who = holder(t, *role, other, BODEN);
        for (operation, wish) in &tries {
            let row = operation.row.unwrap();
            if reach(row, *role) == Some(Reach::Installation) {
                continue;
            }
            let answer = wish.send(&who);
            if !is_refused(operation, &answer, may_at_all(row, *role)) {
                let (method, path) = operation.name();
                let place = format!("{method} {path} by {role} of another programme");
                faults.push(format!("{place}: {} {}", answer.status, answer.text));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});
