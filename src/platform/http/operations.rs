//! Where an area registers its operations. Each is declared once; here it goes either into a server or into the OpenAPI
//! document. A server does not need the document, and every worker has a server of its own: to collect paths and schemas
//! there too made most of the memory of an idle process.

use actix_web::dev::HttpServiceFactory;
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::service_config::ServiceConfig;

/// Takes operations, one after the other.
pub enum Operations<'c, 's> {
    /// To serve them.
    Served(&'c mut actix_web::web::ServiceConfig),
    /// To describe them.
    Described(&'c mut ServiceConfig<'s>),
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
        }
        self
    }
}
