//! A caller of the API with its token, and the responses.

use std::io::Read as _;

use samverkan::platform::ids::Id;
use serde_json::{Value, json};

/// Bytes for a part of an answer, or for the headers of a request with a token.
const BUFFER: usize = 16 * 1024;

/// A caller of the API.
#[derive(Clone)]
pub struct Client {
    base: String,
    token: Option<String>,
    person: Option<Id>,
    headers: Vec<(String, String)>,
    is_checked: bool,
}

/// A response.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub text: String,
    /// The bytes of the body as they were sent; fewer than the text has if it was packed.
    pub sent: usize,
    /// Whether it comes from `/oauth`, whose errors are plain JSON (RFC 6749).
    is_oauth: bool,
}

impl Client {
    /// A caller of the program at `base`.
    pub fn new(base: &str, token: Option<String>, person: Option<Id>) -> Self {
        Self { base: base.to_owned(), token, person, headers: Vec::new(), is_checked: true }
    }

    /// The person behind the token.
    pub fn id(&self) -> Id {
        self.person.expect("a person who has logged in")
    }

    /// The same caller with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The bearer token.
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("a token")
    }

    /// The same caller, whose responses are not compared with the OpenAPI document.
    pub fn unchecked(&self) -> Self {
        Self { is_checked: false, ..self.clone() }
    }

    /// The same caller with one more header.
    pub fn header(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// The same caller with the ETag of a response in `If-Match`.
    pub fn if_match(&self, response: &Response) -> Self {
        self.header("If-Match", response.header("etag").expect("an ETag"))
    }

    pub fn get(&self, path: &str) -> Response {
        self.send("GET", path, None)
    }

    pub fn post(&self, path: &str, body: Value) -> Response {
        self.send("POST", path, Some(("application/json", body.to_string())))
    }

    pub fn put(&self, path: &str, body: Value) -> Response {
        self.send("PUT", path, Some(("application/json", body.to_string())))
    }

    pub fn patch(&self, path: &str, body: Value) -> Response {
        self.send("PATCH", path, Some(("application/merge-patch+json", body.to_string())))
    }

    pub fn delete(&self, path: &str) -> Response {
        self.send("DELETE", path, None)
    }

    /// `POST …/status-changes`. A time report is signed, attested and approved as the caller has just read it.
    pub fn change(&self, path: &str, to: &str) -> Response {
        let mut body = json!({"to": to});
        if let Some(read) = self.read_before(path, to) {
            body["data"] = read;
        }
        self.post(&format!("{path}/status-changes"), body)
    }

    /// The data of a step of a time report: the hash of the content that the caller reads. None for other resources and steps.
    pub fn read_before(&self, path: &str, to: &str) -> Option<Value> {
        if !path.starts_with("/time-reports/") || !matches!(to, "signed" | "attested" | "approved") {
            return None;
        }
        let answer = self.get(path);
        let sha256 = (answer.status == 200).then(|| answer.json()["contentSha256"].clone());
        // Whoever sees no content names one that there is not.
        let sha256 = sha256.filter(Value::is_string).unwrap_or_else(|| json!("0".repeat(64)));
        Some(json!({"sha256": sha256}))
    }

    /// `POST …/status-changes` with a comment.
    pub fn change_because(&self, path: &str, to: &str, comment: &str) -> Response {
        let mut body = json!({"to": to, "comment": comment});
        if let Some(read) = self.read_before(path, to) {
            body["data"] = read;
        }
        self.post(&format!("{path}/status-changes"), body)
    }

    /// Posts a form, for the token endpoint.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let mut form = String::new();
        for (name, value) in fields {
            if !form.is_empty() {
                form.push('&');
            }
            form.push_str(&format!("{name}={}", percent(value)));
        }
        self.send("POST", path, Some(("application/x-www-form-urlencoded", form)))
    }

    /// Sends any request. A path lies below `/api/v1`; with a leading `//` it lies at the root.
    #[track_caller]
    pub fn send(&self, method: &str, path: &str, body: Option<(&str, String)>) -> Response {
        let address = match path.strip_prefix("//") {
            Some(root) => format!("{}/{root}", self.base),
            None if path.starts_with("http") => path.to_owned(),
            None => format!("{}/api/v1{path}", self.base),
        };
        let mut request = ureq::http::Request::builder().method(method).uri(&address);
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        // Small buffers: filling ureq's 256 KB with zeros took a fifth of the time of the tests (debug build).
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
            + self.token.as_ref().map_or(0, String::len);
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .input_buffer_size(BUFFER)
            .output_buffer_size(BUFFER + address.len() + headers)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            .build()
            .into();
        let sent = match body {
            Some((media_type, body)) => {
                agent.run(request.header("Content-Type", media_type).body(body).unwrap())
            }
            None => agent.run(request.body(()).unwrap()),
        };
        let mut answer = sent.unwrap_or_else(|error| panic!("{method} {address}: {error}"));
        let headers = answer.headers().iter();
        let headers: Vec<(String, String)> = headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let bytes = answer.body_mut().read_to_vec().unwrap();
        let coding =
            headers.iter().find(|(name, _)| name == "content-encoding").map(|(_, coding)| coding.as_str());
        let (sent, text) = (bytes.len(), unpacked(coding, bytes));
        let status = answer.status().as_u16();
        let is_oauth = address.contains("/api/v1/oauth/");
        let response = Response { status, headers, text, sent, is_oauth };
        if let Some(path) = address.strip_prefix(&self.base).filter(|_| self.is_checked) {
            super::documented::check(method, path, &response);
        }
        response
    }
}

/// The text of a body, unpacked.
fn unpacked(coding: Option<&str>, bytes: Vec<u8>) -> String {
    let mut plain = Vec::new();
    match coding.filter(|_| !bytes.is_empty()) {
        Some("gzip") => drop(flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).unwrap()),
        Some("br") => brotli::BrotliDecompress(&mut bytes.as_slice(), &mut plain).unwrap(),
        other => {
            assert!(other.is_none_or(|_| bytes.is_empty()), "{other:?}");
            plain = bytes;
        }
    }
    String::from_utf8(plain).unwrap()
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

impl Response {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The code of a problem; empty without one.
    pub fn json_code(&self) -> String {
        let body: Value = serde_json::from_str(&self.text).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Fails unless the response has this status; returns the body.
    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// Fails unless the response is a problem with this status and code; returns the problem.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let problem = self.is(status);
        assert_eq!(problem["code"], code, "{}", self.text);
        assert_eq!(problem["status"], status, "{}", self.text);
        let media_type = self.header("content-type").unwrap_or_default();
        let is_right = media_type == "application/problem+json"
            || (self.is_oauth && media_type.starts_with("application/json"));
        assert!(is_right, "{media_type}: {}", self.text);
        problem
    }

    /// The errors of a problem, sorted: pointer and code.
    #[track_caller]
    pub fn faults(&self) -> Vec<(String, String)> {
        let problem = self.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let mut faults: Vec<_> = errors.iter().map(|e| (text(&e["pointer"]), text(&e["code"]))).collect();
        faults.sort();
        faults
    }

    /// Fails unless it is a page of this status that shows these words.
    #[track_caller]
    pub fn shows(&self, status: u16, words: &[&str]) {
        assert_eq!(self.status, status, "{}", self.text);
        for words in words {
            assert!(self.text.contains(words), "{words}: {}", self.text);
        }
    }

    /// The id in the body.
    #[track_caller]
    pub fn id(&self) -> Id {
        self.json()["id"].as_str().expect("an id").parse().unwrap()
    }
}
