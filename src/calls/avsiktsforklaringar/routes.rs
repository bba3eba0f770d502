//! Being written.

use utoipa_actix_web::service_config::ServiceConfig;

/// The resource's operations.
pub fn routes(_cfg: &mut ServiceConfig) {}
