//! The order in which a request is refused, tried on every operation that takes a body: who you are, whether you may at
//! all, whether there is such a thing; and only then what was sent.

use samverkan::identity::policy::Role;
use samverkan::platform::auth::action::Access;
use samverkan::platform::codes::Codes as _;

use super::authz::{Operation, holder, may_at_all, operations};
use crate::both;
use crate::programmes::draft;
use crate::support::{Client, Response, TestApp};

/// Operations that look up what lies below a programme with the body in hand, so that a wrong body is told before 404.
/// Not as the contract has it; none may be added.
const LATE: &[&str] = &[
    "/programmes/{programmeId}/months/{month}/status-changes",
    "/programmes/{programmeId}/settings/{settingsId}",
];

/// Something wrong with the request itself.
#[derive(Clone, Copy, Debug)]
enum Wrong {
    IfMatch,
    IdempotencyKey,
    Json,
    UnknownField,
    MediaType,
}

const WRONGS: [Wrong; 5] =
    [Wrong::IfMatch, Wrong::IdempotencyKey, Wrong::Json, Wrong::UnknownField, Wrong::MediaType];

impl Wrong {
    fn sent(self, client: &Client, operation: &Operation, path: &str) -> Response {
        const JSON: &str = "application/json";
        let send = |client: &Client, media_type, body: &str| {
            client.send(&operation.method, path, Some((media_type, body.to_owned())))
        };
        match self {
            Wrong::IfMatch => send(&client.header("If-Match", "seven"), JSON, "{}"),
            Wrong::IdempotencyKey => send(&client.header("Idempotency-Key", "one two"), JSON, "{}"),
            Wrong::Json => send(client, JSON, "{"),
            Wrong::UnknownField => send(client, JSON, "{\"colour\": \"blue\"}"),
            Wrong::MediaType => send(client, "text/plain", "{}"),
        }
    }
}

/// The operations that take a body and that somebody has to log in for.
fn writes() -> Vec<Operation> {
    let takes_body = |operation: &Operation| operation.has_body && operation.method != "DELETE";
    let needs_login = |operation: &Operation| operation.row.is_some_and(|row| row.access != Access::Anyone);
    operations().into_iter().filter(|operation| takes_body(operation) && needs_login(operation)).collect()
}

/// Tries everything that can be wrong; what was not refused as it should be.
fn tried(client: &Client, operation: &Operation, path: &str, status: u16, code: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for wrong in WRONGS {
        let answer = wrong.sent(client, operation, path);
        let got = (answer.status, answer.json_code());
        if got != (status, code.to_owned()) {
            let place = format!("{} {} ({path})", operation.method, operation.path);
            faults.push(format!("{place}, {wrong:?}: {} {} and not {code}", got.0, got.1));
        }
    }
    faults
}

/// Somebody whose role carries the operation's action.
fn carrier(t: &TestApp, operation: &Operation, programme: samverkan::platform::ids::Id) -> Client {
    let row = operation.row.unwrap();
    let role =
        Role::ALL.iter().copied().find(|role| row.roles.iter().any(|grant| grant.role == role.as_str()));
    holder(t, role.unwrap_or(Role::Participant), programme, "2582")
}

#[test]
fn every_post_reads_what_was_sent() {
    let posts = operations().into_iter().filter(|operation| operation.method == "POST");
    let bare: Vec<String> = posts.filter(|post| !post.has_body).map(|post| post.path).collect();
    assert!(bare.is_empty(), "{bare:?}: take a Body, or a NoBody where nothing is sent");
}

both!(nobody_is_told_first_that_a_login_is_missing, |t| {
    let programme = draft(t).to_string();
    let nobody = t.anonymous();
    let mut faults = Vec::new();
    for operation in writes() {
        let path = operation.filled(&[("programmeId", &programme)]);
        faults.extend(tried(&nobody, &operation, &path, 401, "unauthenticated"));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});

both!(a_role_without_the_action_is_told_so_first, |t| {
    let programme = draft(t);
    let id = programme.to_string();
    let holders: Vec<(Role, Client)> =
        Role::ALL.iter().map(|role| (*role, holder(t, *role, programme, "2582"))).collect();
    let mut faults = Vec::new();
    for operation in writes() {
        let row = operation.row.unwrap();
        let Some((_, who)) = holders.iter().find(|(role, _)| !may_at_all(row, *role)) else { continue };
        for path in [operation.filled(&[]), operation.filled(&[("programmeId", &id)])] {
            faults.extend(tried(who, &operation, &path, 403, "forbidden"));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});

both!(what_does_not_exist_is_told_before_what_was_sent, |t| {
    let programme = draft(t);
    let id = programme.to_string();
    let mut faults = Vec::new();
    for operation in writes().iter().filter(|operation| operation.path.contains('{')) {
        let who = carrier(t, operation, programme);
        faults.extend(tried(&who, operation, &operation.filled(&[]), 404, "notFound"));
        // A programme that is there, without what the path names in it.
        if operation.path.matches('{').count() > 1 && !LATE.contains(&operation.path.as_str()) {
            faults.extend(tried(
                &who,
                operation,
                &operation.filled(&[("programmeId", &id)]),
                404,
                "notFound",
            ));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});
