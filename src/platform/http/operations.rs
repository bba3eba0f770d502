//! Where an area registers its operations. Each is declared once; here it goes into a server, into the OpenAPI document, or
//! into the list of paths. A server does not need the document, and every worker has a server of its own: to collect all
//! schemas there made most of the memory of an idle process.

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

use crate::platform::auth::action::ActionRow;
use crate::platform::problem::Code;
use crate::platform::text::Localized;

/// Takes operations, one after the other.
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
}

impl Operations<'_, '_> {
    /// One operation that is put together by the program.
    pub fn operation(&mut self, operation: Operation) -> &mut Self {
        match self {
            Self::Served(served) => {
                let Operation { path, route, .. } = operation;
                served.add_route(&path, route(&path));
            }
            Self::Described(config) => {
                config.service(operation.complete());
            }
            Self::Listed(paths) => paths.merge(operation.complete().paths),
        }
        self
    }
}

/// An operation that is put together by the program rather than by utoipa's attribute: its route, and what OpenAPI says
/// of it, which is made only where the document is.
pub struct Operation {
    method: HttpMethod,
    path: String,
    route: fn(&str) -> Resource,
    describe: Option<Box<dyn FnOnce(Operation) -> Operation>>,
    operation: OperationBuilder,
    responses: ResponsesBuilder,
    schemas: Schemas,
}

/// An operation as OpenAPI tells of it.
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

    /// What OpenAPI says of it.
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

    /// Its tag and its id.
    pub fn id(mut self, tag: &str, id: &str) -> Self {
        self.operation = self.operation.tag(tag).operation_id(Some(id));
        self
    }

    /// A line, and a paragraph in Swedish and one in English.
    pub fn texts(mut self, summary: &str, description: &Localized) -> Self {
        let paragraphs = format!("{}\n\n{}", description.sv, description.en);
        self.operation = self.operation.summary(Some(summary)).description(Some(paragraphs));
        self
    }

    /// Who may.
    pub fn action(mut self, row: &ActionRow) -> Self {
        self.operation = self.operation.security(SecurityRequirement::new("bearer", [row.name]));
        self
    }

    /// The body that it takes, with an example.
    pub fn takes<T: ToSchema>(mut self, example: Value) -> Self {
        let body = ContentBuilder::new().schema(Some(self.reference::<T>())).example(Some(example));
        let body = RequestBodyBuilder::new().content("application/json", body.build());
        self.operation = self.operation.request_body(Some(body.required(Some(Required::True)).build()));
        self
    }

    /// The problems that it has beyond those of its shape.
    pub fn problems<'c>(mut self, codes: impl Iterator<Item = &'c Code>) -> Self {
        let codes: Value = codes.map(|code| code.as_str()).collect();
        let extensions = ExtensionsBuilder::new().add("x-problem-codes", codes).build();
        self.operation = self.operation.extensions(Some(extensions));
        self
    }

    /// 200 with a representation.
    pub fn answers<T: ToSchema>(mut self, description: &str) -> Self {
        let content = ContentBuilder::new().schema(Some(self.reference::<T>())).build();
        let response = ResponseBuilder::new().description(description).content("application/json", content);
        self.responses = self.responses.response("200", response.build());
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

/// Where the document is made, nothing is served.
impl HttpServiceFactory for Description {
    fn register(self, _: &mut AppService) {}
}

/// What is served, by the first part of the path: `/time-entries`. actix tries one route after the other, most of them
/// by a regular expression; so it only tries those of the resource that the path names.
#[derive(Default)]
pub struct Served(BTreeMap<String, Vec<Registration>>);

type Registration = Box<dyn FnOnce(&mut web::ServiceConfig)>;

impl Served {
    fn add<F: HttpServiceFactory + 'static>(&mut self, path: &str, operation: F) {
        self.add_route(path, operation);
    }

    fn add_route(&mut self, path: &str, route: impl HttpServiceFactory + 'static) {
        let first = part(path, 0).into_owned();
        self.0.entry(first).or_default().push(Box::new(|config| {
            config.service(route);
        }));
    }

    /// Puts them into the scope of `base_path`.
    pub fn register(self, base_path: &str, config: &mut web::ServiceConfig) {
        let before = base_path.matches('/').count();
        for (first, operations) in self.0 {
            let is_first = move |asked: &GuardContext<'_>| part(asked.head().uri.path(), before) == first;
            let scope = web::scope("").guard(guard::fn_guard(is_first));
            config.service(scope.configure(|config| operations.into_iter().for_each(|add| add(config))));
        }
    }
}

/// A part of a path, counted from 0, as actix reads it.
fn part(path: &str, index: usize) -> Cow<'_, str> {
    percent_decode_str(path.split('/').nth(index + 1).unwrap_or_default()).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_between_slashes_and_decoded() {
        for (path, index, expected) in [
            ("/time-entries/{timeEntryId}", 0, "time-entries"),
            ("/api/v1/time%2Dentries", 2, "time-entries"),
            ("/api/v1/time-entries", 2, "time-entries"),
            ("/api/v1/", 2, ""),
            ("/api/v1", 2, ""),
        ] {
            assert_eq!(part(path, index), expected, "{path}");
        }
    }
}
