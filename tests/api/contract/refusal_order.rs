//! The order of refusals, tried on every operation with a body: 401, 403 and 404 come before every error in headers and
//! body.

use samverkan::identity::policy::Role;
use samverkan::platform::auth::action::Access;

use super::authz::{holder, may_at_all};
use super::operations::{Operation, operations};
use crate::both;
use crate::programmes::draft;
use crate::support::{Client, Response, TestApp};

/// Operations that look up their resource after they have read the body, so that an error in the body comes before 404.
/// This breaks the contract; add none.
const LATE: &[&str] = &[
    "/programmes/{programmeId}/months/{month}/status-changes",
    "/programmes/{programmeId}/settings/{settingsId}",
];

/// An error in headers or body.
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

/// The operations that take a body and need a login.
fn writes() -> Vec<Operation> {
    let takes_body = |operation: &Operation| operation.has_body && operation.method != "DELETE";
    let needs_login = |operation: &Operation| operation.row.is_some_and(|row| row.access != Access::Anyone);
    operations().into_iter().filter(|operation| takes_body(operation) && needs_login(operation)).collect()
}

/// Tries every error; returns the responses that were not the expected refusal.
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

/// A person whose role has the operation's action.
fn permitted(t: &TestApp, operation: &Operation, programme: samverkan::platform::ids::Id) -> Client {
    let row = operation.row.unwrap();
    let role =
        Role::ALL.iter().copied().find(|role| row.roles.iter().any(|grant| grant.role == role.as_str()));
    holder(t, role.unwrap_or(Role::Participant), programme, "2582")
}

#[test]
fn every_post_reads_its_body() {
    let posts = operations().into_iter().filter(|operation| operation.method == "POST");
    let bare: Vec<String> = posts.filter(|post| !post.has_body).map(|post| post.path).collect();
    assert!(bare.is_empty(), "{bare:?}: take a Body, or a NoBody without one");
}

both!(a_missing_login_is_refused_first, |t| {
    let programme = draft(t).to_string();
    let nobody = t.anonymous();
    let mut faults = Vec::new();
    for operation in writes() {
        let path = operation.filled(&[("programmeId", &programme)]);
        faults.extend(tried(&nobody, &operation, &path, 401, "unauthenticated"));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
});

both!(a_missing_permission_is_refused_before_the_request_is_read, |t| {
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

both!(a_missing_resource_is_refused_before_the_request_is_read, |t| {
    let programme = draft(t);
    let id = programme.to_string();
    let mut faults = Vec::new();
    for operation in writes().iter().filter(|operation| operation.path.contains('{')) {
        let who = permitted(t, operation, programme);
        faults.extend(tried(&who, operation, &operation.filled(&[]), 404, "notFound"));
        // The programme exists, the resource below it does not.
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
