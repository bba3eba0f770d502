//! The documents at the root that others need to verify our tokens and signatures: the public keys (RFC 7517) and the
//! metadata of the authorization server (RFC 8414).

use actix_web::web;
use serde_json::{Value, json};

use crate::identity::keys;
use crate::platform::auth::token::{PublicKey, jwks};
use crate::platform::http::answer::Answer;
use crate::platform::problem::Problem;
use crate::platform::services::Services;

/// The `Cache-Control` of both documents. The time is short, so that clients soon learn of a new key.
const FIVE_MINUTES: &str = "public, max-age=300";

/// How clients say who they are: people's not at all, systems in the header or in the form.
const CLIENT_METHODS: [&str; 3] = ["none", "client_secret_basic", "client_secret_post"];

/// `GET /.well-known/jwks.json`: the keys of all tokens that are accepted now, and every key that has signed records, because
/// records are verified years later.
async fn key_set(services: web::Data<Services>) -> Result<Answer, Problem> {
    let tokens = services.callers.key_ring().await?;
    let records = keys::record_keys(&services)?;
    let mut document = jwks(&tokens, services.clock.wall());
    if let Some(list) = document.get_mut("keys").and_then(Value::as_array_mut) {
        list.extend(records.public().map(PublicKey::jwk));
    }
    Ok(Answer::json(&document)?.cached(FIVE_MINUTES).tagged())
}

/// `GET /.well-known/oauth-authorization-server`.
async fn metadata(services: web::Data<Services>) -> Result<Answer, Problem> {
    let issuer = &services.addresses.public_url;
    let document = json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/api/v1/oauth/token"),
        "token_endpoint_auth_methods_supported": CLIENT_METHODS,
        "revocation_endpoint": format!("{issuer}/api/v1/oauth/revoke"),
        "revocation_endpoint_auth_methods_supported": CLIENT_METHODS,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "grant_types_supported": ["password", "refresh_token", "client_credentials"],
        "response_types_supported": [],
        "service_documentation": format!("{issuer}/docs"),
        "ui_locales_supported": ["sv", "en"],
    });
    Ok(Answer::json(&document)?.cached(FIVE_MINUTES).tagged())
}

const KEY_SET: &str = "/.well-known/jwks.json";
const METADATA: &str = "/.well-known/oauth-authorization-server";

/// The paths of the two documents, for `Allow`.
pub const WELL_KNOWN: &[&str] = &[KEY_SET, METADATA];

/// Registers the two documents.
pub fn well_known(cfg: &mut web::ServiceConfig) {
    cfg.route(KEY_SET, web::get().to(key_set));
    cfg.route(METADATA, web::get().to(metadata));
}
