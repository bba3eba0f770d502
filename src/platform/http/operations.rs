//! Where an area registers its operations. Each is declared once; here it goes into a server, into the OpenAPI document, or
//! into the list of paths. A server does not need the document, and every worker has a server of its own: to collect all
//! schemas there made most of the memory of an idle process.

use actix_web::dev::HttpServiceFactory;
use utoipa::openapi::path::Paths;
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::service_config::ServiceConfig;

/// Takes operations, one after the other.
pub enum Operations<'c, 's> {
    /// To serve them.
    Served(&'c mut actix_web::web::ServiceConfig),
    /// To describe them.
    Described(&'c mut ServiceConfig<'s>),
    /// To know their paths, methods and parameters.
    Listed(&'c mut Paths),
}

impl Operations<'_, '_> {
    /// One operation: a handler with its path.
    pub fn service<F: HttpServiceFactory + OpenApiFactory + 'static>(&mut self, operation: F) -> &mut Self {
        match self {
            Self::Served(config) => {
                config.service(operation);
            }
            Self::Described(config) => {
                config.service(operation);
            }
            Self::Listed(paths) => paths.merge(operation.paths()),
        }
        self
    }
}
