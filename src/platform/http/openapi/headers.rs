//! The headers of answers: which there are, and which answer has them. What is `required` is always sent; the tests hold
//! every answer against it.

use serde_json::{Value, json};

use super::components::{ETAG, TRACEPARENT, both, header_reference};
use super::{Object, Place};
use crate::platform::http::service::WITHDRAWAL;
use crate::platform::problem::Code;

/// Every answer has them.
fn always() -> impl Iterator<Item = &'static str> {
    let always =
        ["Cache-Control", "Content-Language", "RateLimit", "RateLimit-Policy", "Vary", "traceparent"];
    always.into_iter().chain(WITHDRAWAL.iter().map(|(name, _)| *name))
}

/// Those of a successful answer with this body.
pub fn of_success(status: &str, place: &Place<'_>, schema: Option<&Value>) -> Vec<&'static str> {
    let mut names: Vec<_> = always().collect();
    // What can be asked for again, and what has versions.
    if place.method == "get" || schema.is_some_and(|schema| has_version(schema, place)) {
        names.push("ETag");
    }
    if status == "201" {
        names.push("Location");
    }
    if place.method == "post" && !place.is_oauth() {
        names.push("Idempotency-Replayed");
    }
    names
}

fn has_version(schema: &Value, place: &Place<'_>) -> bool {
    place.resolved(schema).is_some_and(|schema| schema.pointer("/properties/version").is_some())
}

/// Those of an answer that says that nothing is new.
pub fn of_unchanged() -> Vec<&'static str> {
    always().chain(["ETag"]).collect()
}

/// Those of a refusal for one of these reasons, which share a status.
pub fn of_refusal(codes: &[Code]) -> Vec<&'static str> {
    let further: &[&str] = match codes.first().map(|code| code.status()) {
        Some(401) => &["WWW-Authenticate"],
        Some(405) => &["Allow"],
        Some(429 | 503) => &["Retry-After"],
        _ if codes.contains(&Code::IdempotencyKeyInUse) => &["Retry-After"],
        _ => &[],
    };
    always().chain(further.iter().copied()).collect()
}

/// References to headers.
pub fn references(names: Vec<&'static str>) -> Object {
    names.into_iter().map(|name| (name.to_owned(), header_reference(name))).collect()
}

/// All of them, for the components.
pub fn all() -> Object {
    let text = |example: &str| json!({ "type": "string", "examples": [example] });
    let location = "https://samverkan.example.org/api/v1/programmes/0175a2e1-7c00-7000-8000-000000000001";
    let seconds = json!({ "type": "integer", "minimum": 0, "examples": [2] });
    let language = json!({ "type": "string", "enum": ["sv", "en"] });
    let trace = both("Spårningen enligt W3C Trace Context.", "The trace, as W3C Trace Context writes it.");
    let left = both(
        "Anrop kvar (r) och sekunder tills kvoten är hel (t).",
        "Requests left (r) and seconds until the quota is whole (t).",
    );
    let quota = both("Kvoten (q) per så många sekunder (w).", "The quota (q) for so many seconds (w).");
    let again =
        both("`true` när ett tidigare svar ges igen.", "`true` when an earlier answer is given again.");
    let depends = both("Vad svaret beror på.", "What the answer depends on.");
    let headers = [
        ("Allow", false, both("Metoderna som finns.", "The methods that exist."), text("GET, HEAD, OPTIONS")),
        (
            "Cache-Control",
            true,
            both("Om svaret får sparas.", "Whether the answer may be kept."),
            text("no-store"),
        ),
        ("Content-Language", true, both("Svarets språk.", "The language of the answer."), language),
        ("ETag", true, both("Svarets version.", "The answer's version."), text(ETAG)),
        ("Idempotency-Replayed", false, again, text("true")),
        (
            "Location",
            true,
            both("Adressen till det som skapades.", "The address of what was made."),
            text(location),
        ),
        ("RateLimit", false, left, text("\"caller\";r=1199;t=1")),
        ("RateLimit-Policy", false, quota, text("\"caller\";q=1200;w=60")),
        ("Retry-After", false, both("Sekunder att vänta.", "Seconds to wait."), seconds),
        ("Vary", true, depends, text("Authorization, Accept-Language")),
        (
            "WWW-Authenticate",
            true,
            both("Hur man identifierar sig.", "How to identify oneself."),
            text("Bearer"),
        ),
        ("traceparent", true, trace, text(TRACEPARENT)),
    ];
    let withdrawn = WITHDRAWAL.iter().map(|(name, value)| {
        (*name, true, both("Denna version tas ur bruk.", "This version will be withdrawn."), text(value))
    });
    let described = headers.into_iter().chain(withdrawn).map(|(name, required, description, schema)| {
        (name.to_owned(), json!({ "description": description, "required": required, "schema": schema }))
    });
    described.collect()
}
