//! The quality check of the finished document: the requirements of DIGG's REST API-profil and docs/API-DESIGN.md that a program can check.

use std::collections::BTreeSet;

use samverkan::platform::http::observe::oauth;
use serde_json::{Map, Value};

use super::{profile, values};
use crate::support::documented::resolved_in;

/// Names from RFC 6749 and RFC 7009, the only ones with an underscore.
pub const OAUTH_NAMES: [&str; 11] = [
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "grant_type",
    "client_id",
    "client_secret",
    "token_type_hint",
    "error_description",
    "error_uri",
    "client_assertion",
];

/// Every error in the finished document.
pub fn faults(document: &Value) -> Vec<String> {
    let mut check = Check { document, ids: BTreeSet::new(), faults: Vec::new() };
    check.top();
    for (path, item) in objects(document.get("paths")) {
        check.path(path);
        for (method, operation) in objects(Some(item)) {
            check.operation(&format!("{} {path}", method.to_uppercase()), method, path, operation);
        }
    }
    for (name, schema) in objects(document.pointer("/components/schemas")) {
        check.that(!name.contains('_'), || format!("schema {name}: an underscore in its name"));
        check.names(&format!("schema {name}"), schema);
    }
    check.references(document);
    check.faults.extend(values::faults(document));
    check.faults.extend(profile::faults(document));
    check.faults
}

struct Check<'a> {
    document: &'a Value,
    ids: BTreeSet<String>,
    faults: Vec<String>,
}

