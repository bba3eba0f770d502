//! The OpenAPI document. utoipa collects paths and schemas from the handlers; what is the same for all of them (problems,
//! headers, roles, servers) is added here by rule, so that a handler says only what is its own, and forty resources
//! cannot drift apart. `tests/api/contract/openapi` checks the result: DIGG's REST API-profil as far as a document can
//! show it.
//!
//! What a handler says: a doc comment (a line, a Swedish paragraph, an English paragraph), its own parameters, bodies and
//! successful answers with an example on each type, `operation_id`, `security(("bearer" = ["action.name"]))`, and the
//! problems that only it has: `extensions(("x-problem-codes" = json!(["deadlinePassed"])))`.

mod answers;
mod codes;
mod components;
mod examples;
mod headers;
mod info;
mod operation;
mod parameters;
mod problems;
mod responses;
mod schemas;
mod served;
mod shared;
mod steps;
mod write;

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

use crate::platform::auth::action::ActionRow;
use crate::platform::context::BASE_PATH;
use crate::platform::problem::Problem;
use crate::platform::workflow::WorkflowTable;

pub use answers::MAY_BE_ABSENT;
pub use served::{Document, openapi_json, openapi_yaml};
pub use write::{to_json, to_yaml};

/// A JSON object.
type Object = Map<String, Value>;

/// Makes what utoipa collected into the document that is checked in. `actions` is the policy table; an operation that
/// names an action or a problem code that does not exist is a fault of the program. `workflows` tell which states can be
/// asked for.
pub fn finish(
    collected: &OpenApi,
    actions: &[&'static ActionRow],
    workflows: &[WorkflowTable],
) -> Result<Value, Problem> {
    let mut collected = serde_json::to_value(collected).map_err(Problem::internal)?;
    let mut taken = |pointer: &str| match collected.pointer_mut(pointer).map(Value::take) {
        Some(Value::Object(taken)) => taken,
        _ => Object::new(),
    };
    let mut paths = below_base(taken("/paths"));
    // The document is no part of what it describes.
    paths.retain(|path, _| !path.starts_with("/openapi."));
    let mut schemas = schemas::tidy(taken("/components/schemas"), &mut paths);
    steps::explain(&mut schemas, workflows);
    answers::promise(&mut schemas, &mut paths);
    let mut token_codes = BTreeSet::new();
    for (path, method, operation) in operations(&mut paths) {
        let place = Place { method, path, schemas: &schemas };
        let codes = operation::complete(operation, &place, actions)?;
        if place.is_oauth() {
            token_codes.extend(codes);
        }
    }
    schemas.extend(problems::schemas(&token_codes));
    let shared = shared::hoist(&mut paths, &mut schemas);
    answers::prune(&mut schemas, &paths, &shared);
    let mut components = components::all(schemas);
    components.extend(shared);
    Ok(info::document(paths, components))
}

/// The address of the server ends with the base path, and the paths begin after it.
fn below_base(paths: Object) -> Object {
    let below = |path: String| path.strip_prefix(BASE_PATH).map(str::to_owned).unwrap_or(path);
    paths.into_iter().map(|(path, item)| (below(path), item)).collect()
}

/// Every operation with its path and method.
fn operations(paths: &mut Object) -> impl Iterator<Item = (&String, &String, &mut Object)> {
    paths.iter_mut().flat_map(|(path, item)| {
        let methods = item.as_object_mut().into_iter().flatten();
        methods.filter_map(move |(method, operation)| Some((path, method, operation.as_object_mut()?)))
    })
}

/// Where an operation is.
struct Place<'a> {
    method: &'a str,
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

    /// What stands where a schema refers to, or the schema itself.
    fn resolved<'v>(&'v self, schema: &'v Value) -> Option<&'v Value> {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.schemas.get(reference.strip_prefix(schemas::FOLDER)?),
            None => Some(schema),
        }
    }

    /// A handler names what does not exist.
    fn unknown(&self, what: &str, name: &str) -> Problem {
        Problem::internal(format!("{} {} names the unknown {what} {name}", self.method, self.path))
    }
}

/// Takes an object out of another; an empty one when there is none.
fn take(object: &mut Object, name: &str) -> Object {
    match object.remove(name) {
        Some(Value::Object(taken)) => taken,
        _ => Object::new(),
    }
}
