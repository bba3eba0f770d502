//! A person who uses the API as a frontend would: plain HTTP with a token.

use serde_json::{Value, json};

use super::people::PASSWORD;
use crate::platform::http::door;
use crate::platform::ids::Id;
use crate::platform::outbox;
use crate::platform::services::Services;

/// Where those who make the demonstration reach the API.
#[derive(Clone)]
pub struct Entrance {
    /// The address.
    pub base: String,
    /// What opens the door.
    pub secret: String,
}

/// A person who uses the API.
#[derive(Clone)]
pub struct Visitor {
    entrance: Entrance,
    token: Option<String>,
    agent: ureq::Agent,
}

/// Bytes for a part of an answer, or for the headers of a request with a token.
const BUFFER: usize = 16 * 1024;

impl Visitor {
    /// Somebody who has not logged in.
    pub fn anonymous(entrance: &Entrance) -> Self {
        // One connection per request: the server may close an idle connection just when it is used again. Small buffers,
        // because each connection begins by filling them with zeros.
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_idle_connections(0)
            .input_buffer_size(BUFFER)
            .output_buffer_size(BUFFER)
            .build()
            .into();
        Self { entrance: entrance.clone(), token: None, agent }
    }

    /// Somebody who logs in with the demonstration's password.
    pub fn logged_in(entrance: &Entrance, email: &str) -> Result<Self, String> {
        let anyone = Self::anonymous(entrance);
        let form = [("grant_type", "password"), ("username", email), ("password", PASSWORD)];
        let mut answer = anyone
            .agent
            .post(format!("{}/api/v1/oauth/token", entrance.base))
            .header(door::SECRET, &entrance.secret)
            .send_form(form)
            .map_err(|error| format!("logging in as {email}: {error}"))?;
        let body: Value =
            answer.body_mut().read_json().map_err(|error| format!("logging in as {email}: {error}"))?;
        let token =
            body.get("access_token").and_then(Value::as_str).ok_or_else(|| format!("{email}: {body}"))?;
        Ok(Self { token: Some(token.to_owned()), ..anyone })
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Result<Value, String> {
        self.send("GET", path, None, None)
    }

    /// `POST`.
    pub fn post(&self, path: &str, body: Value) -> Result<Value, String> {
        self.send("POST", path, Some(body), None)
    }

    /// `PATCH` of the current version.
    pub fn patch(&self, path: &str, body: Value) -> Result<Value, String> {
        let version = self.get(path)?.get("version").and_then(Value::as_i64).unwrap_or(0);
        self.send("PATCH", path, Some(body), Some(format!("\"{version}-0\"")))
    }

    /// A change of state.
    pub fn change(&self, path: &str, to: &str) -> Result<Value, String> {
        let mut body = json!({"to": to});
        if let (Some(read), Some(members)) = (self.read_before(path, to)?, body.as_object_mut()) {
            members.insert("data".to_owned(), read);
        }
        self.post(&format!("{path}/status-changes"), body)
    }

    /// What a step of a time report must say of the content that was read; nothing for other resources and steps.
    fn read_before(&self, path: &str, to: &str) -> Result<Option<Value>, String> {
        if !path.starts_with("/time-reports/") || !matches!(to, "signed" | "attested" | "approved") {
            return Ok(None);
        }
        let report = self.get(path)?;
        Ok(report.get("contentSha256").map(|sha256| json!({"sha256": sha256})))
    }

    /// A change of state with a comment.
    pub fn change_because(&self, path: &str, to: &str, comment: &str) -> Result<Value, String> {
        self.post(&format!("{path}/status-changes"), json!({"to": to, "comment": comment}))
    }

    /// A change of state with the facts that it takes, and a comment.
    pub fn change_with(&self, path: &str, to: &str, data: &Value, comment: &str) -> Result<Value, String> {
        let body = json!({"to": to, "data": data, "comment": comment});
        self.post(&format!("{path}/status-changes"), body)
    }

    /// The same change of state of many objects in one atomic request.
    pub fn change_all(&self, collection: &str, paths: &[&str], to: &str) -> Result<(), String> {
        let id = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let mut items = Vec::with_capacity(paths.len());
        for path in paths {
            let mut item = json!({"id": id(path), "to": to});
            if let (Some(read), Some(members)) = (self.read_before(path, to)?, item.as_object_mut()) {
                members.insert("data".to_owned(), read);
            }
            items.push(item);
        }
        self.all(&format!("{collection}/status-changes/batch"), items).map(|_| ())
    }

    /// An atomic batch; returns its results.
    pub fn all(&self, path: &str, batch: Vec<Value>) -> Result<Vec<Value>, String> {
        let result = self.post(path, json!({"atomic": true, "items": batch}))?;
        match result.get("failed").and_then(Value::as_i64) {
            Some(0) => Ok(items(&result)),
            _ => Err(format!("POST {path}: {result}")),
        }
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        if_match: Option<String>,
    ) -> Result<Value, String> {
        let address = format!("{}/api/v1{path}", self.entrance.base);
        let request = ureq::http::Request::builder().method(method).uri(&address);
        let mut request = request.header(door::SECRET, &self.entrance.secret);
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if let Some(if_match) = if_match {
            request = request.header("If-Match", if_match);
        }
        let text = body.map(|body| body.to_string()).unwrap_or_default();
        let request = request.header("Content-Type", "application/json").header("Accept-Language", "en");
        let failed = |error: String| format!("{method} {path}: {error}");
        let sent = if text.is_empty() {
            self.agent.run(request.body(()).map_err(|error| failed(error.to_string()))?)
        } else {
            self.agent.run(request.body(text.clone()).map_err(|error| failed(error.to_string()))?)
        };
        let mut answer = sent.map_err(|error| failed(error.to_string()))?;
        let received = answer.body_mut().read_to_string().map_err(|error| failed(error.to_string()))?;
        if answer.status().as_u16() >= 400 {
            return Err(format!("{method} {path} {text}: {received}"));
        }
        if received.is_empty() {
            Ok(Value::Null)
        } else {
            serde_json::from_str(&received).map_err(|e| failed(e.to_string()))
        }
    }
}

/// The id in an answer.
pub fn id(answer: &Value) -> Result<String, String> {
    text(answer, "id")
}

/// A text member of an answer.
pub fn text(answer: &Value, member: &str) -> Result<String, String> {
    let found = answer.get(member).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| format!("no {member} in {answer}"))
}

/// The items of a list.
pub fn items(list: &Value) -> Vec<Value> {
    list.get("items").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// The `{id}.{token}` of the last link that was mailed to an address.
pub fn mailed_link(services: &Services, email: &str) -> Result<(String, String), String> {
    let mails = services
        .database
        .read_blocking(&services.system(), |rx| outbox::unscoped_texts(rx, Some(email)))
        .map_err(|problem| problem.to_string())?;
    let newest = mails.into_iter().rev();
    let texts = newest.map(|(id, _, text)| if text.is_empty() { sent(services, id) } else { text });
    let link = texts.into_iter().find_map(|text| {
        let rest = text.split('#').nth(1)?;
        let (id, token) = rest.split_whitespace().next()?.split_once('.')?;
        Some((id.to_owned(), token.to_owned()))
    });
    link.ok_or_else(|| format!("no link was mailed to {email}"))
}

/// The text of a sent mail. It exists only in its file, whose lines are folded with `=` at the end (quoted-printable).
fn sent(services: &Services, id: Id) -> String {
    let folder = services.config.mail_dir.clone().unwrap_or_default();
    let text = std::fs::read_to_string(outbox::file_of(&folder, id)).unwrap_or_default();
    text.replace("=\r\n", "")
}
