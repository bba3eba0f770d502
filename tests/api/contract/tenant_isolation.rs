//! Another kommun in the same programme, and another programme: every operation that names something is tried with the
//! ids of real things by everyone who has a role there instead. Nobody reaches them, and no list shows them.

use samverkan::identity::policy::Role;
use samverkan::platform::auth::action::{Access, ActionRow};
use samverkan::platform::auth::scope::Reach;
use samverkan::platform::codes::Codes as _;
use samverkan::platform::ids::Id;
use serde_json::{Value, json};

use super::authz::{Operation, holder, may_at_all, operations, place};
use super::indexes::lists;
use super::world::{World, is_of_a_kommun, parameters};
use crate::both;
use crate::goals::{BODEN, VASBY};
use crate::programmes::draft;
use crate::support::{Client, Response, TestApp};
use crate::team::{maja, with};

/// Roles whose queries show less than their reach says, each with its reason.
const NARROWER: &[(Role, &str, &str)] =
    &[(Role::SystemAdmin, "auditEventId", "sees the installation's own chain: no case content")];

/// Operations that reach further than their object is seen, each with its reason.
const WIDER: &[(&str, &str, &str)] = &[(
    "POST",
    "/people/{personId}/role-assignments",
    "a person may hold no role yet where the granter sees people; nothing of the person is told",
)];

/// The action of reading what the path's last parameter names, which decides who gets 404.
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

/// Somebody in the same programme who does not belong to Boden.
struct Neighbour {
    role: Role,
    client: Client,
    /// Of a kommun, or of the owner's own staff: not one who works for the whole programme.
    is_of_one: bool,
    is_owners: bool,
}

impl Neighbour {
    /// Whether they carry the action anywhere: a kommun's right is none without a kommun.
    fn may(&self, row: &ActionRow) -> bool {
        let is_nowhere = self.is_owners && reach(row, self.role) == Some(Reach::Kommun);
        may_at_all(row, self.role) && !(is_nowhere && row.access == Access::Roles)
    }
}

/// Everyone in the other kommun of the programme, those who work for all of it, and the owner's own people.
fn neighbours(t: &TestApp, programme: Id) -> Vec<Neighbour> {
    let mut found = Vec::new();
    for role in Role::ALL.iter().copied() {
        let is_of_one = place(role, programme, VASBY).2.is_some();
        let client = holder(t, role, programme, VASBY);
        found.push(Neighbour { role, client, is_of_one, is_owners: false });
    }
    for role in [Role::Attester, Role::Participant] {
        let client = t.in_programme(role, programme);
        found.push(Neighbour { role, client, is_of_one: true, is_owners: true });
    }
    found
}

/// What of the ids stands in an answer that went well. A refusal's `instance` repeats the path.
fn leaks<'i>(answer: &Response, ids: &[&'i str]) -> Vec<&'i str> {
    if answer.status >= 300 {
        return Vec::new();
    }
    ids.iter().copied().filter(|id| answer.text.contains(id)).collect()
}

both!(nobody_reaches_what_belongs_to_another_kommun, |t| {
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
            let is_wider = WIDER.iter().any(|(method, path, _)| (*method, *path) == operation.name());
            let is_right = if !neighbour.may(row) {
                (status, code.as_str()) == (403, "forbidden")
            } else if is_wider
                || sees_programme(read, role, &operation.path)
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
                faults.push(format!("{place}: shows another kommun's things: {}", answer.text));
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
        // The same kommun, so that the programme alone keeps them out.
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
                faults.push(format!("{place}: shows another programme's things: {}", answer.text));
            }
            let Some(read) = read_row(operation, &all).filter(|_| may_at_all(row, *role)) else { continue };
            let is_open = operation.path.starts_with("/programmes/{programmeId}");
            let sees = sees_programme(read, *role, &operation.path)
                && reach(read, *role) == Some(Reach::Installation);
            if WIDER.iter().any(|(method, path, _)| (*method, *path) == operation.name()) {
                continue;
            }
            let is_right = match answer.status {
                404 => !sees,
                // A programme that anyone may see is there, but not theirs.
                403 => is_open || sees,
                status => (sees || reach(row, *role) == Some(Reach::Installation)) && status < 500,
            };
            if !is_right {
                faults.push(format!("{place}: {} {}", answer.status, answer.json_code()));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});

