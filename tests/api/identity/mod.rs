//! Identity: people, roles, tokens, sessions, mailed links and API clients.

mod me;
mod pages;
mod tokens;

crate::resources!(people, role_assignments, sessions, api_clients, invitations);

use samverkan::identity::passwords;
use samverkan::identity::people::{self as stored, PersonRow};
use samverkan::platform::auth::password;
use samverkan::platform::ids::Id;
use samverkan::platform::stored::Stored as _;
use serde_json::{Value, json};

use crate::support::{Client, Response, TestApp};

/// A password that the rules accept.
pub const PASSWORD: &str = "blå cykel och regn";

/// Adds an active person with [`PASSWORD`] and returns the id.
pub fn with_password(t: &TestApp, name: &str, email: &str) -> Id {
    passwords::check_strength(PASSWORD, email, "/password").unwrap();
    let hash = password::hash(PASSWORD, &t.services.ids, t.services.password_cost).unwrap();
    t.write(|tx| {
        let person = stored::add(tx, name, email)?;
        let person = PersonRow::locked(tx, person.id)?;
        Ok(stored::set_password(tx, person, hash.clone())?.id)
    })
}

/// Gives a person the password; returns the user name.
pub fn give_password(t: &TestApp, id: Id) -> String {
    let hash = password::hash(PASSWORD, &t.services.ids, t.services.password_cost).unwrap();
    t.write(|tx| {
        let person = PersonRow::locked(tx, id)?;
        Ok(stored::set_password(tx, person, hash.clone())?.email)
    })
}

/// Requests a token with a password.
pub fn log_in(t: &TestApp, email: &str, password: &str) -> Response {
    let fields = [("grant_type", "password"), ("username", email), ("password", password)];
    t.anonymous().form("/oauth/token", &fields)
}

/// Renews a session.
pub fn renew(t: &TestApp, refresh_token: &str) -> Response {
    t.anonymous().form("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
}

/// The access token and the refresh token of a response.
#[track_caller]
pub fn tokens(response: &Response) -> (String, String) {
    let body = response.is(200);
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

/// A client with an access token.
pub fn with_token(t: &TestApp, token: &str) -> Client {
    t.anonymous().with_token(token)
}

/// The request that adds a programme.
pub fn programme_body() -> Value {
    json!({
        "name": "Utvecklingsnätverk",
        "description": "Ett tvåårigt utvecklingsnätverk.",
        "profile": "esf-2014-2020",
        "places": 12,
        "startsOn": "2021-01-01",
        "endsOn": "2022-12-31",
        "opensAt": "2020-10-05T08:00:00+02:00",
        "interestDeadline": "2020-11-03",
        "infoMeetingAt": "2020-11-06T13:00:00+01:00",
        "confirmationDeadline": "2020-11-10",
        "avsiktsforklaringDeadline": "2020-11-15"
    })
}

/// A programme in which roles can be granted.
pub fn programme(t: &TestApp) -> Id {
    let answer = t.admin().post("/programmes", programme_body());
    answer.is(201);
    answer.id()
}