impl Check<'_> {
    fn that(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.faults.push(otherwise());
        }
    }

    fn top(&mut self) {
        let document = self.document;
        self.that(text(document, "/openapi").starts_with("3.1"), || "openapi is not 3.1".to_owned());
        for pointer in [
            "/info/title",
            "/info/version",
            "/info/termsOfService",
            "/info/contact/name",
            "/info/license/name",
            "/info/license/url",
            "/info/x-sla/sv",
            "/info/x-sla/en",
            "/info/x-limitations/sv",
            "/info/x-limitations/en",
            "/externalDocs/url",
        ] {
            self.that(!text(document, pointer).is_empty(), || format!("{pointer} is missing"));
        }
        self.that(is_bilingual(text(document, "/info/description")), || "info lacks a language".to_owned());
    }

    /// Kebab-case, except for parameters.
    fn path(&mut self, path: &str) {
        for segment in path.split('/').skip(1) {
            let fixed = segment.split_once('{').map_or(segment, |(before, _)| before);
            let is_kebab = fixed.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
            self.that(is_kebab, || format!("{path}: {segment} is not kebab-case"));
        }
        self.that(!path.contains('_'), || format!("{path}: an underscore"));
        self.that(!path.ends_with('/'), || format!("{path}: a slash at its end"));
    }

    fn operation(&mut self, place: &str, method: &str, path: &str, operation: &Value) {
        let id = text(operation, "/operationId").to_owned();
        self.that(is_camel_case(&id), || format!("{place}: operationId {id:?} is not camelCase"));
        let is_new = self.ids.insert(id.clone());
        self.that(is_new, || format!("{place}: operationId {id} is not unique"));
        self.that(!text(operation, "/summary").is_empty(), || format!("{place}: no summary"));
        let description = text(operation, "/description");
        self.that(is_bilingual(description), || format!("{place}: no Swedish and English description"));
        self.that(operation.get("security").is_some_and(Value::is_array), || format!("{place}: no security"));
        self.that(method != "get" || operation.get("requestBody").is_none(), || {
            format!("{place}: a body on GET")
        });
        self.tags(place, operation);
        self.parameters(place, path, operation);
        if let Some(body) = operation.get("requestBody") {
            self.examples(&format!("{place}: request"), body);
            self.that(objects(body.get("content")).next().is_some(), || {
                format!("{place}: a body without a media type")
            });
        }
        self.responses(place, path, operation);
    }

    fn tags(&mut self, place: &str, operation: &Value) {
        let described: Vec<&str> =
            list(self.document.get("tags")).filter_map(|tag| tag.get("name")?.as_str()).collect();
        let tags: Vec<&str> = list(operation.get("tags")).filter_map(Value::as_str).collect();
        self.that(!tags.is_empty(), || format!("{place}: no tag"));
        for tag in tags {
            self.that(described.contains(&tag), || format!("{place}: the tag {tag} has no description"));
        }
    }

    fn parameters(&mut self, place: &str, path: &str, operation: &Value) {
        let mut seen = BTreeSet::new();
        for parameter in list(operation.get("parameters")) {
            let parameter = resolved_in(self.document, parameter);
            let (name, kind) = (text(parameter, "/name"), text(parameter, "/in"));
            self.that(seen.insert((name, kind)), || format!("{place}: {name} is listed twice"));
            let is_sound = kind == "header" || is_camel_case(name);
            self.that(is_sound, || format!("{place}: the parameter {name} is not camelCase"));
            let described = text(parameter, "/description").contains(" / ");
            self.that(described, || format!("{place}: {name} is not described in both languages"));
            let is_in_path = path.contains(&format!("{{{name}}}"));
            self.that(kind != "path" || is_in_path, || format!("{place}: {name} is not in the path"));
        }
        for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            self.that(seen.contains(&(name, "path")), || format!("{place}: {name} is not a parameter"));
        }
        self.that(seen.contains(&("traceparent", "header")), || format!("{place}: no traceparent"));
    }

    fn responses(&mut self, place: &str, path: &str, operation: &Value) {
        let mut has_success = false;
        for (status, response) in objects(operation.get("responses")) {
            let response = resolved_in(self.document, response);
            let here = format!("{place}: {status}");
            let description = text(response, "/description");
            self.that(description.contains(" / "), || format!("{here} is not described in both languages"));
            self.examples(&here, response);
            let is_refusal = status == "default" || status.parse().is_ok_and(|status: u16| status >= 400);
            has_success |= !is_refusal;
            if is_refusal {
                let media: Vec<&str> =
                    objects(response.get("content")).map(|(media, _)| media.as_str()).collect();
                let wanted: &[&str] = if oauth::is_endpoint(path) {
                    &["application/json", "application/problem+json"]
                } else {
                    &["application/problem+json"]
                };
                self.that(media == wanted, || format!("{here} has {media:?} instead of {wanted:?}"));
            } else if let Some(content) = response.get("content") {
                self.names(&here, content);
            }
        }
        self.that(has_success, || format!("{place}: no successful answer"));
        let has_default = operation.pointer("/responses/default").is_some();
        self.that(has_default, || format!("{place}: no default answer"));
    }

    /// An example in every JSON body.
    fn examples(&mut self, here: &str, with_content: &Value) {
        for (media, body) in objects(with_content.get("content")).filter(|(media, _)| media.contains("json"))
        {
            let named =
                body.get("examples").and_then(Value::as_object).is_some_and(|examples| !examples.is_empty());
            self.that(named || body.get("example").is_some(), || format!("{here}: no example for {media}"));
        }
    }

    /// camelCase, except for `_meta`, `_links` and the names of OAuth 2.
    fn names(&mut self, here: &str, schema: &Value) {
        for (name, property) in objects(schema.get("properties")) {
            let is_known =
                matches!(name.as_str(), "_meta" | "_links") || OAUTH_NAMES.contains(&name.as_str());
            self.that(is_known || is_camel_case(name), || {
                format!("{here}: the field {name} is not camelCase")
            });
            self.names(here, property);
        }
    }

    fn references(&mut self, value: &Value) {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix('#').and_then(|pointer| self.document.pointer(pointer));
            self.that(target.is_some(), || format!("{reference} leads nowhere"));
        }
        match value {
            Value::Object(members) => members.values().for_each(|member| self.references(member)),
            Value::Array(items) => items.iter().for_each(|item| self.references(item)),
            _ => {}
        }
    }
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

pub fn objects(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

pub fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn is_camel_case(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Whether there is a Swedish and an English paragraph, recognized by common words.
fn is_bilingual(description: &str) -> bool {
    const SWEDISH: [&str; 16] = [
        "och", "som", "att", "av", "en", "ett", "den", "det", "på", "med", "till", "eller", "är", "för",
        "från", "alla",
    ];
    const ENGLISH: [&str; 16] = [
        "the", "of", "and", "a", "an", "is", "to", "with", "for", "that", "by", "or", "from", "all", "one",
        "as",
    ];
    let paragraphs: Vec<(usize, usize)> = description
        .split("\n\n")
        .map(|paragraph| {
            let words = paragraph.split(|letter: char| !letter.is_alphabetic()).map(str::to_lowercase);
            words.fold((0, 0), |(sv, en), word| {
                let is_in = |list: [&str; 16]| usize::from(list.contains(&word.as_str()));
                (sv + is_in(SWEDISH), en + is_in(ENGLISH))
            })
        })
        .collect();
    paragraphs.iter().any(|(sv, en)| sv > en) && paragraphs.iter().any(|(sv, en)| en > sv)
}