both!(no_list_shows_what_belongs_to_another_kommun, |t| {
    let world = World::new(t);
    let neighbours = neighbours(t, world.programme);
    let insiders = [t.admin(), world.manager.clone(), world.coordinator.clone(), world.maja.client.clone()];
    let pages = lists();
    let mut faults = Vec::new();
    for operation in operations().iter().filter(|o| o.method == "GET" && !o.path.contains('{')) {
        let Some(row) = operation.row.filter(|row| row.access != Access::Anyone) else { continue };
        let is_list = pages.contains(&operation.path);
        let path = if is_list { format!("{}?limit=1000", operation.path) } else { operation.path.clone() };
        // Else the list would be right by being empty.
        if is_list {
            let shown = insiders.iter().any(|insider| {
                let answer = insider.get(&path);
                !leaks(&answer, &world.of_the_programme()).is_empty()
            });
            assert!(shown, "{}: put something of Boden's into contract/world.rs", operation.path);
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
    let workflows = samverkan::app::workflows();
    let (mut faults, mut walked) = (Vec::new(), 0);
    let neighbours = neighbours(t, world.programme);
    for operation in all.iter().filter(|operation| operation.path.ends_with("/status-changes/batch")) {
        let collection = operation.path.trim_end_matches("/status-changes/batch");
        let of_one = all.iter().find(|one| {
            let rest = one.path.strip_prefix(collection).and_then(|rest| rest.strip_prefix("/{"));
            one.method == "GET" && rest.is_some_and(|rest| rest.ends_with('}') && !rest.contains('/'))
        });
        let (Some(row), Some(of_one)) = (operation.row, of_one) else { panic!("{}", operation.path) };
        if !is_of_a_kommun(&of_one.path) {
            continue;
        }
        let name = parameters(&of_one.path).pop().unwrap();
        let table = workflows.iter().find(|table| format!("{}Id", table.name) == name).unwrap();
        let items: Vec<Value> = table
            .states
            .iter()
            .map(|(to, _)| json!({"id": world.id(name), "to": to, "comment": "Prov."}))
            .collect();
        let read = of_one.row.unwrap();
        for neighbour in neighbours.iter().filter(|neighbour| neighbour.may(row)) {
            let role = neighbour.role;
            if sees_programme(read, role, &of_one.path) {
                continue;
            }
            walked += 1;
            let answer = neighbour.client.post(&operation.path, json!({"items": items})).is(200);
            let results = answer["items"].as_array().unwrap();
            if results.len() != items.len() || results.iter().any(|result| result["status"] != 404) {
                faults.push(format!("{} by {role} elsewhere: {answer}", operation.path));
            }
        }
    }
    assert!(walked > 5, "{walked}");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});

both!(nothing_is_made_in_another_kommun, |t| {
    let world = World::new(t);
    let (programme, person) = (world.programme, world.maja.client.id());
    let here = json!({"programmeId": programme, "organisation": "kommun", "kommunkod": BODEN});
    let entry = json!({"participantId": world.maja.id, "workDate": "2021-01-14", "minutes": 60, "kind": "own",
        "activityCode": "development", "description": "Utkast."});
    let copies = json!({"participantId": world.maja.id, "fromMonth": "2020-12", "toMonth": "2021-01"});
    let employment = with(
        here.clone(),
        json!({"personId": person, "employerName": "Bodens kommun", "organisationNumber": "2120002767",
            "employerKind": "kommun", "employmentPercent": 50, "jobCategory": "Chef", "validFrom": "2019-08-12"}),
    );
    let exception = json!({"programmeId": programme, "month": "2021-01", "kommunkod": BODEN,
        "expiresAt": "2021-03-12T23:00:00Z", "reason": "Sjukdom."});
    let role = json!({"role": "participant", "programmeId": programme, "kommunkod": BODEN});
    let own_role = format!("/people/{}/role-assignments", world.nils.client.id());
    let wishes = [
        ("/time-entries", entry.clone()),
        ("/time-entries/copies", copies),
        ("/employments", employment),
        ("/participants", maja(programme)),
        ("/month-submissions", with(here, json!({"month": "2021-01"}))),
        ("/month-exceptions", exception),
        ("/avsiktsforklaringar", json!({"applicationId": world.id("applicationId")})),
        ("/api-clients", json!({"name": "HR", "programmeId": programme, "kommunkod": BODEN})),
        ("/invitations", json!({"personId": person})),
        (own_role.as_str(), role),
    ];
    let mut faults = Vec::new();
    for Neighbour { role, client, is_of_one, .. } in neighbours(t, programme) {
        for (path, body) in wishes.iter().filter(|_| is_of_one) {
            let answer = client.post(path, body.clone());
            if ![403, 404].contains(&answer.status) {
                faults.push(format!("POST {path} by {role} elsewhere: {} {}", answer.status, answer.text));
            }
        }
        if is_of_one && [Role::Coordinator, Role::Participant].contains(&role) {
            let answer = client.post("/time-entries/batch", json!({"items": [entry]})).is(200);
            if ![json!(403), json!(404)].contains(&answer["items"][0]["status"]) {
                faults.push(format!("POST /time-entries/batch by {role} elsewhere: {answer}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});
