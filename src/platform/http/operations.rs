//! Where an area registers its operations. Each is declared once; here it goes into a server, into the OpenAPI document, or
//! into the list of paths. A server does not need the document, and every worker has a server of its own: to collect all
//! schemas there made most of the memory of an idle process.

use std::borrow::Cow;
use std::collections::BTreeMap;

use actix_web::dev::HttpServiceFactory;
use actix_web::guard::{self, GuardContext};
use actix_web::web;
use percent_encoding::percent_decode_str;
use utoipa::openapi::path::Paths;
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::service_config::ServiceConfig;

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

/// What is served, by the first part of the path: `/time-entries`. actix tries one route after the other, most of them
/// by a regular expression; so it only tries those of the resource that the path names.
#[derive(Default)]
pub struct Served(BTreeMap<String, Vec<Registration>>);

type Registration = Box<dyn FnOnce(&mut web::ServiceConfig)>;

impl Served {
    fn add<F: HttpServiceFactory + 'static>(&mut self, path: &str, operation: F) {
        let first = part(path, 0).into_owned();
        self.0.entry(first).or_default().push(Box::new(|config| {
            config.service(operation);
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
