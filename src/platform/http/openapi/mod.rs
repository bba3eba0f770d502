//! The OpenAPI document. utoipa collects paths and schemas from the handlers; what is the same for all of them (problems,
//! headers, roles, servers) is added here by rule, so that a handler says only what is its own, and forty resources
//! cannot drift apart. [`faults`] is the quality check: DIGG's REST API-profil as far as a document can show it.
//!
//! What a handler says: a doc comment (a line, a Swedish paragraph, an English paragraph), its own parameters, bodies and
//! successful answers with an example on each type, `security(("bearer" = ["action.name"]))`, and the problems that only
//! it has: `extensions(("x-problem-codes" = json!(["deadlinePassed"])))`.

mod codes;
mod components;
mod deprecated;
mod examples;
mod headers;
mod info;
mod names;
mod operation;
mod parameters;
mod quality;
mod responses;
mod schemas;
mod served;
mod shared;
mod steps;
mod values;
mod write;

use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

use crate::platform::auth::action::ActionRow;
use crate::platform::http::deprecation::{DEPRECATED, Deprecated};
use crate::platform::problem::Problem;
use crate::platform::workflow::WorkflowTable;

pub use quality::faults;
pub use served::{Document, openapi_json, openapi_yaml};
pub use values::validator;
pub use write::{to_compact_json, to_json, to_yaml};

/// Stands in the checked-in document where an installation has its own address.
pub const EXAMPLE_URL: &str = "https://samverkan.example.org";

/// A JSON object.
type Object = Map<String, Value>;

/// Makes what utoipa collected into the document that is checked in. `actions` is the policy table; an operation that
/// names an action outside it is a fault of the program. `workflows` tell which states can be asked for.
pub fn finish(
    collected: &OpenApi,
    actions: &[&'static ActionRow],
    workflows: &[WorkflowTable],
) -> Result<Value, Problem> {
    finish_with(collected, actions, workflows, DEPRECATED)
}

fn finish_with(
    collected: &OpenApi,
    actions: &[&'static ActionRow],
    workflows: &[WorkflowTable],
    table: &[Deprecated],
) -> Result<Value, Problem> {
    let mut document = serde_json::to_value(collected).map_err(Problem::internal)?;
    names::tidy(&mut document);
    schemas::tidy(&mut document);
    let Some(root) = document.as_object_mut() else { return Err(Problem::internal("no OpenAPI document")) };
    let mut components = take(root, "components");
    let mut schemas = take(&mut components, "schemas");
    steps::explain(&mut schemas, workflows);
    let mut paths = take(root, "paths");
    for (path, item) in &mut paths {
        let Some(item) = item.as_object_mut() else { continue };
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                let place = Place { method, path, schemas: &schemas };
                operation::complete(operation, &place, actions)?;
                deprecated::mark(operation, &place, table);
            }
        }
    }
    components.insert("schemas".to_owned(), schemas.into());
    components::add(&mut components);
    shared::hoist(&mut paths, &mut components);
    info::describe(root, &paths);
    root.insert("paths".to_owned(), paths.into());
    root.insert("components".to_owned(), components.into());
    Ok(document)
}

/// The document as one installation serves it: its own address in place of the example.
pub fn for_server(document: &Value, public_url: &str) -> Value {
    let mut served = document.clone();
    names::walk(&mut served, &mut |value| {
        if let Value::String(text) = value
            && text.contains(EXAMPLE_URL)
        {
            *text = text.replace(EXAMPLE_URL, public_url);
        }
    });
    if let Some(root) = served.as_object_mut() {
        root.insert("servers".to_owned(), info::server(public_url));
    }
    served
}

/// The methods of an OpenAPI path item that this API uses.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Where an operation is.
struct Place<'a> {
    method: &'static str,
    path: &'a str,
    schemas: &'a Object,
}

impl Place<'_> {
    fn is_write(&self) -> bool {
        self.method != "get"
    }

    /// PUT, PATCH and DELETE work on a version that the client has seen.
    fn needs_version(&self) -> bool {
        matches!(self.method, "put" | "patch" | "delete")
    }

    fn has_parameter(&self) -> bool {
        self.path.contains('{')
    }

    fn is_oauth(&self) -> bool {
        super::observe::oauth::is_endpoint(self.path)
    }
}

/// Takes an object out of another; an empty one when there is none.
fn take(object: &mut Object, name: &str) -> Object {
    match object.remove(name) {
        Some(Value::Object(taken)) => taken,
        _ => Object::new(),
    }
}

#[cfg(test)]
mod tests;
