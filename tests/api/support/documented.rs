//! Every refusal that any test meets must stand in the OpenAPI document: a client's author reads there what can happen.

use std::sync::OnceLock;

use serde_json::Value;

const BASE_PATH: &str = "/api/v1";

/// The document of this very code.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| samverkan::app::document().unwrap())
}

/// The path item that a request's path fits, fixed segments before parameters; none outside the base path.
fn path_item(path: &str) -> Option<(&'static str, &'static Value)> {
    let path = path.split(['?', '#']).next()?.strip_prefix(BASE_PATH)?;
    let given: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let wanted: Vec<&str> = template.split('/').collect();
        let fits = |(wanted, given): (&&str, &&str)| {
            wanted == given || (wanted.starts_with('{') && !given.is_empty())
        };
        wanted.len() == given.len() && wanted.iter().zip(&given).all(fits)
    };
    let paths = document()["paths"].as_object().unwrap();
    let fitting = paths.iter().filter(|(template, _)| fits(template));
    fitting
        .min_by_key(|(template, _)| template.matches('{').count())
        .map(|(path, item)| (path.as_str(), item))
}

/// Fails when a refusal is not documented for its operation.
#[track_caller]
pub fn check(method: &str, path: &str, status: u16, body: &str) {
    if status < 400 {
        return;
    }
    let Some((template, item)) = path_item(path) else { return };
    let problem: Value = serde_json::from_str(body)
        .unwrap_or_else(|_| panic!("{method} {template}: {status} without a problem document: {body}"));
    let code = problem["code"].as_str().unwrap_or_default();
    let method = if method == "HEAD" { "GET" } else { method };
    match item.get(method.to_lowercase()) {
        None => assert_eq!(code, "methodNotAllowed", "{method} {template}"),
        Some(operation) => {
            let codes = operation["x-problem-codes"].as_array().unwrap();
            let is_documented = code == "headersTooLarge" || codes.iter().any(|known| known == code);
            assert!(
                is_documented,
                "{method} {template} answered {status} {code}, which its x-problem-codes do not name: {body}"
            );
        }
    }
}
