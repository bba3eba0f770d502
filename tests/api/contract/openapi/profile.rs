//! What DIGG's linter for the REST API-profil (RAP-LP) asks of a document and other checks here do not: UFN.02, UFN.07,
//! UFN.08, DOK.03, DOT.02, DOT.04, AME.05. RFC 6749's own names are the one mixture.

use samverkan::platform::context::{BASE_PATH, EXAMPLE_URL};
use serde_json::{Value, json};

use super::quality::{OAUTH_NAMES, list, objects};
use crate::support::documented::resolved_in;

/// Every breach of the profile.
pub fn faults(document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    server(document, &mut faults);
    for (path, item) in objects(document.get("paths")) {
        for element in path.split('/').filter(|element| !element.is_empty() && !element.starts_with('{')) {
            let is_sound = !element.contains(['.', ',', '_', '~'])
                && !element.contains("--")
                && !element.starts_with('-')
                && !element.ends_with('-');
            that(&mut faults, is_sound, || {
                format!("{path}: {element}: only hyphens may part words (UFN.08)")
            });
        }
        for (_, operation) in objects(Some(item)) {
            for parameter in list(operation.get("parameters")) {
                let name = resolved_in(document, parameter)["name"].as_str().unwrap_or_default();
                let is_sound = name.starts_with(|first: char| first.is_ascii_alphabetic());
                that(&mut faults, is_sound, || format!("{path}: {name} does not begin with a letter"));
            }
        }
    }
    for (name, schema) in objects(document.pointer("/components/schemas")) {
        names(name, schema, &mut faults);
    }
    dates("", document, &mut faults);
    faults
}

fn that(faults: &mut Vec<String>, holds: bool, otherwise: impl FnOnce() -> String) {
    if !holds {
        faults.push(otherwise());
    }
}

/// One literal address without variables; the license has an address, and so no identifier.
fn server(document: &Value, faults: &mut Vec<String>) {
    let servers: Vec<&Value> = list(document.get("servers")).collect();
    let is_sound = matches!(servers.as_slice(), [server]
        if server["url"] == format!("{EXAMPLE_URL}{BASE_PATH}") && server.get("variables").is_none());
    that(faults, is_sound, || format!("servers are {servers:?} (UFN.02)"));
    let license = &document["info"]["license"];
    let has_address = license["url"].as_str().is_some_and(|url| url.starts_with("https://"));
    that(faults, has_address && license.get("identifier").is_none(), || {
        format!("license {license} (DOK.03)")
    });
}

/// A schema's own names are in camelCase, apart from RFC 6749's.
fn names(schema: &str, value: &Value, faults: &mut Vec<String>) {
    let own = objects(value.get("properties")).map(|(name, _)| name.as_str());
    let snake: Vec<&str> = own.filter(|name| name.trim_start_matches('_').contains('_')).collect();
    let is_known = snake.iter().all(|name| OAUTH_NAMES.contains(name));
    that(faults, is_known, || format!("{schema} has {snake:?} (AME.05)"));
}

/// Every day and instant has a singular `example` that is one.
fn dates(here: &str, value: &Value, faults: &mut Vec<String>) {
    let pattern = match value.get("format").and_then(Value::as_str) {
        Some("date") => Some("0000-00-00"),
        Some("date-time") => Some("0000-00-00T00:00:00.000Z"),
        _ => None,
    };
    if let (Some(pattern), Some("string")) = (pattern, value["type"].as_str()) {
        let example = value["example"].as_str().unwrap_or_default();
        let digits: String = example.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        that(faults, digits == pattern, || format!("{here}: {example:?} is no example (DOT.02, DOT.04)"));
    }
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| dates(&format!("{here}/{name}"), member, faults));
        }
        Value::Array(items) => items.iter().for_each(|item| dates(here, item, faults)),
        _ => {}
    }
}

#[test]
fn breaches_of_the_profile_are_found() {
    let document = json!({
        "servers": [{"url": "https://{host}/api/v1", "variables": {"host": {"default": "x"}}}],
        "info": {"license": {"name": "EUPL", "identifier": "EUPL-1.2"}},
        "paths": {"/openapi.json": {"get": {"parameters": [{"name": "_id", "in": "query"}]}}},
        "components": {"schemas": {"Thing": {"properties": {
            "made_at": {"type": "string", "format": "date-time", "examples": ["2020-11-03T23:00:00.000Z"]},
            "day": {"type": "string", "format": "date", "example": "3 november"},
        }}}},
    });
    let faults = faults(&document).join("\n");
    for part in [
        "servers are",
        "license",
        "openapi.json",
        "_id does not",
        "made_at\"] (AME.05)",
        "/made_at:",
        "/day:",
    ] {
        assert!(faults.contains(part), "{part} in\n{faults}");
    }
}
