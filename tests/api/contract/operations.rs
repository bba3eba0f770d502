//! The operations of the OpenAPI document, as the contract's tests walk them.

use samverkan::identity::policy::ACTIONS;
use samverkan::platform::auth::action::{Access, ActionRow};
use serde_json::Value;

use crate::support::documented::{document, resolved};
use crate::support::{Client, Response};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An operation with its row of the policy table.
pub struct Operation {
    pub method: String,
    pub path: String,
    pub has_body: bool,
    /// None for operations that need no permission, like the document itself.
    pub row: Option<&'static ActionRow>,
    parameters: Vec<&'static Value>,
}

/// Every operation of the document.
pub fn operations() -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let action = operation["x-permission"].as_str();
            found.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                has_body: operation.get("requestBody").is_some(),
                row: action.map(|name| *ACTIONS.iter().find(|row| row.name == name).unwrap()),
                parameters: operation["parameters"].as_array().into_iter().flatten().map(resolved).collect(),
            });
        }
    }
    found
}

/// The paths of the lists: operations that answer page by page.
pub fn lists() -> Vec<String> {
    let is_page = |item: &'static Value| {
        let schema = item.pointer("/get/responses/200/content/application~1json/schema");
        schema.is_some_and(|schema| resolved(schema).pointer("/properties/_meta").is_some())
    };
    let is_list = |operation: &Operation| {
        operation.method == "GET"
            && operation.query_parameter("limit").is_some()
            && is_page(&document()["paths"][&operation.path])
    };
    operations().into_iter().filter(is_list).map(|operation| operation.path).collect()
}

impl Operation {
    /// Method and path template.
    pub fn name(&self) -> (&str, &str) {
        (&self.method, &self.path)
    }

    /// Whether callers need no token.
    pub fn is_open(&self) -> bool {
        self.row.is_none_or(|row| row.access == Access::Anyone)
    }

    fn parameter(&self, place: &str, name: &str) -> Option<&'static Value> {
        self.parameters.iter().copied().find(|known| known["in"] == place && known["name"] == name)
    }

    /// A query parameter.
    pub fn query_parameter(&self, name: &str) -> Option<&'static Value> {
        self.parameter("query", name)
    }

    /// The path with the given values; the other parameters get values that name nothing.
    pub fn filled(&self, known: &[(&str, &str)]) -> String {
        let mut path = self.path.clone();
        while let Some((start, rest)) = path.split_once('{') {
            let (name, tail) = rest.split_once('}').unwrap();
            let given = known.iter().find(|(parameter, _)| *parameter == name).map(|(_, value)| *value);
            path = format!("{start}{}{tail}", given.unwrap_or_else(|| self.made_up(name)));
        }
        path
    }

    /// A value of the right form that names nothing.
    fn made_up(&self, name: &str) -> &'static str {
        let schema = self.parameter("path", name).map(|parameter| resolved(&parameter["schema"]));
        match schema.and_then(|schema| schema["format"].as_str()) {
            Some("uuid") => "0175a2e1-7c00-7000-8000-00000000dead",
            Some("month") => "2021-03",
            _ => "9999",
        }
    }

    /// Sends the request, with an empty object where a body is expected.
    pub fn send(&self, client: &Client, path: &str) -> Response {
        let body = self.has_body.then(|| ("application/json", "{}".to_owned()));
        client.send(&self.method, path, body)
    }
}
