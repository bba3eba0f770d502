//! The request headers that every layer needs, read once. Invalid headers are collected, and refused together at their
//! place in the order of refusals (`http::parameters`).

use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};

use super::client;
use super::oauth;
use super::trace::Trace;
use crate::platform::context::{IfMatch, RequestFacts};
use crate::platform::http::accept;
use crate::platform::http::compression::Coding;
use crate::platform::http::parameters::HeaderErrors;
use crate::platform::problem::{Code, FieldError};
use crate::platform::services::Services;
use crate::platform::text::{Language, Localized};

/// The method and headers of a request, as the outermost layer needs them.
pub struct RequestHeaders {
    /// What is passed on to the inner layers.
    pub facts: Arc<RequestFacts>,
    /// The trace that the request belongs to.
    pub trace: Trace,
    /// The method as sent; `facts` has GET for HEAD.
    pub method: Method,
    /// The scheme of `Authorization` in lower case, if the header was sent.
    pub scheme: Option<String>,
    /// How the answer is sent.
    pub coding: Coding,
    /// At the token endpoints: whether a problem document is preferred to the plain JSON of RFC 6749.
    pub wants_problem_json: bool,
}

impl RequestHeaders {
    /// Reads the headers; the second value names the invalid ones.
    pub fn of(request: &ServiceRequest, services: &Services) -> (Self, Option<HeaderErrors>) {
        let headers = request.headers();
        let trace = Trace::of(text(headers, "traceparent"), &services.ids);
        let mut errors = Vec::new();
        let method = request.method().clone();
        let facts = Arc::new(RequestFacts {
            method: if method == Method::HEAD { Method::GET.to_string() } else { method.to_string() },
            path: request.path().to_owned(),
            trace_id: trace.id.clone(),
            language: text(headers, "accept-language").map(Language::negotiate).unwrap_or_default(),
            client_address: client_address(request, services),
            if_match: if_match(headers, &mut errors),
            idempotency_key: idempotency_key(headers, &mut errors),
            body_hash: String::new(),
            body_length: 0,
            body_errors: Vec::new(),
        });
        let scheme = headers.get(header::AUTHORIZATION).and_then(scheme);
        let wants_problem_json = oauth::is_endpoint(&facts.path)
            && accept::prefers(headers, "application/problem+json", "application/json");
        // What a caller sends there is a secret, and a problem could repeat it.
        let coding = if oauth::is_endpoint(&facts.path) { Coding::Plain } else { Coding::preferred(headers) };
        let errors = Code::InvalidHeader.refuse_any(errors).err().map(HeaderErrors);
        (Self { facts, trace, method, scheme, coding, wants_problem_json }, errors)
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The first word; the token after it is not read here.
fn scheme(authorization: &HeaderValue) -> Option<String> {
    let mut words = authorization.as_bytes().split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.next().and_then(|word| str::from_utf8(word).ok()).map(str::to_ascii_lowercase)
}

fn client_address(request: &ServiceRequest, services: &Services) -> String {
    let proxies = &services.config.trusted_proxies;
    let peer = request.peer_addr();
    peer.map(|peer| client::key(client::address(peer.ip(), request.headers(), |hop| proxies.contains(hop))))
        .unwrap_or_default()
}

/// `*`, or ETags (RFC 9110 §13.1.1). Only the version is compared, with or without `W/` and with anything after it: a list row
/// tells only the version, an answer in the other language has another hash, and proxies add to a tag (`-gzip`).
fn if_match(headers: &HeaderMap, errors: &mut Vec<FieldError>) -> Option<IfMatch> {
    let mut lines =
        headers.get_all(header::IF_MATCH).map(|line| line.to_str().unwrap_or_default()).peekable();
    lines.peek()?;
    let read = condition(&lines.collect::<Vec<_>>().join(","));
    if read.is_none() {
        let sv = "En ETag som den gavs, bara versionen inom citattecken (\"3\"), eller *.";
        let en = "An ETag as it was given, only the version in quotation marks (\"3\"), or *.";
        errors.push(FieldError::new("If-Match", "invalidValue", Localized::fixed(sv, en)));
    }
    read
}

fn condition(value: &str) -> Option<IfMatch> {
    if value.trim() == "*" {
        return Some(IfMatch::Any);
    }
    let tags = value.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(opaque);
    let tags: Vec<&str> = tags.collect::<Option<_>>()?;
    (!tags.is_empty()).then(|| IfMatch::Versions(tags.into_iter().filter_map(version).collect()))
}

/// The text between the quotation marks of an ETag.
fn opaque(tag: &str) -> Option<&str> {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    quoted.strip_prefix('"')?.strip_suffix('"').filter(|inner| !inner.contains('"'))
}

/// The version that a tag begins with: `3`, or `3-` and anything; none for other tags.
fn version(tag: &str) -> Option<i32> {
    let version = tag.split_once('-').map_or(tag, |(version, _)| version);
    let is_number = version.bytes().all(|byte| byte.is_ascii_digit());
    version.parse().ok().filter(|_| is_number)
}

/// 1–255 visible ASCII characters.
fn idempotency_key(headers: &HeaderMap, errors: &mut Vec<FieldError>) -> Option<String> {
    let mut values = headers.get_all("idempotency-key");
    let first = values.next()?;
    let is_single = values.next().is_none();
    let is_visible = (1..=255).contains(&first.len()) && first.as_bytes().iter().all(u8::is_ascii_graphic);
    let key = first.to_str().ok().filter(|_| is_single && is_visible);
    if key.is_none() {
        let sv = "1–255 synliga ASCII-tecken, en gång.";
        let en = "1–255 visible ASCII characters, once.";
        errors.push(FieldError::new("Idempotency-Key", "invalidValue", Localized::fixed(sv, en)));
    }
    key.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderName;

    #[test]
    fn versions_are_read_and_foreign_tags_ignored() {
        let versions = |versions: &[i32]| Some(IfMatch::Versions(versions.to_vec()));
        for (value, expected) in [
            ("*", Some(IfMatch::Any)),
            ("\"7-0123456789abcdef\"", versions(&[7])),
            (" W/\"7-0a\" ", versions(&[7])),
            ("\"7-0a\", \"8-0b\",\"abc\"", versions(&[7, 8])),
            ("\"7\"", versions(&[7])),
            ("W/\"7\"", versions(&[7])),
            ("\"7-\"", versions(&[7])),
            ("\"7-anything\"", versions(&[7])),
            ("\"7-0a-gzip\", \"7-0a--gzip\"", versions(&[7, 7])),
            ("\"+7\", \"-7\", \"7x\", \"\", \"7/0a\"", versions(&[])),
            ("\"99999999999-0a\"", versions(&[])),
            ("7", None),
            ("\"7-0a\", 8", None),
            ("\"7-0a\" \"8-0b\"", None),
            ("*, *", None),
            ("", None),
        ] {
            assert_eq!(condition(value), expected, "{value}");
        }
    }

    #[test]
    fn all_invalid_headers_are_named() {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, HeaderValue::from_static("abc"));
        headers.insert(HeaderName::from_static("idempotency-key"), HeaderValue::from_static("a b"));
        let mut errors = Vec::new();
        assert_eq!(if_match(&headers, &mut errors), None);
        assert_eq!(idempotency_key(&headers, &mut errors), None);
        let named: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(named, ["If-Match", "Idempotency-Key"]);
    }

    #[test]
    fn a_key_has_1_to_255_visible_characters() {
        for (key, is_accepted) in
            [("a", true), (&"x".repeat(255), true), (&"x".repeat(256), false), ("", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static("idempotency-key"), HeaderValue::from_str(key).unwrap());
            let mut errors = Vec::new();
            assert_eq!(idempotency_key(&headers, &mut errors).is_some(), is_accepted);
            assert_eq!(errors.is_empty(), is_accepted);
        }
    }
}
