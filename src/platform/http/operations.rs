//! Where an area registers its operations. Each is declared once, and goes into a server, into the OpenAPI document or
//! into the list of paths. Servers do without the document: every worker has one, and collecting all schemas in each
//! took most of the memory of an idle process.

use std::borrow::Cow;
use std::collections::BTreeMap;

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::guard::{self, GuardContext};
use actix_web::{Resource, web};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{OperationBuilder, PathItem, Paths, PathsBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{
    ContentBuilder, HttpMethod, Ref, RefOr, Required, ResponseBuilder, ResponsesBuilder, Schema,
};
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::service_config::ServiceConfig;

use super::fallback::fallback;
use crate::platform::auth::action::ActionRow;
use crate::platform::problem::Code;
use crate::platform::text::Localized;

/// Collects operations for one purpose.
pub enum Operations<'c, 's> {
    /// To serve them.
    Served(&'c mut Served),
    /// To describe them.
    Described(&'c mut ServiceConfig<'s>),
    /// To know their paths, methods and parameters.
    Listed(&'c mut Paths),
}

impl Operations<'_, '_> {
    /// One operation: a handler with its path.
    pub fn service<F>(&mut self, operation: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + utoipa::Path + 'static,
    {
        match self {
            Self::Served(served) => served.add(&F::path(), operation),
            Self::Described(config) => {
                config.service(operation);
            }
            Self::Listed(paths) => paths.merge(operation.paths()),
        }
        self
    }

    /// One operation that is built in code.
    pub fn operation(&mut self, operation: Operation) -> &mut Self {
        match self {
            Self::Served(served) => {
                let Operation { path, route, .. } = operation;
                served.add(&path, route(&path));
            }
            Self::Described(config) => {
                config.service(operation.complete());
            }
            Self::Listed(paths) => paths.merge(operation.complete().paths),
        }
        self
    }
}

/// An operation that is built in code rather than declared with utoipa's attribute: its route, and its description for
/// OpenAPI, which is built only for the document.
pub struct Operation {
    method: HttpMethod,
    path: String,
    route: fn(&str) -> Resource,
    describe: Option<Box<dyn FnOnce(Operation) -> Operation>>,
    operation: OperationBuilder,
    responses: ResponsesBuilder,
    schemas: Schemas,
}

/// The OpenAPI description of an operation.
struct Description {
    paths: Paths,
    schemas: Schemas,
}

type Schemas = Vec<(String, RefOr<Schema>)>;

impl Operation {
    /// The operation with this method and path, below the base path.
    pub fn new(method: HttpMethod, path: &str, route: fn(&str) -> Resource) -> Self {
        Self {
            method,
            path: path.to_owned(),
            route,
            describe: None,
            operation: OperationBuilder::new(),
            responses: ResponsesBuilder::new(),
            schemas: Schemas::new(),
        }
    }

    /// With a description for OpenAPI.
    pub fn described(mut self, describe: impl FnOnce(Operation) -> Operation + 'static) -> Self {
        self.describe = Some(Box::new(describe));
        self
    }

    fn complete(mut self) -> Description {
        let complete = match self.describe.take() {
            Some(describe) => describe(self),
            None => self,
        };
        let operation = complete.operation.responses(complete.responses.build()).build();
        let item = PathItem::new(complete.method, operation);
        let paths = PathsBuilder::new().path(complete.path, item).build();
        Description { paths, schemas: complete.schemas }
    }

    /// With a tag and an operation id.
    pub fn id(mut self, tag: &str, id: &str) -> Self {
        self.operation = self.operation.tag(tag).operation_id(Some(id));
        self
    }

    /// With a summary, and a description of one paragraph in Swedish and one in English.
    pub fn texts(mut self, summary: &str, description: &Localized) -> Self {
        let paragraphs = format!("{}\n\n{}", description.sv, description.en);
        self.operation = self.operation.summary(Some(summary)).description(Some(paragraphs));
        self
    }

    /// With the action that the caller must be permitted.
    pub fn action(mut self, row: &ActionRow) -> Self {
        self.operation = self.operation.security(SecurityRequirement::new("bearer", [row.name]));
        self
    }

    /// With a required body and an example of it.
    pub fn takes<T: ToSchema>(mut self, example: Value) -> Self {
        let body = ContentBuilder::new().schema(Some(self.reference::<T>())).example(Some(example));
        let body = RequestBodyBuilder::new().content("application/json", body.build());
        self.operation = self.operation.request_body(Some(body.required(Some(Required::True)).build()));
        self
    }

    /// With the problems that do not follow from its method, path and body.
    pub fn problems<'c>(mut self, codes: impl Iterator<Item = &'c Code>) -> Self {
        let codes: Value = codes.map(|code| code.as_str()).collect();
        let extensions = ExtensionsBuilder::new().add("x-problem-codes", codes).build();
        self.operation = self.operation.extensions(Some(extensions));
        self
    }

    /// With the answer 200 and a representation.
    pub fn answers<T: ToSchema>(self, description: &str) -> Self {
        self.answers_with::<T>("200", description)
    }

    /// With an answer of this status and a representation.
    pub fn answers_with<T: ToSchema>(mut self, status: &str, description: &str) -> Self {
        let content = ContentBuilder::new().schema(Some(self.reference::<T>())).build();
        let response = ResponseBuilder::new().description(description).content("application/json", content);
        self.responses = self.responses.response(status, response.build());
        self
    }

    fn reference<T: ToSchema>(&mut self) -> RefOr<Schema> {
        self.schemas.push((T::name().into(), T::schema()));
        T::schemas(&mut self.schemas);
        Ref::from_schema_name(T::name()).into()
    }
}

impl OpenApiFactory for Description {
    fn paths(&self) -> Paths {
        self.paths.clone()
    }

    fn schemas(&self, schemas: &mut Schemas) {
        schemas.extend(self.schemas.iter().cloned());
    }
}

/// Registers nothing: the document is built without serving.
impl HttpServiceFactory for Description {
    fn register(self, _: &mut AppService) {}
}

/// The operations to serve, by the first segment of their path (`/time-entries`). actix tries one route after the
/// other, most of them by a regular expression; grouped like this, it tries only the routes of one resource.
#[derive(Default)]
pub struct Served(BTreeMap<String, Vec<ServedPath>>);

/// The operations of one path.
struct ServedPath {
    path: String,
    operations: Vec<Registration>,
}

type Registration = Box<dyn FnOnce(&mut web::ServiceConfig)>;

impl Served {
    fn add(&mut self, path: &str, route: impl HttpServiceFactory + 'static) {
        let first = segment(path, 0).into_owned();
        let paths = self.0.entry(first).or_default();
        let operation: Registration = Box::new(|config| {
            config.service(route);
        });
        match paths.iter_mut().find(|known| known.path == path) {
            Some(known) => known.operations.push(operation),
            None => paths.push(ServedPath { path: path.to_owned(), operations: vec![operation] }),
        }
    }

    /// Registers the operations in the scope of `base_path`.
    pub fn register(self, base_path: &str, config: &mut web::ServiceConfig) {
        for (first, paths) in self.0 {
            let base = base_path.to_owned();
            let is_first = move |request: &GuardContext<'_>| begins(request.head().uri.path(), &base, &first);
            let scope = web::scope("").guard(guard::fn_guard(is_first));
            config.service(scope.configure(|config| register_paths(paths, config)));
        }
    }
}

/// Registers paths, fixed ones first. A fixed path also takes the methods that it does not have, which would otherwise
/// go to the path with a parameter in the same place: `PATCH /time-entries/aggregate` is no change of a time entry.
fn register_paths(mut paths: Vec<ServedPath>, config: &mut web::ServiceConfig) {
    paths.sort_by_key(|path| path.path.matches('{').count());
    let all: Vec<String> = paths.iter().map(|path| path.path.clone()).collect();
    for ServedPath { path, operations } in paths {
        operations.into_iter().for_each(|add| add(config));
        if all.iter().any(|other| is_case_of(&path, other)) {
            config.service(web::resource(&path).to(fallback));
        }
    }
}

/// Whether `path` is also a value of the parameters of `other`.
fn is_case_of(path: &str, other: &str) -> bool {
    let pairs = || path.split('/').zip(other.split('/'));
    path.matches('/').count() == other.matches('/').count()
        && pairs().all(|(one, other)| other.contains('{') || one == other)
        && pairs().any(|(one, other)| other.contains('{') && !one.contains('{'))
}

/// Whether `first` is the first segment of a path after `base`. Every request asks this for most resources, so the
/// path is decoded only if it has something to decode.
fn begins(path: &str, base: &str, first: &str) -> bool {
    let rest = path.strip_prefix(base).and_then(|rest| rest.strip_prefix('/')?.strip_prefix(first));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        || (path.as_bytes().contains(&b'%') && segment(path, base.matches('/').count()) == first)
}

/// A segment of a path, counted from 0, decoded as actix does.
fn segment(path: &str, index: usize) -> Cow<'_, str> {
    percent_decode_str(path.split('/').nth(index + 1).unwrap_or_default()).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_counted_from_zero_and_decoded() {
        for (path, index, expected) in [
            ("/time-entries/{timeEntryId}", 0, "time-entries"),
            ("/api/v1/time%2Dentries", 2, "time-entries"),
            ("/api/v1/time-entries", 2, "time-entries"),
            ("/api/v1/", 2, ""),
            ("/api/v1", 2, ""),
        ] {
            assert_eq!(segment(path, index), expected, "{path}");
        }
    }

    #[test]
    fn a_fixed_path_is_a_case_of_one_with_a_parameter() {
        for (path, other, expected) in [
            ("/time-entries/batch", "/time-entries/{id}", true),
            ("/people/{id}/roles/batch", "/people/{person}/roles/{role}", true),
            ("/time-entries/{id}", "/time-entries/{other}", false),
            ("/time-entries/{id}", "/time-entries/batch", false),
            ("/time-entries/batch", "/time-entries/batch", false),
            ("/time-entries", "/time-entries/{id}", false),
            ("/time-entries/a/b", "/time-entries/{id}/c", false),
        ] {
            assert_eq!(is_case_of(path, other), expected, "{path} and {other}");
        }
    }

    #[test]
    fn a_path_begins_with_its_whole_first_segment() {
        for (path, expected) in [
            ("/api/v1/time-entries", true),
            ("/api/v1/time-entries/7", true),
            ("/api/v1/time%2Dentries/7", true),
            ("/%61pi/v1/time-entries", true),
            ("/api/v1/time-entries-sums", false),
            ("/api/v1/time-entries%2D", false),
            ("/api/v1/people/time-entries", false),
            ("/api/v1/people/%2D", false),
            ("/api/v1time-entries", false),
            ("/api/v1", false),
        ] {
            assert_eq!(begins(path, "/api/v1", "time-entries"), expected, "{path}");
        }
    }
}
